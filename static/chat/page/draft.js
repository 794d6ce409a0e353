// The message box and its draft, which survives a reload. A message that was refused, or whose turn failed before the
// memory was loaded, returns to the box if that is empty. While its text is unchanged, it is sent again as the same turn,
// so it cannot make a second one. While the box is empty, the text of a failed turn is stored instead, because the server
// keeps that turn for a few minutes only.

import { COMPOSER, find, LIVE, MEMORY_ID, OWNER, RETRY, SESSION, TEXT } from "./names.js";
import { onItsWay, put } from "./outbox.js";
import { waiting } from "./queue.js";
import { editorDraft, reopenEditor } from "./rewording.js";
import { visit } from "./visit.js";

const keyOf = (memoryId) => `draft:${memoryId}`;
const key = () => keyOf(find(SESSION).getAttribute(MEMORY_ID));

let returned = null; // a text and its turn; `over` once that turn has ended

function write(text) {
  find(TEXT).value = text;
  fit();
}

/** The text in the box, and the id of its turn. */
export function draft() {
  const text = find(TEXT).value;
  const same = returned && !returned.over && returned.text === text;
  return { text, turn: same ? returned.turn : crypto.randomUUID() };
}

/** Empty the box. */
export function clear() {
  returned = null;
  write("");
}

/** Have the text in the box, if it is this one, be this turn. */
export function returnAs(text, turn) {
  if (find(TEXT).value === text) returned = { text, turn };
}

/** Put a message back into the box, if that is empty; returns whether it is there. */
export function putBack({ text, turn }) {
  if (find(TEXT).value) return false;
  write(text);
  returnAs(text, turn);
  return true;
}

/** Put a message back into the box, before what was written since. */
export function edit(message) {
  const { value } = find(TEXT);
  if (!putBack(message)) write(`${message.text}\n\n${value}`);
  find(TEXT).focus();
}

const isReturned = (turn) => returned !== null && returned.turn === turn;

/** Note that a turn was taken into the session: its text, if it had returned and is unchanged, leaves the box. */
export function dropTaken(turn) {
  if (isReturned(turn) && find(TEXT).value === returned.text) clear();
}

/** Note that a turn has ended, so its id cannot be used again. */
export function endTurn(turn) {
  if (isReturned(turn)) returned.over = true;
}

function failed() {
  const { text, replace_after: place } = JSON.parse(find(`${LIVE} [${RETRY}]`)?.getAttribute(RETRY) ?? "{}");
  return text && !place && { text };
}

/** The text in the box, behind one that waits for an answer: that is a draft, too, once the page is reloaded. */
function inBox() {
  const { text, turn } = draft();
  return waiting() ? { text: [waiting().text, text].filter(Boolean).join("\n\n") } : { text, turn };
}

/** The message on its way: to the end of the session, or in place of another. */
function sent() {
  const { retried, place, edited: id, text, turn } = onItsWay() ?? {};
  if (!text || retried || (place && !id)) return {};
  return place ? { edit: { id, text, turn } } : { before: text, its: turn };
}

export function keepDraft() {
  if (!find(COMPOSER)) return;
  const written = { edit: editorDraft(), ...inBox(), ...sent() };
  const { text, before, edit: edited } = written;
  const isWritten = text || before || edited;
  keep(key(), isWritten ? written : failed());
  keep(HANDED_ON, visit.over && isWritten && { text, before, edit: edited, path: location.pathname });
}

// A text too long for the browser to store is far too long to send. The page says so when the user tries.
function keep(name, what) {
  sessionStorage.removeItem(name);
  try {
    if (what) sessionStorage.setItem(name, JSON.stringify(what));
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error;
  }
}

/** Forget the draft of a session that was deleted. */
export const forgetDraft = (memoryId) => sessionStorage.removeItem(keyOf(memoryId));

export function restoreDraft() {
  if (!find(COMPOSER)) return;
  const handedOn = takeOver();
  restore(JSON.parse(sessionStorage.getItem(key())) ?? handedOn);
  fit();
  keepDraft();
}

// A message that was on its way may have arrived, or not. The user decides about it.
function restore({ text, turn = crypto.randomUUID(), before, its = crypto.randomUUID(), edit: edited }) {
  returned = null;
  if (text) putBack({ text, turn });
  if (before) offer({ text: before, turn: its });
  if (edited && !reopenEditor(edited)) offer({ text: edited.text, turn: edited.turn });
}

function offer(message) {
  if (!putBack(message)) put({ ...message, refused: true });
}

// A page whose visit is over (it expired, or somebody signed out) asks for a reload and promises to keep the text in its
// box. But the reloaded page belongs to another visitor, and drafts are private to a visitor. So only this draft is
// handed on, once, to a reload of the same address in the same tab: the person who reloads has just seen its words.
// Nobody who arrives in another way sees it, and older drafts are removed.
const HANDED_ON = "handed-on";

function takeOver() {
  const { path, ...written } = JSON.parse(sessionStorage.getItem(HANDED_ON)) ?? {};
  const own = `draft:${document.body.getAttribute(OWNER)}.`;
  for (const name of Object.keys(sessionStorage))
    if (name === HANDED_ON || (name.startsWith("draft:") && !name.startsWith(own))) sessionStorage.removeItem(name);
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  return reloaded && path === location.pathname ? written : {};
}

/** Make the box as high as its text, if the browser does not do so itself. */
export function fit() {
  const box = find(TEXT);
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}
