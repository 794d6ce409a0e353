// HTTP requests: their CSRF token, and the sentences shown when one fails.
import { leave } from "./connection.js";
import { keepDraft } from "./draft.js";
import { gettext } from "./language.js";
import { ASK_AGAIN, CSRF_COOKIE, find, LOOK, LOOK_NOW, OWNER, VISIT } from "./names.js";
import { over, say, standing } from "./notices.js";

/** The cookie's token: the page's own is out of date if somebody has since signed in in another tab. */
function csrfToken() {
  const name = `${document.body.getAttribute(CSRF_COOKIE)}=`;
  return document.cookie
    .split("; ")
    .find((cookie) => cookie.startsWith(name))
    ?.slice(name.length);
}

/** The headers of a POST that htmx does not send. */
export const postHeaders = () => ({
  "X-CSRFToken": csrfToken(),
  "Page-Owner": document.body.getAttribute(OWNER),
  "Page-Language": document.documentElement.lang,
});

/** POST form fields from an element; whether it worked. The answer's swaps are made, and an error is said. */
export async function post(address, source, values = {}) {
  let worked = false;
  const note = ({ detail: { ctx } }) => {
    if (ctx.sourceElement === source) worked = ctx.response.status < 400;
  };
  document.addEventListener("htmx:after:request", note);
  await htmx.ajax("POST", address, { source, swap: "none", values });
  document.removeEventListener("htmx:after:request", note);
  return worked;
}

document.addEventListener("htmx:config:request", ({ detail }) => {
  const token = csrfToken();
  if (token) detail.ctx.request.headers["X-CSRFToken"] = token;
});

let wanted; // the request for the session that was asked for last

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.push) wanted = ctx;
});

// An earlier one may have its answer later.
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (ctx.push && ctx !== wanted) event.preventDefault();
});

// The page always shows a sentence; one in the server's answer replaces it. An error page of our own (a session page
// with a notice of an outage) is shown like any other page; other error pages are not.
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const { status } = ctx.response;
  const advice = status < 500 ? gettext("Reload the page and try again.") : gettext("Try again in a moment.");
  if (status === 409) {
    leave();
    keepDraft();
  }
  if (status === 409 || !ctx.sourceElement.matches(VISIT))
    say(`${gettext("That did not work ({status}).", { status })} ${advice}`);
  if (status === 503) htmx.trigger(find(LOOK) ?? document, LOOK_NOW); // removes the sentence once memory is back
  if (ctx.text.includes('id="session"')) return;
  Object.assign(ctx, { swap: "none", push: null, text: ctx.text.startsWith("<hx-partial") ? ctx.text : "" });
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.response) return;
  if (!ctx.sourceElement.matches(VISIT)) say(gettext("The site is not answering. Try again in a moment."), "site");
  if (standing("site")) htmx.trigger(find(VISIT) ?? document, ASK_AGAIN);
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.response.status < 500) over("site");
});
