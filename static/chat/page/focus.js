// When the element that has the focus is swapped away, the focus goes to the message box.
import { find, TEXT } from "./names.js";

let focused = null;

document.addEventListener("focusin", (event) => {
  focused = event.target;
});

export function keepFocus() {
  if (document.activeElement === document.body && focused && !focused.isConnected) find(TEXT)?.focus();
}
