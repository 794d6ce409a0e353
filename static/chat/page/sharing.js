// Sharing sessions: a dialog in which links are made, listed and revoked. It is loaded when it is opened, and gone when it is
// closed.
import { find, SESSION_MENU, SHARE } from "./names.js";

const DIALOG = "#share"; // a name of the dialog's template alone

async function open(button) {
  if (find(SESSION_MENU).matches(":popover-open")) find(SESSION_MENU).hidePopover();
  if (find(DIALOG)) return;
  await htmx.ajax("GET", button.value, { source: button, target: "body", swap: "beforeend" });
  find(DIALOG)?.showModal();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${SHARE}]`);
  if (button) open(button);
});

function closed({ target }) {
  if (target === find(DIALOG)) target.remove();
}

document.addEventListener("close", closed, true);
