// When the focused element is swapped out, the focus moves to the message box.
import { find, TEXT } from "./names.js";

let focused = null;

document.addEventListener("focusin", (event) => {
  focused = event.target;
});

export function keepFocus() {
  if (document.activeElement === document.body && focused && !focused.isConnected) find(TEXT)?.focus();
}
