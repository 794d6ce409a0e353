// The headings in the list of sessions: when something was last said there, in the reader's own time zone.
import { dayOf, nameOf } from "./days.js";
import { gettext, locale } from "./language.js";
import { AT, PINNED, SESSIONS } from "./names.js";

const WEEK = 7;

function groupOf(item, today) {
  if (item.hasAttribute(PINNED)) return gettext("Pinned");
  if (!item.hasAttribute(AT)) return "";
  const day = dayOf(new Date(item.getAttribute(AT)));
  const ago = Math.round((today - day) / 86_400_000); // not exact where the clocks have changed
  if (ago < 2) return nameOf(new Date(Math.min(day, today)), today); // by another clock, it may be tomorrow
  if (ago < WEEK) return gettext("Last 7 days");
  const year = day.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return day.toLocaleDateString(locale, { month: "long", year });
}

/** Give the first session of each group its heading. The style sheet shows it. */
export function markGroups() {
  const today = dayOf(new Date());
  let before = "";
  for (const item of document.querySelectorAll(`${SESSIONS} > li:not([hidden])`)) {
    const group = groupOf(item, today);
    if (group && group !== before) item.dataset.group = group;
    else delete item.dataset.group;
    before = group || before;
  }
}
