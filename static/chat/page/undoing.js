// Undo, for a minute after messages were replaced. Only this tab can offer it: it holds the old ones.
import { sourceOf } from "./copying.js";
import { gettext } from "./language.js";
import { behind, inWindow, newestFolded, numberOf } from "./messages.js";
import { BADGE, FORMER, find, MESSAGES, REPLY, SESSION } from "./names.js";

const MINUTE = 60_000;

let former = null; // the place behind which they were, their numbers and text; `newest`, once they are replaced
let timer;

/** Keep the messages behind this place: they are about to be replaced. */
export function keepFormer(place) {
  forgetFormer();
  const messages = behind(+place);
  if (!messages.length) return;
  const said = Promise.all(messages.map(asSaid));
  said.catch(forgetFormer); // the whole of a long one could not be fetched
  former = { place, first: numberOf(messages[0]), last: numberOf(messages.at(-1)), said };
}

async function asSaid(message) {
  return {
    reply: message.matches(REPLY),
    stopped: message.querySelector(BADGE) !== null,
    text: await sourceOf(message),
  };
}

/** Forget them: they cannot come back any more. */
export function forgetFormer() {
  clearTimeout(timer);
  former = null;
  find(FORMER)?.replaceChildren();
}

/** Offer to undo a replacement that is now on the page, until something else is said. */
export function offerUndo() {
  if (!former) return;
  const numbers = inWindow().map(numberOf);
  const newest = numbers.at(-1);
  if (former.newest) return former.newest === newest ? undefined : forgetFormer();
  if (!(newest > former.last) || numbers.includes(former.first)) return;
  if (newestFolded() > +former.place) return forgetFormer();
  former.newest = newest;
  find(FORMER).append(offer());
  timer = setTimeout(forgetFormer, MINUTE);
}

function offer() {
  const paragraph = document.createElement("p");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet", textContent: gettext("Undo") });
  paragraph.append(gettext("Replaced."), " ", button);
  return paragraph;
}

async function undo(button) {
  if (button.ariaBusy) return;
  button.ariaBusy = "true";
  const { place, newest, said } = former;
  const values = { newest, said: JSON.stringify(await said) };
  const address = `${find(SESSION).getAttribute(MESSAGES)}${place}/undo`;
  await htmx.ajax("POST", address, { source: SESSION, swap: "none", values });
  button.ariaBusy = null;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`${FORMER} button`);
  if (button) undo(button);
});
