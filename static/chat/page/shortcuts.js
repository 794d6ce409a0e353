// Keyboard shortcuts. The modules that act on a key register it here, and the sheet (`?`) lists it. Keys without a
// modifier work outside text fields, and can be switched off: voice control and a resting hand press them by accident.
import { isComposing } from "./keys.js";
import { gettext } from "./language.js";
import { readSetting, writeSetting } from "./settings.js";

export const ANYWHERE = gettext("Anywhere");
export const OUTSIDE = gettext("Outside text fields");
export const IN_BOX = gettext("In the message box");
export const IN_MESSAGES = gettext("Among the messages");

const SINGLE_KEYS = "single-keys";
const isMac = /Mac|iP(?:hone|ad|od)/.test(navigator.platform);
const symbols = isMac ? { Mod: "⌘", Alt: "⌥", Shift: "⇧" } : { Mod: gettext("Ctrl"), Shift: gettext("Shift") };
const others = { ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Home: gettext("Home"), End: gettext("End") };

const registered = [];

/**
 * Register a shortcut: its `keys` ("Mod+K"; Mod is ⌘ on a Mac, elsewhere Ctrl), what it `does` in words, `where` it works,
 * and `run`; without `run`, it is only listed. `closes`: the selector of a dialog in which it works, too.
 */
export function shortcut({ keys, does, where, run, closes }) {
  registered.push({ keys, does, where, run, closes });
}

/** Every shortcut, in the order of their registration. */
export const shortcuts = () => registered;

/** What is written on the keys, one after the other. */
export const labels = (keys) => keys.split("+").map((key) => symbols[key] ?? others[key] ?? key);

/** Whether keys without a modifier act. */
export const areSingleKeysOn = () => readSetting(SINGLE_KEYS) !== "off";

export const switchSingleKeys = (on) => writeSetting(SINGLE_KEYS, on ? "on" : "off");

function matches({ keys }, event) {
  const parts = keys.split("+");
  const key = parts.pop();
  const isLetter = /^[a-z]$/i.test(key) || key.length > 1;
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    (isMac ? event.metaKey : event.ctrlKey) === parts.includes("Mod") &&
    (isMac ? event.ctrlKey : event.metaKey) === false &&
    event.altKey === parts.includes("Alt") &&
    (!isLetter || event.shiftKey === parts.includes("Shift")) // "?" has its own
  );
}

const TEXT_FIELDS = "textarea, select, input:not([type=checkbox], [type=radio]), [contenteditable]";

function worksIn({ where, closes }, { target }) {
  const dialog = document.querySelector("dialog[open]");
  if (dialog && !(closes && dialog.matches(closes))) return false;
  return where !== OUTSIDE || (areSingleKeysOn() && !target.closest?.(TEXT_FIELDS));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isComposing(event)) return;
  const found = registered.find((one) => one.run && matches(one, event) && worksIn(one, event));
  if (!found) return;
  event.preventDefault();
  found.run();
});
