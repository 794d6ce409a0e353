// What the model saw: a dialog with the prompt of a turn, or of the turn whose reply a message is. It is loaded when it is
// opened, and gone when it is closed.
import { addressOf } from "./messages.js";
import { find, MESSAGE, SEE, SEEN, SEEN_PROMPT, TURNS } from "./names.js";

function seenAt(button) {
  const turn = button.getAttribute(SEE);
  const of = turn
    ? find(`[${TURNS}]`).getAttribute(TURNS) + encodeURIComponent(turn)
    : addressOf(button.closest(MESSAGE));
  return `${of}/prompt`;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${SEE}]`);
  if (button) htmx.ajax("GET", seenAt(button), { target: SEEN_PROMPT, swap: "innerHTML" });
});

document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.matches?.(SEEN_PROMPT) && find(SEEN_PROMPT).hasChildNodes()) find(SEEN).showModal();
});

function closed({ target }) {
  if (target === find(SEEN)) find(SEEN_PROMPT).replaceChildren();
}

document.addEventListener("close", closed, true);
