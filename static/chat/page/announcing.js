// What a screen reader hears of a reply: nothing while it grows, and all of it once, when it is whole.
import { gettext } from "./language.js";
import { find, LIVE, MESSAGE_TEXT, REPLY, STATUS, TURN_ID } from "./names.js";

const MOST = 2000; // characters; a longer reply is read among the messages

/** Add the reply of the turn that has just ended to the status, which the server has filled: it is read out. */
export function announce(turn) {
  const reply = find(`${LIVE} [${TURN_ID}="${turn}"] ${REPLY} ${MESSAGE_TEXT}`);
  // biome-ignore lint/performance/useDomNodeTextContent: it would run the last word of a paragraph into the next.
  const text = reply?.innerText ?? "";
  const short = text.length > MOST ? `${text.slice(0, MOST)}… ${gettext("The rest is among the messages.")}` : text;
  const status = find(STATUS);
  if (status && short) status.textContent = `${status.textContent} ${short}`.trim();
}
