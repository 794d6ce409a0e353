// A message of the user that is being edited, in its place. What is written there survives a reload.
import { EDITOR, EDITOR_NOTICE, FIELD, find, WINDOW } from "./names.js";

let editing = null; // the message, its form, and the turn as which this text was sent

/** The message that is being edited, or null. */
export const edited = () => editing?.message ?? null;

/** What is in the editor: the message's id, the text, and the turn as which it was sent; null without an editor. */
export function editorDraft() {
  if (!editing) return null;
  const { message, form, sent } = editing;
  const text = form.querySelector(FIELD).value;
  return { id: message.id, text, turn: sent?.text === text ? sent.turn : crypto.randomUUID() };
}

/** Edit a message. `turn`: it was sent with this text before, as that turn. */
export function openEditor(message, text, turn) {
  closeEditor();
  const form = find(EDITOR).content.firstElementChild.cloneNode(true);
  editing = { message, form, sent: turn && { text, turn } };
  message.append(form);
  message.setAttribute("hx-morph-skip", ""); // stays as it is when the page is brought up to date
  const field = form.querySelector(FIELD);
  field.value = text;
  fitEditor();
  field.focus({ preventScroll: true });
  field.setSelectionRange(text.length, text.length);
}

/** Edit the message with this id again; returns whether it is in the window. */
export function reopenEditor({ id, text, turn }) {
  const message = document.getElementById(id);
  const isThere = message?.parentElement === find(WINDOW);
  if (isThere) openEditor(message, text, turn);
  return isThere;
}

/** Show the message as it was. */
export function closeEditor() {
  editing?.form.remove();
  editing?.message.removeAttribute("hx-morph-skip");
  editing = null;
}

/** Say in the editor why its text was not sent. */
export function sayInEditor(sentence) {
  editing.form.querySelector(EDITOR_NOTICE).textContent = sentence;
}

/** Make the field as high as its text, if the browser does not do so itself. */
export function fitEditor() {
  const field = editing.form.querySelector(FIELD);
  if (!CSS.supports("field-sizing", "content")) field.rows = Math.min(field.value.split("\n").length, 15);
}
