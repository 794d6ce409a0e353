// Text that was typed beside the summary and is not saved yet. It stays in this tab, also over a reload. Its name begins
// as those of drafts do, so it is removed with them when another visitor takes over.
import { find, MEMORY_ID, SESSION } from "./names.js";

const key = (name) => `draft:${find(SESSION).getAttribute(MEMORY_ID)} (${name})`;

export const keptText = (name) => JSON.parse(sessionStorage.getItem(key(name)));

export const dropText = (name) => sessionStorage.removeItem(key(name));

export function keepText(name, what) {
  try {
    sessionStorage.setItem(key(name), JSON.stringify(what));
  } catch {
    dropText(name); // far too long to be saved, which the server will say
  }
}
