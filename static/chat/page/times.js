// Times as the reader's own clock and language write them.

/** Rewrite the times that have come onto the page. */
export function localTimes() {
  for (const time of document.querySelectorAll("time:not([data-local])")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    const style = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
    time.textContent = at.toLocaleString([], style);
    time.title = at.toLocaleString();
    time.dataset.local = "";
  }
}
