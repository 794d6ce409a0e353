// What the buttons below the summary open: its versions, or the instructions for the next summaries. It is loaded when it
// is opened; the versions again whenever the memory changes. Instructions that are not saved stay in this tab.
import { dropText, keepText, keptText } from "./kept_text.js";
import { saves } from "./keys.js";
import { find, INSTRUCTIONS, LISTED, MEMORY, MEMORY_NOTICE, OPENS, PANE, SHOWN } from "./names.js";
import { takePart } from "./parts.js";
import "./stretches.js";

const NAME = "instructions";

let opened = null; // the address of what is open

function load() {
  const swap = find(PANE).firstElementChild ? "innerMorph" : "innerHTML";
  htmx.ajax("GET", opened, { source: find(MEMORY), target: PANE, swap });
}

/** Reset for another session. */
function begin() {
  opened = null;
}

/** Say which button has opened something: the buttons have been swapped, perhaps. */
function settle() {
  for (const button of document.querySelectorAll(`[${OPENS}]`))
    button.setAttribute("aria-expanded", button.getAttribute(OPENS) === opened);
}

/** Whether this tab has saved them, and says so. */
const isSaved = () => find(PANE).querySelector("[role=status]").textContent !== "";

/** Bring what is open up to date: the versions with the memory, the instructions with what another tab has saved. */
function learn(facts) {
  if (!opened) return;
  if (find(INSTRUCTIONS) ? facts[LISTED] && !keptText(NAME) && !isSaved() : facts[SHOWN]) load();
}

function toggle(address) {
  find(PANE).replaceChildren();
  find(MEMORY_NOTICE).textContent = "";
  opened = address === opened ? null : address;
  if (opened) load();
  settle();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${OPENS}]`);
  if (button) toggle(button.getAttribute(OPENS));
});

// Without a line, they may have been changed in another tab.
window.addEventListener("focus", () => {
  if (opened && find(INSTRUCTIONS) && !keptText(NAME)) load();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches(INSTRUCTIONS)) keepText(NAME, { text: target.value });
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches(INSTRUCTIONS) && saves(event)) event.target.form.requestSubmit();
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const field = find(INSTRUCTIONS);
  if (!field) return;
  if (ctx.sourceElement.matches?.(MEMORY)) field.value = keptText(NAME)?.text ?? field.value;
  if (ctx.sourceElement.contains?.(field) && ctx.response?.status === 200 && ctx.request.method === "POST")
    dropText(NAME);
});

takePart({ begin, settle, learn });
