// What keys mean in the message box and other fields.
import { find, TEXT } from "./names.js";

const INPUT_METHOD = 229; // the keyCode of a key that an input method has handled

/** Whether the key belongs to an input method: Enter accepts what it composed, Escape discards it. */
export const isComposing = (event) => event.isComposing || event.keyCode === INPUT_METHOD; // the latter in Safari

// Screen keyboards have no Shift+Enter.
const byTouch = () => matchMedia("(pointer: coarse)").matches;

/** Whether the key sends the message. */
export function sends({ key, shiftKey, ctrlKey, metaKey }) {
  if (key !== "Enter" || shiftKey) return false;
  return !byTouch() || ctrlKey || metaKey;
}

/** Whether the key saves what is written in a field of several lines. */
export const saves = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && !isComposing(event);

/** Have screen keyboards label their Enter key with what it does. */
export function labelEnter() {
  const box = find(TEXT);
  if (box) box.enterKeyHint = byTouch() ? "enter" : "send";
}
