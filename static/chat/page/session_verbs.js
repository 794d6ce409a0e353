// The verbs on the open session in the palette. Each does what its button in the list, or in the session's menu, does.
import { gettext } from "./language.js";
import { EXPORT, find, IMPORT, MENU, PINNED, SESSION_MENU, SESSIONS, SHARE, SIDE } from "./names.js";
import { change, edit } from "./session_editing.js";
import { verb } from "./verbs.js";

const LINKS = `${SIDE} .end [${SHARE}]`; // those to all sessions

const item = () => document.querySelector(`${SESSIONS} a[aria-current]`)?.closest("li");
const isNew = () => (item() ? "" : gettext("Nothing is remembered of it yet."));

/** Why the details of the session cannot be changed. */
const fixed = () => isNew() || item().querySelector(`[${MENU}]`).getAttribute(MENU);

function editInView(name) {
  if (!item().checkVisibility()) find(SIDE).showPopover(); // on a phone
  edit(item(), name);
}

const address = () => item().querySelector("a").getAttribute("href");

function download(format) {
  const link = find(`${SESSION_MENU} [${EXPORT}$="${format}"]`);
  link.href = address() + link.getAttribute(EXPORT);
  link.click();
}

function share() {
  const button = find(`${SESSION_MENU} [${SHARE}]`);
  button.value = `${address()}/share`;
  button.click();
}

const pin = () => change(item(), { pinned: item().hasAttribute(PINNED) ? "no" : "yes" });

verb({ name: gettext("Rename this session"), run: () => editInView("title"), reason: fixed });
verb({ name: gettext("Pin or unpin this session"), run: pin, reason: fixed });
verb({ name: gettext("Change the labels of this session"), run: () => editInView("labels"), reason: fixed });
verb({ name: gettext("Share this session"), run: share, reason: isNew });
verb({ name: gettext("Download this session as Markdown"), run: () => download("markdown"), reason: isNew });
verb({ name: gettext("Download this session as JSON"), run: () => download("json"), reason: isNew });
if (find(LINKS)) verb({ name: gettext("Shared links"), run: () => find(LINKS).click() });
if (find(`[${IMPORT}]`)) verb({ name: gettext("Import sessions"), run: () => find(`[${IMPORT}]`).click() });
