// Times in the reader's own time zone and language; those of another day have its date.
import { markDays } from "./days.js";
import { locale } from "./language.js";
import { markGroups } from "./session_groups.js";

let today = null; // the day for which the times were written

function write(time) {
  const at = new Date(time.dateTime);
  const style = at.toDateString() === today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  time.textContent = at.toLocaleString(locale, style);
  time.title = at.toLocaleString(locale);
  time.dataset.local = "";
}

/** Rewrite the times that are new on the page, or all of them on a new day. */
export function localTimes() {
  const day = new Date().toDateString();
  const stale = day === today ? "time:not([data-local])" : "time";
  today = day;
  document.querySelectorAll(stale).forEach(write);
}

// In a tab left open: at midnight, and when it comes back after a sleep, in which no time passes for it.
function waitForMidnight() {
  const now = new Date();
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  setTimeout(newDay, midnight - now + 500);
}

function newDay() {
  cameBack();
  waitForMidnight();
}

function cameBack() {
  localTimes();
  markDays();
  markGroups();
}

waitForMidnight();
document.addEventListener("visibilitychange", cameBack);
window.addEventListener("focus", cameBack);
