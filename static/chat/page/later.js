// What is rarely opened is loaded when it is first used: its script, and its style sheets. The click that opens it waits
// meanwhile, and is then repeated for it. Where keys are pressed right after it, they must have a place to go to: there,
// a dialog opens at once, and the script begins with what was typed.
import { gettext } from "./language.js";
import {
  DELETE,
  DRAWER,
  EDIT_SUMMARY,
  find,
  IMPORT,
  MENU,
  OFFER,
  OPENS,
  PALETTE,
  PALETTE_BUTTON,
  SEE,
  SHARE,
  SHEET_BUTTON,
} from "./names.js";
import { say } from "./notices.js";

const panelDialog = () => style(new URL("../styles/panel_dialog.css", import.meta.url));
const importing = () => [import("./importing.js"), style(new URL("../styles/importing.css", import.meta.url))];
const sharing = () => [import("./sharing.js"), style(new URL("../styles/sharing.css", import.meta.url))];
const drawer = () => [import("./drawer.js"), style(new URL("../styles/story.css", import.meta.url))];

const palette = () => [import("./palette.js"), style(new URL("../styles/palette.css", import.meta.url))];

// By what is clicked, what is loaded, and the dialog that opens at once; its script has a function `begin`.
const parts = [
  [PALETTE_BUTTON, palette, PALETTE],
  [SHEET_BUTTON, () => [import("./sheet.js"), style(new URL("../styles/sheet.css", import.meta.url))]],
  [`[${SEE}]`, () => [import("./seen.js"), style(new URL("../styles/seen.css", import.meta.url))]],
  [`[${MENU}]`, () => [import("./session_menu.js"), style(new URL("../styles/menu.css", import.meta.url))]],
  [`[${DELETE}]`, () => [import("./deleting.js"), style(new URL("../styles/undo.css", import.meta.url))]],
  [`[${OPENS}]`, () => [import("./pane.js"), style(new URL("../styles/versions.css", import.meta.url))]],
  [`[${IMPORT}]`, () => [...importing(), panelDialog()]],
  [`[${SHARE}]`, () => [...sharing(), panelDialog()]],
  [EDIT_SUMMARY, () => [import("./editing.js")]],
  [`${DRAWER} > summary`, drawer],
  [`[${OFFER}]`, () => [import("./tour.js"), ...drawer()]],
];

// Browsers do not try again to load a module that has failed.
const UNLOADED = gettext("This part of the page did not load. Reload the page, then try again.");

const styles = new Map(); // promises, by address
const opening = new Set(); // selectors whose click waits
const opened = new Set();

/** Add a style sheet to the page, once. Returns when it applies. */
function style(address) {
  if (!styles.has(address.href)) styles.set(address.href, add(address));
  return styles.get(address.href);
}

function add({ href }) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      styles.delete(href);
      reject(new Error(href));
    });
  });
}

async function open(selector, load, dialog, element) {
  opening.add(selector);
  if (dialog) find(dialog).showModal();
  try {
    const [script] = await Promise.all(load());
    opened.add(selector);
    if (dialog) script.begin();
    else if (element.isConnected) element.click();
  } catch {
    if (dialog) find(dialog).close();
    say(UNLOADED);
  }
  opening.delete(selector);
}

/** What has not been loaded and is opened by this element, as [selector, load, dialog, the element that is clicked]. */
function closedAt(target) {
  for (const [selector, load, dialog] of parts) {
    const element = opened.has(selector) ? null : target.closest?.(selector);
    if (element) return [selector, load, dialog, element];
  }
  return [];
}

// Begin to load what is pointed at: a click may follow.
document.addEventListener("pointerover", ({ target }) => {
  const [, load] = closedAt(target);
  if (load) Promise.all(load()).catch(() => {}); // said at the click
});

function wait(event) {
  const [selector, load, dialog, element] = closedAt(event.target);
  if (!selector) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!opening.has(selector)) open(selector, load, dialog, element);
}

document.addEventListener("click", wait, true);
