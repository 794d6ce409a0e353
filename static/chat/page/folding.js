// Folding on demand: the button below each message of the window, and what is said of a verb that is greyed out.
import { addressOf } from "./messages.js";
import { FOLD, find, MEMORY, MEMORY_NOTICE, MESSAGE, NO_FOLD, WINDOW } from "./names.js";
import { say } from "./notices.js";

const UNDER_WAY = ".htmx-request";

const titles = new WeakMap(); // of buttons that are greyed out

/** Grey out what cannot be folded now, with the reason. */
export function greyOut() {
  const reason = find(`[${NO_FOLD}]`)?.getAttribute(NO_FOLD) ?? "";
  for (const button of document.querySelectorAll(`${WINDOW} [${FOLD}]`)) {
    if (!titles.has(button)) titles.set(button, button.title);
    if (reason) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    button.title = reason || titles.get(button);
  }
}

function fold(button) {
  if (button.matches(UNDER_WAY)) return;
  htmx.ajax("POST", `${addressOf(button.closest(MESSAGE))}/fold`, { source: button, swap: "none" });
}

/** Say why a button is greyed out: in the panel where it is, or beside the message box. */
function explain(button) {
  if (button.closest(MEMORY)) find(MEMORY_NOTICE).textContent = button.title;
  else say(button.title);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`${MEMORY} button, [${FOLD}]`);
  if (!button) return;
  if (button.getAttribute("aria-disabled") === "true") explain(button);
  else if (button.hasAttribute(FOLD)) fold(button);
});
