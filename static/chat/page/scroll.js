// The scroll position of the messages. A reader at the end stays there; a reader further up is left alone.
import { EARLIER, find, LOG } from "./names.js";

let follow = true;
let fromEnd = 0; // before a swap

const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

/** Scroll to the end, and stay there. */
export function followEnd() {
  follow = true;
}

export function toEnd() {
  const log = find(LOG);
  if (log && follow) log.scrollTop = log.scrollHeight;
}

function scrolled({ target }) {
  if (target === find(LOG)) follow = atEnd(target);
}

document.addEventListener("scroll", scrolled, true);

document.addEventListener("htmx:before:swap", () => {
  const log = find(LOG);
  if (log) fromEnd = log.scrollHeight - log.scrollTop;
});

/** Keep the visible messages in place after a swap has added older ones above. */
export function holdPlace(swapped) {
  if (!swapped.closest?.(EARLIER)) return;
  follow = false;
  find(LOG).scrollTop = find(LOG).scrollHeight - fromEnd;
}
