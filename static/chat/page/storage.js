// A browser may refuse to store anything for a page. Then drafts last as long as the page does, and leaving it with one in
// the box is asked about: otherwise nobody needs to know.
import { find, TEXT } from "./names.js";

/** What drafts are stored in instead; its own properties are the names of its items, as in the browser's. */
class PageStorage {
  getItem(name) {
    return this[name] ?? null;
  }

  setItem(name, value) {
    this[name] = value;
  }

  removeItem(name) {
    delete this[name];
  }
}

function askBeforeLeaving(event) {
  if (find(TEXT)?.value) event.preventDefault();
}

try {
  sessionStorage.getItem("");
} catch {
  Object.defineProperty(window, "sessionStorage", { value: new PageStorage() });
  window.addEventListener("beforeunload", askBeforeLeaving);
}
