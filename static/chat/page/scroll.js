// What is in sight of the messages. A reader at their end stays there; one who reads further up is left alone.
import { EARLIER, find, LOG } from "./names.js";

let follow = true;
let fromEnd = 0; // before a swap

const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

/** Go to the end, and stay there. */
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

/** After a swap that put older messages above: what is in sight stays in sight. */
export function holdPlace(swapped) {
  if (!swapped.closest?.(EARLIER)) return;
  follow = false;
  find(LOG).scrollTop = find(LOG).scrollHeight - fromEnd;
}
