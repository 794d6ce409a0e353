// Sending a message: from Enter, Send or Retry until the server has taken it, refused it or ended its turn.
import { dropSent, fit, keepDraft, markSent, sent, turn } from "./draft.js";
import { isComposing, labelEnter, sends } from "./keys.js";
import {
  ACCEPTED,
  COMPOSER,
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
} from "./names.js";
import { nextStep, say } from "./notices.js";
import { followEnd } from "./scroll.js";

let asked = null; // the last turn sent
let unanswered = null; // the same turn, until it is accepted or refused

function problemWith(text) {
  const box = find(TEXT);
  const length = [...text].length;
  if (!text.trim()) return box.getAttribute(EMPTY);
  if (length > +box.getAttribute(LIMIT))
    return box.getAttribute(TOO_LONG).replace("{length}", length.toLocaleString("en"));
  return "";
}

function send(event) {
  if (!event.target.matches(COMPOSER)) return;
  const problem = problemWith(find(TEXT).value);
  say(problem);
  if (problem) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (find(TEXT).value !== sent()) turn().value = crypto.randomUUID(); // a changed text is another turn
  markSent(find(TEXT).value);
  asked = unanswered = turn().value;
  keepDraft();
  find(TEXT).focus();
  followEnd();
}

// If the text to retry is still in the box, the box is emptied once the server has taken the message.
function retryTurn({ target }) {
  const retry = target.closest(`[${RETRY}]`);
  if (!retry) return;
  const { text, turn: next } = JSON.parse(retry.getAttribute("hx-vals"));
  asked = next;
  if (find(TEXT).value !== text) return;
  turn().value = next;
  markSent(text);
}

// Captured before htmx sees them, so that an invalid message is not sent.
document.addEventListener("submit", send, true);
document.addEventListener("click", retryTurn, true);

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
  if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) find(STOP_BUTTON)?.click();
});

/** Reset for another session, in which nothing has been sent yet. */
export function begin() {
  unanswered = null;
  labelEnter();
}

/** Send the unanswered message again after a reconnection, unless its text has changed since. */
export function sendUnanswered() {
  if (unanswered && unanswered === turn().value && find(TEXT).value === sent()) find(COMPOSER).requestSubmit();
}

/** Act on the server's facts about a turn. */
export function learn(facts) {
  if ([facts[ACCEPTED], facts[REFUSED], facts[TAKEN]].includes(unanswered)) unanswered = null;
  // The page may learn that a turn has ended before it learns that the turn was taken.
  if (facts[TAKEN] && [turn().value, asked].includes(facts[TAKEN])) dropSent();
  if ([facts[TAKEN], facts[ENDED]].includes(turn().value)) turn().value = crypto.randomUUID();
  keepDraft();
}
