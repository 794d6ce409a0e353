// Answering again: the last message, or an edited one. The new exchange replaces all that was said from there on.
import { isAnswering } from "./actions.js";
import { sourceOf } from "./copying.js";
import { edit, keepDraft } from "./draft.js";
import { isComposing, sends } from "./keys.js";
import { gettext } from "./language.js";
import { placeOf, questionOf } from "./messages.js";
import {
  BEYOND,
  BUSY,
  DROP,
  EARLIER_LIST,
  EDITOR_FORM,
  FIELD,
  find,
  GONE,
  LOG,
  MESSAGE,
  REGENERATE,
  REWRITE,
  TEXT,
} from "./names.js";
import { say } from "./notices.js";
import { markReplaced } from "./replacing.js";
import { closeEditor, edited, editorDraft, fitEditor, openEditor, sayInEditor } from "./rewording.js";
import { canSend, problemWith, send } from "./sending.js";
import { keepFormer } from "./undoing.js";

/** Send a message in place of this one and of all behind it. */
function replace(message, sent) {
  const place = placeOf(message);
  keepFormer(place);
  send({ ...sent, place });
  markReplaced();
}

async function regenerate(button) {
  const question = questionOf(button.closest(MESSAGE));
  const text = await sourceOf(question);
  if (question.isConnected && !isAnswering() && canSend()) replace(question, { text, turn: crypto.randomUUID() });
}

async function rewrite(button) {
  const message = button.closest(MESSAGE);
  openEditor(message, await sourceOf(message));
  markReplaced();
  keepDraft();
}

async function begin(how, button) {
  try {
    await how(button);
  } catch {
    say(gettext("The whole message cannot be read now. Try again in a moment."));
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.hasAttribute(REGENERATE)) begin(regenerate, button);
  if (button?.hasAttribute(REWRITE)) begin(rewrite, button);
  if (button?.hasAttribute(DROP)) cancel();
});

// --- the editor -------------------------------------------------------------------------------------------------------

function cancel() {
  const message = edited();
  closeEditor();
  markReplaced();
  keepDraft();
  message.querySelector(`[${REWRITE}]`).focus({ preventScroll: true });
}

function problemNow(text) {
  return problemWith(text) || (isAnswering() ? find(LOG).getAttribute(BUSY) : "");
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(EDITOR_FORM)) return;
  event.preventDefault();
  const { id, text, turn } = editorDraft();
  const problem = problemNow(text);
  sayInEditor(problem);
  if (problem || !canSend()) return;
  const message = edited();
  closeEditor();
  replace(message, { text, turn, edited: id });
  find(TEXT).focus();
});

function pressed(event) {
  if (!event.target.matches?.(FIELD) || isComposing(event)) return;
  if (event.key === "Escape") {
    event.stopImmediatePropagation(); // an answer goes on
    cancel();
  } else if (sends(event)) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
}

document.addEventListener("keydown", pressed, true);

document.addEventListener("input", ({ target }) => {
  if (!target.matches(FIELD)) return;
  sayInEditor("");
  fitEditor();
  keepDraft();
});

/** After a change of the page: a message that was folded or replaced meanwhile cannot be edited; its text is kept. */
export function checkEditor() {
  const message = edited();
  if (!message || message.isConnected) return;
  const draft = editorDraft();
  closeEditor();
  edit(draft);
  keepDraft();
  const isFolded = find(`${EARLIER_LIST} [id="${draft.id}"]`);
  say(find(LOG).getAttribute(isFolded ? BEYOND : GONE));
}
