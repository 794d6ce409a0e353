// Deleting sessions. A session is hidden at once, and deleted ten seconds later unless the user takes it back; or at once,
// when the user asks for it, signs out, or closes the tab.
import { forgetDraft } from "./draft.js";
import { DELETE, ERASE, find, LEAVE, NEW, OWNER, SESSIONS, UNDO, UNDO_LINE, UNDO_NAME, UNDO_PLACE } from "./names.js";
import { takePart } from "./parts.js";
import { post, postHeaders } from "./requests.js";

const PATIENCE = 10_000; // milliseconds; the template says so, too

const deletions = new Map(); // by the line that offers to undo them: the item's id, the address, and a timer until it is sent

const itemOf = ({ id }) => document.querySelector(`[id="${id}"]`);
const linkIn = (item) => item?.querySelector("a");

/** Hide what is to be deleted, also after the list was swapped. */
function hideDeleted() {
  for (const deletion of deletions.values()) itemOf(deletion)?.toggleAttribute("hidden", true);
}

function begin(button) {
  const item = button.closest(`${SESSIONS} > li`);
  const link = linkIn(item);
  const line = find(UNDO_LINE).content.firstElementChild.cloneNode(true);
  const wasOpen = link.hasAttribute("aria-current");
  line.querySelector(UNDO_NAME).textContent = link.textContent;
  find(UNDO_PLACE).append(line);
  find(UNDO_PLACE).showPopover();
  const timer = setTimeout(send, PATIENCE, line);
  const near = item.nextElementSibling ?? item.previousElementSibling;
  deletions.set(line, { id: item.id, address: button.getAttribute(DELETE), timer, wasOpen, near });
  hideDeleted();
  line.querySelector(`[${UNDO}]`).focus();
  if (wasOpen) find(NEW).click();
}

function end(line) {
  const deletion = deletions.get(line);
  clearTimeout(deletion.timer);
  deletions.delete(line);
  itemOf(deletion)?.removeAttribute("hidden"); // not there any more, if it was deleted
  line.remove();
  if (!deletions.size) find(UNDO_PLACE).hidePopover();
  return deletion;
}

function undo(line) {
  const deletion = end(line);
  const link = linkIn(itemOf(deletion));
  if (deletion.wasOpen) link?.click();
  link?.focus();
}

/** Nothing of the session stays in this tab. */
const forget = ({ id }) => forgetDraft(`${document.body.getAttribute(OWNER)}.${id.replace("item-", "")}`);

/** Have the session deleted. The answer is the list without it, or a sentence. */
async function send(line) {
  const deletion = deletions.get(line);
  if (!deletion?.timer) return; // it has been sent
  clearTimeout(deletion.timer);
  deletion.timer = null;
  if (line.contains(document.activeElement)) linkIn(deletion.near)?.focus();
  line.hidden = true;
  if (await post(deletion.address, line)) forget(deletion);
  if (deletions.has(line)) end(line);
}

/** Have all of them deleted, by requests that outlive the page. */
function sendAll() {
  const headers = postHeaders();
  for (const [line, deletion] of deletions) {
    const { address, timer } = deletion;
    if (!timer) continue;
    fetch(address, { method: "POST", keepalive: true, headers });
    forget(deletion);
    clearTimeout(timer);
    line.hidden = true;
    deletion.timer = null;
  }
}

window.addEventListener("pagehide", sendAll);

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${DELETE}]`);
  if (button) begin(button);
  if (target.closest(`${LEAVE} button`)) sendAll();
  if (target.closest(`[${UNDO}]`)) undo(target.closest(`${UNDO_PLACE} > *`));
  if (target.closest(`[${ERASE}]`)) send(target.closest(`${UNDO_PLACE} > *`));
});

takePart({ settle: hideDeleted });
