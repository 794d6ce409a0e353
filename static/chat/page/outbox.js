// The message on its way: from Enter, Send or Retry until the server has taken it into the session. It left the message
// box at once, so what is written on is another message. It is shown below the others until its turn begins, and sent
// when the socket is open; sent again under the same turn id, it cannot make a second turn.
import { isLost, sendBody } from "./connection.js";
import { gettext } from "./language.js";
import { AGAIN, DIVIDER, EDIT, find, LIVE, MESSAGE_TEXT, OUTBOX, OUTBOX_MESSAGE, STATE, TURN_ID } from "./names.js";

// Its text and turn, and whether it was sent, accepted, and refused. `retried`: a failed turn on the page shows its text.
// `place`: it replaces the messages behind the one with this number, of which it is the one with the id `edited`.
let message = null;

const ASK_AGAIN = 5000; // milliseconds without an answer, after which it is sent again
let timer;

/** The message on its way, or null. */
export const onItsWay = () => message;

/** Whether the next message has to wait until this one has been accepted. */
export const isBlocked = () => message !== null && !message.accepted;

/** Whether the message on its way is this turn. */
export const isTurn = (turn) => message !== null && message.turn === turn;

/** Put a message here, to be sent with `attempt`. */
export function put(another) {
  message = another;
  show();
}

/** Send the message if that is possible and still necessary. */
export function attempt() {
  if (!isBlocked() || message.refused) return;
  const { text, turn, place } = message;
  message.late = message.sent;
  if (sendBody({ type: "send", text, turn, replace_after: place })) message.sent = true;
  clearTimeout(timer);
  timer = setTimeout(attempt, ASK_AGAIN);
  show();
}

/** Note a change of the message: accepted, refused. */
export function mark(change) {
  Object.assign(message, change);
  show();
}

/** Show the message as it is now, unless its text is on the page already. */
export function show() {
  const place = find(OUTBOX);
  if (!place) return;
  if (!message || message.retried || find(`${LIVE} [${TURN_ID}="${message.turn}"]`)) return place.replaceChildren();
  if (!place.firstElementChild) place.append(find(OUTBOX_MESSAGE).content.cloneNode(true));
  write(place.querySelector(MESSAGE_TEXT), message.text);
  write(place.querySelector(STATE), state());
  place.querySelector(STATE).parentElement.hidden = !state();
  place.querySelector(DIVIDER).hidden = !message.place;
  place.querySelector(`[${AGAIN}]`).hidden = !message.refused;
  place.querySelector(`[${EDIT}]`).hidden = message.sent && !message.refused;
  write(place.querySelector(`[${EDIT}]`), message.place && !message.edited ? gettext("Cancel") : gettext("Edit"));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text; // a selection in it stays
}

function state() {
  if (message.refused) return gettext("Not sent.");
  if (isLost()) return gettext("Waiting for the connection.");
  return message.late && !message.accepted ? gettext("Sending…") : "";
}
