// Requests over HTTP: whose they are, and what is said when one fails.
import { leave } from "./connection.js";
import { ASK_AGAIN, find, LOOK, LOOK_NOW, VISIT } from "./names.js";
import { over, say, standing } from "./notices.js";

// The token of the cookie: that of the page is an old one when somebody has signed in since, in another tab.
document.addEventListener("htmx:config:request", ({ detail }) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (token) detail.ctx.request.headers["X-CSRFToken"] = token;
});

// The page always says something; the server's own sentence, if the answer holds one, replaces it. One of our own pages
// with a notice of an outage is shown like any other; other error pages are not.
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const { status } = ctx.response;
  const advice = status < 500 ? "Reload the page and do it again." : "Try it again in a moment.";
  if (status === 409) leave();
  if (status === 409 || !ctx.sourceElement.matches(VISIT)) say(`That could not be done (${status}). ${advice}`);
  if (status === 503) htmx.trigger(find(LOOK) ?? document, LOOK_NOW); // the sentence goes when memory is back
  if (ctx.text.includes('id="session"')) return;
  Object.assign(ctx, { swap: "none", push: null, text: ctx.text.startsWith("<hx-partial") ? ctx.text : "" });
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.response) return;
  if (!ctx.sourceElement.matches(VISIT)) say("The site does not answer. Try again in a moment.", "site");
  if (standing("site")) htmx.trigger(find(VISIT) ?? document, ASK_AGAIN);
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.response.status < 500) over("site");
});
