// The sheet that lists the keyboard shortcuts, by where they work.
import { find, SHEET, SHEET_BUTTON, SHEET_KEYS, SHEET_LIST, SIDE } from "./names.js";
import { areSingleKeysOn, labels, shortcuts, switchSingleKeys } from "./shortcuts.js";

/** An element with these children: elements, or text. */
function make(name, ...children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}

/** The keys of a shortcut as elements. */
export const drawKeys = (keys) => labels(keys).map((label) => make("kbd", label));

const row = ({ keys, does }) => make("div", make("dt", does), make("dd", ...drawKeys(keys)));

function section(where) {
  const rows = shortcuts().filter((one) => one.where === where);
  return make("section", make("h3", where), make("dl", ...rows.map(row)));
}

function show() {
  if (find(SIDE).matches(":popover-open")) find(SIDE).hidePopover();
  const places = new Set(shortcuts().map(({ where }) => where));
  find(SHEET_LIST).replaceChildren(...[...places].map(section));
  find(SHEET_KEYS).checked = areSingleKeysOn();
  find(SHEET).showModal();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest(SHEET_BUTTON)) show();
});

document.addEventListener("change", ({ target }) => {
  if (target.matches(SHEET_KEYS)) switchSingleKeys(target.checked);
});
