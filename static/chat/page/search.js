// The search over the list of sessions, and the message to which a result leads: it is loaded if it is folded, brought
// into view, and marked for a moment.
import { gettext } from "./language.js";
import { EARLIER_BUTTON, FOUND, find, MISSED, SEARCH_TEXT, SIDE } from "./names.js";
import { say } from "./notices.js";
import { showMessage } from "./scroll.js";
import { ANYWHERE, shortcut } from "./shortcuts.js";
import { verb } from "./verbs.js";

const ID = /^#(message-\d+)$/;
const idIn = (hash) => ID.exec(hash)?.[1] ?? "";
const numberIn = (id) => +id.split("-").at(-1);

let clicked = ""; // the message of the result that is being opened
let wanted = ""; // the message to be shown in this session

/** Another session is on the page: show its message that was asked for. */
export function aim(isFirst) {
  wanted = isFirst ? idIn(location.hash) : clicked;
  clicked = "";
}

/** Show the message that was asked for, if it is on the page; otherwise load those up to it. */
export function showWanted() {
  if (!wanted) return;
  const message = document.getElementById(wanted);
  if (!message) return loadUpTo(wanted);
  wanted = "";
  showMessage(message);
  message.dataset.sought = "";
  message.addEventListener("animationend", () => message.removeAttribute("data-sought"), { once: true });
}

const asked = new WeakSet(); // buttons, each of which loads messages once

function loadUpTo(id) {
  const button = find(EARLIER_BUTTON);
  if (!button) return giveUp();
  if (asked.has(button)) return; // the messages are on their way
  asked.add(button);
  const values = JSON.parse(button.getAttribute("hx-vals"));
  if (values.before && numberIn(id) >= +values.before) return giveUp();
  button.setAttribute("hx-vals", JSON.stringify({ ...values, through: numberIn(id) }));
  htmx.trigger(button, MISSED);
}

function giveUp() {
  wanted = "";
  say(gettext("This message is not in the session any more."));
}

document.addEventListener("click", ({ target }) => {
  const link = target.closest(`${FOUND} a`);
  if (link) clicked = idIn(link.hash);
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Escape" && event.target.matches(SEARCH_TEXT) && event.target.value)
      event.stopImmediatePropagation();
  },
  true,
); // Escape empties the field, and stops no answer

function begin() {
  const side = find(SIDE);
  if (side.offsetParent === null && !side.matches(":popover-open")) side.showPopover();
  find(SEARCH_TEXT).focus();
  find(SEARCH_TEXT).select();
}

verb({ name: gettext("Search your messages"), run: begin, keys: "Mod+Shift+F" });
shortcut({ keys: "Mod+Shift+F", does: gettext("Search your messages"), where: ANYWHERE, run: begin });
