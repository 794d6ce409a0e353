// The editor of the summary: a field around its text. What is typed there stays in this tab until it is saved or
// cancelled, and is there again when the editor is opened after a reload.
import { dropText, keepText, keptText } from "./kept_text.js";
import { isComposing, saves } from "./keys.js";
import { gettext } from "./language.js";
import {
  CANCEL,
  EDIT_SUMMARY,
  find,
  MEMORY_NOTICE,
  SUMMARY,
  SUMMARY_FIELD,
  SUMMARY_FORM,
  SUMMARY_TAG,
} from "./names.js";
import { reveal } from "./scroll.js";

const BACK = gettext("This is what you had written here before. Escape brings the summary back.");

const NAME = "summary";

function fit() {
  const field = find(SUMMARY_FIELD);
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function begin() {
  const field = find(SUMMARY_FIELD);
  const { text, tag } = keptText(NAME) ?? {};
  if (text !== undefined && text !== field.value) {
    field.value = text;
    find(SUMMARY_TAG).value = tag;
    find(MEMORY_NOTICE).textContent = BACK;
  }
  fit();
  field.focus();
}

/** Show why the text was not saved, above it. */
function resume() {
  find(SUMMARY_FIELD).focus();
  reveal(find(MEMORY_NOTICE));
}

function keep() {
  fit();
  keepText(NAME, { text: find(SUMMARY_FIELD).value, tag: find(SUMMARY_TAG).value });
}

function end() {
  dropText(NAME);
  find(EDIT_SUMMARY)?.focus();
}

/** Close the editor, and show the summary as it is by now. */
function cancel() {
  const address = find(SUMMARY_FORM).getAttribute("hx-post");
  find(SUMMARY_FORM).remove();
  find(MEMORY_NOTICE).textContent = "";
  end();
  htmx.ajax("GET", address, { source: find(SUMMARY), swap: "none" });
}

document.addEventListener("htmx:after:swap", ({ detail }) => {
  const source = detail.ctx.sourceElement;
  if (source.matches?.(EDIT_SUMMARY) && find(SUMMARY_FORM)) begin();
  if (source.matches?.(SUMMARY_FORM) && !find(SUMMARY_FORM)) end();
  else if (source.matches?.(SUMMARY_FORM)) resume();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest(`[${CANCEL}]`)) cancel();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches(SUMMARY_FIELD)) keep();
});

// Before the page's own meaning of Escape, which stops an answer.
document.addEventListener(
  "keydown",
  (event) => {
    if (!event.target.closest(SUMMARY_FORM) || isComposing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      cancel();
    }
    if (saves(event)) find(SUMMARY_FORM).requestSubmit();
  },
  true,
);
