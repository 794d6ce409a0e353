// Times in the reader's own time zone and language.

/** Rewrite the times that are new on the page. */
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
