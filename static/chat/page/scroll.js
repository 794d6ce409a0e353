// The scroll position of the messages. Only this module moves it. A reader at the end stays at the end; for a reader
// further up, whatever changes, the paragraph at the top of the log stays where it is.
import { EARLIER_BUTTON, FIRST_VISIT, find, LOG, MISSED, REWRITE, UNFOLD } from "./names.js";
import { driftOf, messageAt, placesIn } from "./places.js";

const NEAR = 60; // pixels: scrolling down to this distance from the end means following it

let following = true; // the end; otherwise, `places` stay where they are
let places = [];
let known = 0; // the position after the last move, by whomever
let held = false;

const listeners = [];

/** Have a function called after the log has moved, or may have. */
export const whenMoved = (listener) => listeners.push(listener);

const tell = () => {
  for (const listener of listeners) listener();
};

const toEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight;

/** Whether the reader sees the end of the newest message, or nearly so. */
export function isAtEnd() {
  const log = find(LOG);
  return following || !log || toEnd(log) <= NEAR;
}

/** Scroll to the end, and stay there. */
export function followEnd() {
  following = true;
  known = find(LOG)?.scrollTop;
  keep();
}

/** Show a message, a little below the top, and stay there. */
export function showMessage(message) {
  const log = find(LOG);
  moveBy(message.getBoundingClientRect().top - log.getBoundingClientRect().top - log.clientHeight / 5);
}

/** Scroll down by this number of pixels, and stay there. */
export function moveBy(distance) {
  const log = find(LOG);
  following = false;
  log.scrollTop += distance;
  [known, places] = [log.scrollTop, placesIn(log)];
  tell();
}

/** Scroll a list as little as necessary to show this item. */
export const reveal = (item) => item.scrollIntoView({ block: "nearest" });

/** Have the reader see what they saw before the page changed. */
export function keep() {
  const log = find(LOG);
  if (!log) return;
  watch(log);
  notice(log);
  if (following) log.scrollTop = isFirstVisit(log) ? 0 : log.scrollHeight;
  else stay(log);
  known = log.scrollTop;
  if (held) following = toEnd(log) < 1;
  held = false;
  tell();
}

// An empty session is read from its beginning.
const isFirstVisit = (log) => log.querySelector(FIRST_VISIT)?.offsetHeight > 0;

function stay(log) {
  const drift = driftOf(log, places);
  if (drift) log.scrollTop += drift;
}

const asked = new WeakSet(); // buttons, each of which shows one page of older messages

/** Show what the reader was reading, if it is behind the button: after a fold while the page was not connected. */
export function bringBack() {
  const [log, button, place] = [find(LOG), find(EARLIER_BUTTON), places[0]];
  if (following || !button || !place || messageAt(log, place)) return;
  if (asked.has(button) || !mayShow(button, place)) return;
  asked.add(button);
  htmx.trigger(button, MISSED);
}

// The messages of a turn have numbers that the place does not know, but they are the newest.
function mayShow(button, place) {
  if (place.id) return numberIn(place.id) < firstShown(button);
  const first = !place.sought;
  place.sought = true;
  return first;
}

const numberIn = (id) => +id.split("-").at(-1);

// "" where the window is empty.
const firstShown = (button) => +(JSON.parse(button.getAttribute("hx-vals")).before || Number.POSITIVE_INFINITY);

/** Stay here over the next change, even at the end: the user has asked for it, and sees where. */
function hold() {
  [following, held, places] = [false, true, placesIn(find(LOG))];
}

/** See whether the log was scrolled: by the user, or by a browser that shows what it has focused or found. */
function notice(log) {
  if (log.scrollTop === known || isCutShort(log)) return;
  const up = log.scrollTop < known;
  known = log.scrollTop;
  following = toEnd(log) < (up ? 1 : NEAR);
  places = placesIn(log);
}

// A log that becomes shorter than the reader's place, as when a phone is turned, is moved up to its new end.
const isCutShort = (log) => log.scrollTop < known && toEnd(log) < 1;

function scrolled({ target }) {
  if (target !== find(LOG)) return;
  notice(target);
  tell();
}

document.addEventListener("scroll", scrolled, true);

function clicked({ target }) {
  if (target.closest(`${LOG} summary, ${EARLIER_BUTTON}, [${REWRITE}], [${UNFOLD}]`)) hold();
}

document.addEventListener("click", clicked, true);
document.addEventListener("toggle", keep, true);

// Changes without a swap: of the window, the message box, fonts and images.
const sizes = new ResizeObserver(keep);
const watched = new WeakSet();

function watch(log) {
  for (const part of [log, ...log.children]) {
    if (watched.has(part)) continue;
    watched.add(part);
    sizes.observe(part);
  }
}
