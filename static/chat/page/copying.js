// The buttons that copy a message, or the lines for LangChain.
import { COPY, LINES, MESSAGE, MESSAGE_TEXT, SOURCE } from "./names.js";

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const box = document.body.appendChild(document.createElement("textarea")); // plain http
  box.value = text;
  box.select();
  document.execCommand("copy");
  box.remove();
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest(`[${COPY}]`);
  if (!button) return;
  const copied = button.closest(`${MESSAGE}, ${LINES}`);
  const label = button.textContent;
  await copy(copied.getAttribute(SOURCE) ?? copied.querySelector(MESSAGE_TEXT).textContent);
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
});
