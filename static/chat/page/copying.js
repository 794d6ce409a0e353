// The buttons that copy a message, its code, or the lines for LangChain, and the one that shows the whole of a long message.
import { gettext } from "./language.js";
import { addressOf } from "./messages.js";
import { CODE, COPY, LINES, MESSAGE, MESSAGE_TEXT, OWNER, SOURCE, WHOLE } from "./names.js";
import { say } from "./notices.js";
import { moveBy } from "./scroll.js";

const labels = new WeakMap(); // of buttons that say "Copied"

/** The whole text of a message of which the page shows only the beginning. Throws a sentence. */
async function fetchWhole(message) {
  const answer = await fetch(addressOf(message), { headers: { "Page-Owner": document.body.getAttribute(OWNER) } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}

/** The text of a message, code or lines, as it was written. */
export async function sourceOf(copied) {
  // Without the end of its last line: pasted into a shell, it would run.
  if (copied.matches(CODE)) return copied.querySelector("code").textContent.replace(/\n$/, "");
  if (copied.querySelector(`[${WHOLE}]`)) return fetchWhole(copied);
  return copied.getAttribute(SOURCE) ?? copied.querySelector(MESSAGE_TEXT).textContent;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyFromBox(text); // plain http, or not allowed
  }
}

// The only other way is to select the text in a field: what was selected and focused is so again afterwards.
function copyFromBox(text) {
  const focused = document.activeElement;
  const selection = getSelection();
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const box = document.body.appendChild(document.createElement("textarea"));
  Object.assign(box, { className: "hidden", readOnly: true, value: text });
  Object.assign(box.style, { position: "fixed", whiteSpace: "pre" }); // blanks are copied as they are shown
  box.focus({ preventScroll: true });
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  if (anchorNode) selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
  else selection.removeAllRanges();
  focused.focus({ preventScroll: true });
  if (!copied) throw new Error("refused");
}

function showCopied(button) {
  if (!labels.has(button)) labels.set(button, labelOf(button));
  label(button, gettext("Copied"));
  button.dataset.copied = "";
  setTimeout(() => {
    label(button, labels.get(button));
    delete button.dataset.copied;
  }, 1500);
}

// The text of a button on code would be one with the code's: its style sheet shows it.
const labelOf = (button) => button.ariaLabel ?? button.textContent;

function label(button, text) {
  if (button.ariaLabel) button.ariaLabel = text;
  else button.textContent = text;
}

async function copyAt(button) {
  try {
    await copy(await sourceOf(button.closest(`${CODE}, ${MESSAGE}, ${LINES}`)));
    showCopied(button);
  } catch {
    say(gettext("This was not copied. Try again in a moment, or select the text and copy it with the keyboard."));
  }
}

async function showWhole(button) {
  try {
    putWhole(button.closest(MESSAGE), await fetchWhole(button.closest(MESSAGE)));
    button.parentElement.remove();
  } catch {
    say(gettext("The whole message cannot be shown now. Try again in a moment."));
  }
}

/** Show the whole of a message. Where its beginning ended, the reader can read on. */
function putWhole(message, whole) {
  const text = message.querySelector(MESSAGE_TEXT);
  const beginning = message.getAttribute(SOURCE) ?? text.textContent;
  const end = bottomOf(text, text.childNodes.length);
  text.textContent = whole;
  text.className = "text plain";
  message.removeAttribute(SOURCE);
  message.setAttribute("hx-morph-skip", ""); // stays so when the page is brought up to date
  moveBy(bottomOf(text.firstChild, beginning.trimEnd().length) - end);
}

/** Where the content of a node ends, up to an offset in it. */
function bottomOf(node, offset) {
  const range = document.createRange();
  range.setStart(node, 0);
  range.setEnd(node, offset);
  return range.getBoundingClientRect().bottom;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${COPY}], [${WHOLE}]`);
  if (button) (button.matches(`[${COPY}]`) ? copyAt : showWhole)(button);
});
