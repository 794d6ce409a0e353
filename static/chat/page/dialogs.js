// Overlays: the question before something is deleted or left and, on a phone, the list of sessions.
import { ANSWER, CONFIRM, CONFIRM_ANSWER, CONFIRM_QUESTION, find, SIDE } from "./names.js";

document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  const dialog = find(CONFIRM);
  find(CONFIRM_QUESTION).textContent = event.detail.ctx.confirm;
  find(CONFIRM_ANSWER).textContent = event.detail.ctx.sourceElement.getAttribute(ANSWER) ?? "OK";
  dialog.returnValue = "no";
  const answered = () => (dialog.returnValue === "yes" ? event.detail.issueRequest() : event.detail.dropRequest());
  dialog.addEventListener("close", answered, { once: true });
  dialog.showModal();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest(`${SIDE} a`)) find(SIDE).hidePopover?.();
});
