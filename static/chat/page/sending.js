// Sending a message, from Enter, Send or Retry until the server has taken it, refused it or ended its turn.
import { dropSent, fit, keepDraft, markSent, sent, turn } from "./draft.js";
import { ACCEPTED, COMPOSER, ENDED, find, LIMIT, REFUSED, RETRY, STOP_BUTTON, TAKEN, TEXT } from "./names.js";
import { nextStep, say } from "./notices.js";
import { followEnd } from "./scroll.js";

let asked = null; // the turn that was sent last
let unanswered = null; // the same, as long as it is neither accepted nor refused

function problemWith(text) {
  const limit = +find(TEXT).getAttribute(LIMIT);
  const length = [...text].length;
  if (!text.trim()) return "The message is empty. Write something first.";
  if (length > limit)
    return `The message has ${length.toLocaleString()} characters; at most ${limit.toLocaleString()} are allowed. Shorten it.`;
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
  if (find(TEXT).value !== sent()) turn().value = crypto.randomUUID(); // other words are another turn
  markSent(find(TEXT).value);
  asked = unanswered = turn().value;
  keepDraft();
  find(TEXT).focus();
  followEnd();
}

// If the words to retry are still in the box, the box is emptied once they are taken.
function retryTurn({ target }) {
  const retry = target.closest(`[${RETRY}]`);
  if (!retry) return;
  const { text, turn: next } = JSON.parse(retry.getAttribute("hx-vals"));
  asked = next;
  if (find(TEXT).value !== text) return;
  turn().value = next;
  markSent(text);
}

// Captured, so that htmx hears of them later: what cannot be taken is not sent.
document.addEventListener("submit", send, true);
document.addEventListener("click", retryTurn, true);

document.addEventListener("input", (event) => {
  if (!event.target.matches(TEXT)) return;
  fit();
  keepDraft();
  nextStep();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches(TEXT)) {
    event.preventDefault();
    find(COMPOSER).requestSubmit();
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) find(STOP_BUTTON)?.click();
});

/** Another session is shown, and nothing was sent in it yet. */
export function begin() {
  unanswered = null;
}

/** Send again what was not answered before the connection was lost; not what was written since. */
export function sendUnanswered() {
  if (unanswered && unanswered === turn().value && find(TEXT).value === sent()) find(COMPOSER).requestSubmit();
}

/** Act on what the server says of a turn. */
export function learn(facts) {
  if ([facts[ACCEPTED], facts[REFUSED], facts[TAKEN]].includes(unanswered)) unanswered = null;
  // A turn that is taken may have been said to be over before.
  if (facts[TAKEN] && [turn().value, asked].includes(facts[TAKEN])) dropSent();
  if ([facts[TAKEN], facts[ENDED]].includes(turn().value)) turn().value = crypto.randomUUID();
  keepDraft();
}
