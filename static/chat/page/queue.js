// A message that was written while an answer runs. It waits above the box, and is sent when the answer is remembered.
import { gettext } from "./language.js";
import { FAILED, find, LIVE, MESSAGE_TEXT, NOW, QUEUE, QUEUED, STATE, STATUS, TURN_ID, UNSAVED } from "./names.js";

let message = null; // its text and turn; `ended`: the turn that has ended meanwhile

/** The message that waits, or null. */
export const waiting = () => message;

/** Have a message wait, or none. */
export function wait(another) {
  message = another;
  showQueue(true);
  if (message) find(STATUS).textContent = gettext("Your message waits for the answer.");
}

/** Show the message; `answering`: an answer runs. */
export function showQueue(answering) {
  const place = find(QUEUE);
  if (!place) return;
  if (!message) return place.replaceChildren();
  if (!place.firstElementChild) place.append(find(QUEUED).content.cloneNode(true));
  write(place.querySelector(MESSAGE_TEXT), message.text);
  write(place.querySelector(STATE), answering ? gettext("Sent after the answer.") : gettext("Not sent yet."));
  write(place.querySelector(`[${NOW}]`), answering ? gettext("Stop and send") : gettext("Send now"));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Note that a turn has ended. */
export function noteEnded(turn) {
  if (message && turn) message.ended = turn;
}

/** Whether the answer has ended and is remembered, and its messages are on the page. One that failed is not waited for. */
export function isDue() {
  if (!message?.ended) return false;
  const turn = find(`${LIVE} [${TURN_ID}="${message.ended}"]`);
  if (turn?.matches(`${FAILED}, ${UNSAVED}`)) message.ended = null;
  return !turn;
}
