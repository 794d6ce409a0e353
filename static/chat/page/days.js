// A line with its day above the first message of each day, in the reader's own time zone. The line has no text: its
// style sheet shows its label, and so it is in no message.
import { gettext, locale } from "./language.js";
import { LIVE, LOG, MESSAGE, OUTBOX, TURN, TURN_ID } from "./names.js";

const DAY = "day";
/** The day of a time, at midnight. */
export const dayOf = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());

/** What a day is called. */
export function nameOf(day, today) {
  const ago = Math.round((today - day) / 86_400_000); // not exact where the clocks have changed
  if (ago === 0) return gettext("Today");
  if (ago === 1) return gettext("Yesterday");
  const year = day.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString(locale, { weekday: "long", day: "numeric", month: "long", year });
}

const begun = new Map(); // when turns that are not remembered were first shown, by id

/** When a message was said; undefined if that is unknown. */
function timeOf(message) {
  const time = message.querySelector(":scope > .under > time");
  if (time) return new Date(time.dateTime);
  if (!message.closest(`${LIVE}, ${OUTBOX}`)) return undefined;
  const turn = message.closest(TURN)?.getAttribute(TURN_ID);
  if (turn && !begun.has(turn)) begun.set(turn, new Date());
  return begun.get(turn) ?? new Date();
}

function mark(message, name) {
  const first = message.firstElementChild;
  const line = first.matches(`.${DAY}`) ? first : null;
  if (!name) line?.remove();
  else if (!line) message.prepend(lineOf(name));
  else if (line.ariaLabel !== name) line.ariaLabel = name;
}

function lineOf(name) {
  const line = document.createElement("div");
  line.className = DAY;
  line.role = "separator";
  line.ariaLabel = name;
  return line;
}

/** Draw the lines again: after a change of the page, and on a new day. */
export function markDays() {
  const today = dayOf(new Date());
  let before = null;
  for (const message of document.querySelectorAll(`${LOG} ${MESSAGE}`)) {
    const at = timeOf(message);
    const day = at ? dayOf(at) : before;
    mark(message, day && +day !== +before ? nameOf(day, today) : "");
    before = day;
  }
}
