// The verbs on the memory in the palette. Each does what its button in the panel does, in view.
import { gettext } from "./language.js";
import { ASIDE, EDIT_SUMMARY, FOLD_NOW, find, INSTRUCTIONS_BUTTON, VERSIONS_BUTTON } from "./names.js";
import { verb } from "./verbs.js";

const AWAY = gettext("It appears here once memory is reachable.");

function reasonAt(button) {
  if (!button) return AWAY;
  return button.getAttribute("aria-disabled") === "true" ? button.title : "";
}

function click(button) {
  const aside = find(ASIDE);
  if (!aside.checkVisibility()) aside.showPopover(); // on a phone
  button.focus(); // the palette has brought the focus back to where it was
  if (button.ariaExpanded !== "true") button.click();
}

for (const [name, selector] of [
  [gettext("Edit the summary"), EDIT_SUMMARY],
  [gettext("Fold now"), FOLD_NOW],
  [gettext("Versions of the summary"), VERSIONS_BUTTON],
  [gettext("Instructions for the summary"), INSTRUCTIONS_BUTTON],
])
  verb({ name, run: () => click(find(selector)), reason: () => reasonAt(find(selector)) });
