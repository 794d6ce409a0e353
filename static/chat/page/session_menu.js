// The menu of a session in the list. There is one for all, outside the list: a swap of the list leaves it open.
import { gettext } from "./language.js";
import { DELETE, EXPORT, find, MENU, PINNED, SESSION_MENU, SESSION_MENU_REASON, SHARE, VERB } from "./names.js";
import { change, edit } from "./session_editing.js";

const GAP = 4; // pixels

let itemId = ""; // of the session whose menu is open

const menuButton = () => document.querySelector(`[id="${itemId}"] [${MENU}]`);

/** Put the menu below its button, or above one in the lower half of the window, and where there is room beside it. */
function place(menu, button) {
  const { top, bottom, left, right } = button.getBoundingClientRect();
  const isLow = top > innerHeight / 2;
  const isRight = left > innerWidth / 2;
  Object.assign(menu.style, {
    top: isLow ? "auto" : `${bottom + GAP}px`,
    bottom: isLow ? `${innerHeight - top + GAP}px` : "auto",
    left: isRight ? "auto" : `${left}px`,
    right: isRight ? `${innerWidth - right}px` : "auto",
  });
}

/** Offer what can be done to the session, and say why something cannot. */
function offer(menu, button) {
  const item = button.closest("li");
  const reason = button.getAttribute(MENU);
  itemId = item.id;
  for (const verb of menu.querySelectorAll(`[${VERB}]:not(.danger)`)) verb.ariaDisabled = reason ? "true" : null;
  menu.querySelector(`[${VERB}=pinned]`).textContent = item.hasAttribute(PINNED) ? gettext("Unpin") : gettext("Pin");
  for (const link of menu.querySelectorAll(`[${EXPORT}]`))
    link.href = item.querySelector("a").getAttribute("href") + link.getAttribute(EXPORT);
  find(`${SESSION_MENU} [${SHARE}]`).value = `${item.querySelector("a").getAttribute("href")}/share`;
  find(SESSION_MENU_REASON).textContent = reason;
  find(SESSION_MENU_REASON).hidden = !reason;
  place(menu, button);
}

function act(verb) {
  const item = menuButton()?.closest("li");
  find(SESSION_MENU).hidePopover();
  if (!item) return;
  if (verb === "delete") item.querySelector(`[${DELETE}]`).click();
  else if (verb === "pinned") change(item, { pinned: item.hasAttribute(PINNED) ? "no" : "yes" });
  else edit(item, verb);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${MENU}]`);
  if (button) offer(find(SESSION_MENU), button);
  if (target.closest(`${SESSION_MENU} [${EXPORT}]`)) find(SESSION_MENU).hidePopover();
  const verb = target.closest(`${SESSION_MENU} [${VERB}]`);
  if (verb && verb.ariaDisabled !== "true") act(verb.getAttribute(VERB));
});
