// When the focused element is swapped out, the focus stays near: in the list or the panel where it was, otherwise in the
// message box, or with the messages on a page without it.
import { find, LOG, MEMORY, SESSIONS, TEXT } from "./names.js";

const PLACES = `${SESSIONS} li, ${SESSIONS}, ${MEMORY}`;
const CONTROLS = "a[href], button, summary, input, textarea";

let focused = null;
let places = []; // around it, the nearest first
let number = 0; // of its item in the list of sessions

document.addEventListener("focusin", ({ target }) => {
  focused = target;
  places = [];
  for (let place = target.closest(PLACES); place; place = place.parentElement.closest(PLACES)) places.push(place);
  number = places.length > 1 ? [...places[1].children].indexOf(places[0]) : 0;
});

/** The control nearest to where the focus was. */
function near() {
  const place = places.find((one) => one.isConnected);
  const item = place?.matches(SESSIONS) ? (place.children[number] ?? place.lastElementChild) : place;
  return item?.querySelector(CONTROLS);
}

export function keepFocus() {
  if (document.activeElement !== document.body || !focused || focused.isConnected) return;
  (near() ?? find(TEXT) ?? find(LOG))?.focus();
}
