// Without cookies each request is another visitor's, so the page sends none. It says what it needs instead.
import { gettext } from "./language.js";
import { COMPOSER, CONNECTION, find, NO_COOKIES, NOTICE } from "./names.js";
import { say } from "./notices.js";
import { visit } from "./visit.js";

const PROBE = "cookies-are-kept=1; SameSite=Lax";

// navigator.cookieEnabled is true in Chromium even where its user has blocked them.
function areKept() {
  write(PROBE);
  const kept = document.cookie.includes("cookies-are-kept");
  write(`${PROBE}; Max-Age=0`);
  return kept;
}

function write(cookie) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API exists on https only.
  document.cookie = cookie;
}

function ask() {
  if (find(NOTICE).textContent !== visit.reason) say(visit.reason);
}

function refuse(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  ask();
}

/** Say that the page needs cookies, if the browser keeps none. */
export function askForCookies() {
  if (!find(COMPOSER) || areKept()) return;
  visit.over = true;
  visit.reason = find(COMPOSER).getAttribute(NO_COOKIES);
  find(CONNECTION).textContent = gettext("Not connected.");
  ask();
  document.addEventListener("htmx:before:request", refuse, true);
  document.addEventListener("htmx:ws:error", refuse, true);
}
