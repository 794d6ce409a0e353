// What can be done at a message: its buttons. One that cannot be used now is greyed out, and says why when it is pressed.

import { numberOf, questionOf } from "./messages.js";
import {
  BEYOND,
  BUSY,
  EARLIER_LIST,
  FORK,
  find,
  LOG,
  MESSAGE,
  MESSAGES,
  REGENERATE,
  REWRITE,
  SESSION,
  STOP_BUTTON,
  UNFOLD,
  UNSUPPORTED,
} from "./names.js";
import { say } from "./notices.js";
import { onItsWay } from "./outbox.js";

const ACTIONS = `[${FORK}], [${REGENERATE}], [${REWRITE}]`;

/** Whether the session is answering, as far as the page knows. */
export const isAnswering = () => find(STOP_BUTTON) !== null || onItsWay() !== null;

let answering = null; // as the buttons show it

/** Bring the buttons up to date. */
export function showActions() {
  const now = isAnswering();
  const known = now === answering ? ":not([data-known])" : "";
  answering = now;
  for (const button of document.querySelectorAll(`:is(${ACTIONS})${known}`)) mark(button);
}

function mark(button) {
  const reason = reasonAgainst(button);
  button.dataset.known = "";
  button.ariaDisabled = reason ? "true" : null;
  button.title = reason;
}

/** Why the button cannot be used now; "" if it can. */
function reasonAgainst(button) {
  const message = button.closest(MESSAGE);
  const reason = (name) => find(LOG).getAttribute(name);
  if (Number.isNaN(numberOf(message))) return reason(UNSUPPORTED);
  if (button.hasAttribute(FORK)) return "";
  if (message.closest(EARLIER_LIST)) return reason(BEYOND);
  if (button.hasAttribute(REGENERATE) && !questionOf(message)) return reason(BEYOND);
  return answering ? reason(BUSY) : "";
}

/** Begin a session from this message, and move on to it. */
async function fork(button) {
  if (button.ariaBusy) return;
  button.ariaBusy = "true";
  const address = `${find(SESSION).getAttribute(MESSAGES)}${numberOf(button.closest(MESSAGE))}/fork`;
  await htmx.ajax("POST", address, { source: SESSION, swap: "none" });
  button.ariaBusy = null;
}

function refuse(event) {
  const button = event.target.closest(ACTIONS);
  if (button?.ariaDisabled !== "true") return;
  event.stopImmediatePropagation();
  say(button.title);
}

document.addEventListener("click", refuse, true);

document.addEventListener("click", ({ target }) => {
  const button = target.closest(ACTIONS);
  if (button?.hasAttribute(FORK)) fork(button);
  const unfolds = target.closest(`[${UNFOLD}]`);
  if (unfolds) unfolds.ariaExpanded = String(unfolds.ariaExpanded !== "true");
});
