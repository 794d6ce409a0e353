// The button over the end of the log, for a reader further up: it leads to the newest message, and has the number of
// those that have come since the reader was at the end.
import { gettext } from "./language.js";
import { EARLIER_LIST, find, LIVE, LOG, MESSAGE, NEWEST, NEWEST_COUNT, WINDOW } from "./names.js";
import { followEnd, isAtEnd, whenMoved } from "./scroll.js";

let seen = 0; // messages of the session, when the reader was last at the end

// Remembered messages are numbered; a memory server without numbers has them all in the window. Those of a turn are
// counted where they grow, and then where they are remembered.
function count() {
  const numbered = find(`${WINDOW} > [id]:last-child`) ?? find(`${EARLIER_LIST} > [id]:last-child`);
  const remembered = numbered
    ? +numbered.id.split("-").at(-1)
    : document.querySelectorAll(`${WINDOW} > ${MESSAGE}`).length;
  return remembered + document.querySelectorAll(`${LIVE} ${MESSAGE}`).length;
}

/** Show the button where it is needed, with what has not been seen. */
export function showNewest() {
  const button = find(NEWEST);
  if (!button) return;
  const now = count();
  seen = isAtEnd() ? now : Math.min(seen, now);
  label(button, now - seen);
  if (isAtEnd() && document.activeElement === button) find(LOG).focus({ preventScroll: true });
  button.hidden = isAtEnd();
}

function label(button, unseen) {
  const text = unseen ? gettext("{count} new", { count: unseen }) : gettext("Newest");
  if (find(NEWEST_COUNT).textContent === text) return;
  find(NEWEST_COUNT).textContent = text;
  button.ariaLabel = unseen
    ? gettext("Jump to the newest message, {count} new", { count: unseen })
    : gettext("Jump to the newest message");
}

/** Go to the newest message. The focus stays where it is, unless it was on the button: then it moves to the log. */
export function jumpToNewest() {
  followEnd();
}

whenMoved(showNewest);

document.addEventListener("click", ({ target }) => {
  if (target.closest(NEWEST)) jumpToNewest();
});
