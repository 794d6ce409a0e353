// Sending a message: what Enter, Send and Retry do, and what the server says of it. The text is read when the key is
// pressed, and leaves the box at once.
import { isLost, sayLost } from "./connection.js";
import { clear, draft, dropTaken, edit, endTurn, fit, keepDraft, putBack, returnAs } from "./draft.js";
import { isComposing, labelEnter, sends } from "./keys.js";
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
  REFUSED,
  RETRY,
  STOP_BUTTON,
  TAKEN,
  TEXT,
  TOO_LONG,
  UNDO_PLACE,
} from "./names.js";
import { nextStep, over, say } from "./notices.js";
import { attempt, isBlocked, isTurn, mark, onItsWay, put, show } from "./outbox.js";
import { followEnd } from "./scroll.js";
import { visit } from "./visit.js";

function problemWith(text) {
  const box = find(TEXT);
  const length = [...text].length;
  if (!text.trim()) return box.getAttribute(EMPTY);
  if (length > +box.getAttribute(LIMIT))
    return box.getAttribute(TOO_LONG).replace("{length}", length.toLocaleString("en"));
  return "";
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(COMPOSER)) return;
  event.preventDefault();
  const message = draft();
  const problem = problemWith(message.text);
  say(problem);
  if (!problem && canSend()) {
    clear();
    send(message);
  }
  keepDraft();
  find(TEXT).focus();
});

/** Whether a message can be sent now, or as soon as there is a connection. If not, say why. */
function canSend() {
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

function send(message) {
  put(message);
  attempt();
  if (isLost()) sayLost(find(COMPOSER));
  keepDraft();
  followEnd();
}

// If the text to retry is still in the box, the box is emptied once the server has taken the message.
function retry(button) {
  const { text, turn } = JSON.parse(button.getAttribute(RETRY));
  if (isTurn(turn) || !canSend()) return;
  returnAs(text, turn);
  send({ text, turn, retried: true });
}

function sendAgain() {
  if (visit.over) return sayLost(find(COMPOSER));
  send({ ...onItsWay(), refused: false });
}

function editAgain() {
  edit(onItsWay());
  put(null);
  keepDraft();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.hasAttribute(RETRY)) retry(button);
  if (button?.hasAttribute(AGAIN)) sendAgain();
  if (button?.hasAttribute(EDIT)) editAgain();
});

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

document.addEventListener("htmx:after:ws:connection", attempt);

document.addEventListener("htmx:ws:close", ({ detail }) => {
  if (detail.reason !== "closed") return;
  if (visit.over && isBlocked()) giveBack();
  show();
  keepDraft();
});

/** Reset for another session, in which nothing has been sent yet. */
export function begin() {
  put(null);
  labelEnter();
}

// If the user has gone on writing, the message stays below the others until they decide about it.
function giveBack() {
  if (onItsWay().retried || putBack(onItsWay())) put(null);
  else mark({ refused: true });
}

/** Act on the server's facts about a turn. */
export function learn(facts) {
  if (isTurn(facts[ACCEPTED])) mark({ accepted: true });
  if (isTurn(facts[REFUSED])) giveBack();
  if (isTurn(facts[TAKEN])) put(null);
  if (isTurn(facts[ENDED])) putBackFailed();
  dropTaken(facts[TAKEN]); // the page may learn before it that the turn has ended
  endTurn(facts[ENDED]);
  if (!isBlocked()) over("sending");
  keepDraft();
}

// A failed turn shows its text, and can be retried.
function putBackFailed() {
  if (!onItsWay().retried) putBack(onItsWay());
  put(null);
}
