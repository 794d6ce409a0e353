// Sending a message: what Enter, Send and Retry do, and what the server says of it. The text is read when the key is
// pressed, and leaves the box at once.
import { isAnswering } from "./actions.js";
import { isLost, sayLost, sendBody } from "./connection.js";
import { clear, draft, dropTaken, edit, endTurn, fit, keepDraft, putBack, returnAs } from "./draft.js";
import { isComposing, labelEnter, sends } from "./keys.js";
import { locale } from "./language.js";
import {
  ACCEPTED,
  AGAIN,
  BLOCKED,
  COMPOSER,
  EDIT,
  EMPTY,
  ENDED,
  find,
  LIMIT,
  NOW,
  QUEUE,
  QUEUE_FULL,
  REFUSED,
  RETRY,
  SHOWN,
  STOP_BUTTON,
  TAKEN,
  TEXT,
  TOO_LONG,
  UNDO_PLACE,
} from "./names.js";
import { nextStep, over, say } from "./notices.js";
import { attempt, isBlocked, isTurn, mark, onItsWay, put, show } from "./outbox.js";
import { isDue, noteEnded, wait, waiting } from "./queue.js";
import { closeEditor, editorDraft, reopenEditor } from "./rewording.js";
import { followEnd } from "./scroll.js";
import { forgetFormer, keepFormer } from "./undoing.js";
import { visit } from "./visit.js";

let stopping; // the turn that its user has stopped, until it has ended

/** What is wrong with a message's text; "" if nothing is. */
export function problemWith(text) {
  const box = find(TEXT);
  const length = [...text].length;
  if (!text.trim()) return box.getAttribute(EMPTY);
  if (length > +box.getAttribute(LIMIT))
    return box.getAttribute(TOO_LONG).replace("{length}", length.toLocaleString(locale));
  return "";
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(COMPOSER)) return;
  event.preventDefault();
  const message = draft();
  const problem = problemWith(message.text);
  say(problem);
  if (!problem && canSend() && hasRoom()) {
    clear();
    if (mustWait()) wait(message);
    else send(message);
  }
  keepDraft();
  find(TEXT).focus();
});

/** Whether a message can be sent now, or as soon as there is a connection. If not, say why. */
export function canSend() {
  if (visit.over) sayLost(find(COMPOSER));
  else if (isBlocked()) say(find(TEXT).getAttribute(BLOCKED), "sending");
  else return true;
  return false;
}

/** Send a text as a message of the user, unless that is not possible now: the page then says why, and returns false. */
export function sendText(text) {
  if (!canSend()) return false;
  send({ text, turn: crypto.randomUUID() });
  return true;
}

/** A message is to wait for the answer, unless its user has stopped that. */
function mustWait() {
  return isAnswering() && (!stopping || stopping !== stopOf(find(STOP_BUTTON))?.turn);
}

/** Whether no other message waits. If one does, say that this one is kept. */
function hasRoom() {
  if (!waiting()) return true;
  say(find(TEXT).getAttribute(QUEUE_FULL), "sending");
  return false;
}

/** Send a message, or have it wait for the connection. */
export function send(message) {
  put(message);
  attempt();
  if (isLost()) sayLost(find(COMPOSER));
  keepDraft();
  followEnd();
}

// If the text to retry is still in the box, the box is emptied once the server has taken the message.
function retry(button) {
  const { text, turn, replace_after: place } = JSON.parse(button.getAttribute(RETRY));
  if (isTurn(turn) || !canSend()) return;
  returnAs(text, turn);
  if (place) keepFormer(place);
  send({ text, turn, place, retried: true });
}

function sendAgain() {
  if (visit.over) return sayLost(find(COMPOSER));
  send({ ...onItsWay(), refused: false });
}

function editAgain() {
  const message = onItsWay();
  put(null);
  if (!message.place) edit(message);
  else if (message.edited && !reopenEditor(asDraft(message))) edit(message);
  keepDraft();
}

const asDraft = ({ edited, text, turn }) => ({ id: edited, text, turn });

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.closest(QUEUE)) return actOnWaiting(button);
  if (button?.matches(STOP_BUTTON)) stopping = stopOf(button).turn; // htmx sends it
  if (button?.hasAttribute(RETRY)) retry(button);
  if (button?.hasAttribute(AGAIN)) sendAgain();
  if (button?.hasAttribute(EDIT)) editAgain();
});

// --- the message that waits for the answer ----------------------------------------------------------------------------

function actOnWaiting(button) {
  if (button.hasAttribute(NOW)) sendNow();
  if (button.hasAttribute(EDIT)) edit(waiting());
  if (!button.hasAttribute(NOW)) wait(null);
  keepDraft();
  find(TEXT).focus();
}

/** Send the message that waits; an answer is stopped first. */
function sendNow() {
  if (!canSend()) return;
  stopping = stopOf(find(STOP_BUTTON))?.turn;
  stop();
  sendWaiting();
}

function sendWaiting() {
  const message = waiting();
  wait(null);
  send({ ...message, waited: true });
}

document.addEventListener("input", (event) => {
  if (!event.target.matches(TEXT)) return;
  fit();
  keepDraft();
  nextStep();
});

document.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.target.matches(TEXT) && sends(event)) {
    event.preventDefault();
    find(COMPOSER).requestSubmit();
  }
  if (event.key === "Escape" && !document.querySelector(`dialog[open], :popover-open:not(${UNDO_PLACE})`))
    find(STOP_BUTTON)?.click();
});

/** What the stop button sends. */
const stopOf = (button) => button && JSON.parse(button.getAttribute("hx-vals"));

/** Send the stop that was asked for, if any. */
const stop = () => stopping && sendBody({ type: "stop", turn: stopping });

// What was sent over the connection before this one may not have arrived.
document.addEventListener("htmx:after:ws:connection", () => {
  stop();
  attempt();
});

document.addEventListener("htmx:ws:close", ({ detail }) => {
  if (detail.reason !== "closed") return;
  if (visit.over && isBlocked()) giveBack();
  show();
  keepDraft();
});

/** Reset for another session, in which nothing has been sent yet. */
export function begin() {
  put(null);
  wait(null);
  stopping = undefined;
  closeEditor();
  forgetFormer();
  labelEnter();
}

// If the user has gone on writing, the message stays below the others until they decide about it.
function giveBack() {
  const message = onItsWay();
  if (isElsewhere(message) || (message.edited && reopenEditor(asDraft(message))) || putBack(message)) put(null);
  else mark({ refused: true });
}

/** Whether the page has the text of a message that was refused, so that it need not return to the box. */
function isElsewhere(message) {
  if (message.waited && !waiting()) wait({ text: message.text, turn: message.turn });
  return message.retried || message.waited || (message.place && !message.edited);
}

/** Act on the server's facts about a turn. */
export function learn(facts) {
  if (isTurn(facts[ACCEPTED])) mark({ accepted: true });
  if (isTurn(facts[REFUSED])) giveBack();
  if (isTurn(facts[TAKEN])) put(null);
  if (isTurn(facts[ENDED])) putBackFailed();
  if (facts[ENDED] === stopping) stopping = undefined;
  dropTaken(facts[TAKEN]); // the page may learn before it that the turn has ended
  endTurn(facts[ENDED]);
  if (isEdited(facts[TAKEN]) || isEdited(facts[ENDED])) closeEditor();
  noteEnded(facts[ENDED]);
  if ((facts[ENDED] || facts[SHOWN]) && isDue() && canSend()) sendWaiting();
  if (!isBlocked()) over("sending");
  keepDraft();
}

const isEdited = (turn) => turn !== undefined && editorDraft()?.turn === turn;

// A failed turn shows its text, and can be retried.
function putBackFailed() {
  const { retried, place } = onItsWay();
  if (!(retried || place)) putBack(onItsWay());
  put(null);
}
