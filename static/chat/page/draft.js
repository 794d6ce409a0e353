// The message box and its draft. A draft stays in the box, with its turn id, until the server has loaded the memory and
// taken the message, so sending it again cannot make a second turn. It survives a reload. Text written afterwards is
// another turn, even if the words are the same. While the box is empty, the text of a failed turn is stored instead,
// because the server keeps that turn for a few minutes only.
import { COMPOSER, find, LIVE, MEMORY_ID, OWNER, RETRY, SESSION, TEXT } from "./names.js";
import { visit } from "./visit.js";

const key = () => `draft:${find(SESSION).getAttribute(MEMORY_ID)}`;

/** The form field with the draft's turn id. */
export const turn = () => find(COMPOSER).elements.turn;

/** The text as last sent; "" if the draft was never sent. */
export const sent = () => find(TEXT).dataset.sent ?? "";

export function markSent(words) {
  find(TEXT).dataset.sent = words;
}

const failed = () => JSON.parse(find(`${LIVE} [${RETRY}]`)?.getAttribute("hx-vals") ?? "{}").text;

export function keepDraft() {
  if (!find(COMPOSER)) return;
  const text = find(TEXT).value;
  const kept = text ? { text, turn: turn().value, sent: sent() } : { text: failed() };
  keep(key(), kept.text && kept);
  keep(HANDED_ON, visit.over && text && { text, path: location.pathname });
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

export function restoreDraft() {
  if (!find(COMPOSER)) return;
  const handedOn = takeOver();
  const draft = JSON.parse(sessionStorage.getItem(key())) ?? { text: handedOn };
  turn().value = draft.turn || crypto.randomUUID();
  if (draft.text && !find(TEXT).value) find(TEXT).value = draft.text;
  if (draft.sent) markSent(draft.sent);
  fit();
  keepDraft();
}

// A page whose visit is over (it expired, or somebody signed out) asks for a reload and promises to keep the text in its
// box. But the reloaded page belongs to another visitor, and drafts are private to a visitor. So only this draft is
// handed on, once, to a reload of the same address in the same tab: the person who reloads has just seen its words.
// Nobody who arrives in another way sees it, and older drafts are removed.
const HANDED_ON = "handed-on";

function takeOver() {
  const { text, path } = JSON.parse(sessionStorage.getItem(HANDED_ON)) ?? {};
  const own = `draft:${document.body.getAttribute(OWNER)}.`;
  for (const name of Object.keys(sessionStorage))
    if (name === HANDED_ON || (name.startsWith("draft:") && !name.startsWith(own))) sessionStorage.removeItem(name);
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  return reloaded && path === location.pathname ? text : "";
}

/** Empty the box, unless its text has changed since it was sent. */
export function dropSent() {
  if (find(TEXT).value === sent()) find(TEXT).value = "";
  delete find(TEXT).dataset.sent;
  fit();
}

/** Make the box as high as its text, if the browser does not do so itself. */
export function fit() {
  const box = find(TEXT);
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}
