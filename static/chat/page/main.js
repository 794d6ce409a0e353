// The page's own part. What it shows comes from the server; htmx puts it in its place.
import "./random_uuid.js";
import { sendBody } from "./connection.js";
import "./copying.js";
import "./dialogs.js";
import { restoreDraft } from "./draft.js";
import { keepFocus } from "./focus.js";
import { COMPOSER, ENDED, find, LISTED, LIVE, SESSION, SHOWN, STALE, TITLE, UNSAVED } from "./names.js";
import "./requests.js";
import { followEnd, holdPlace, toEnd } from "./scroll.js";
import * as sending from "./sending.js";
import { localTimes } from "./times.js";
import { visit } from "./visit.js";

let shown = null; // the session on the page

/** A session comes onto the page. */
function begin() {
  shown = find(SESSION);
  sending.begin();
  visit.over = false;
  followEnd();
  restoreDraft();
}

/** After each change of the page. */
function settle() {
  toEnd();
  localTimes();
  document.title = `${find(TITLE).textContent} · Motörhead Chat`;
  keepFocus();
}

/** Act on the facts that come beside the HTML. */
function learn(facts) {
  if (facts[LISTED]) htmx.trigger(document.body, STALE); // a list that was unfolded asks for itself again
  sending.learn(facts);
  if (facts[SHOWN] || facts[ENDED]) checkUnsaved();
}

// A turn that seemed not to be remembered may have been, by a memory server that answered too late. The page asks
// whenever the memory is shown again.
function checkUnsaved() {
  for (const save of document.querySelectorAll(`${LIVE} ${UNSAVED} [hx-vals]`))
    sendBody({ ...JSON.parse(save.getAttribute("hx-vals")), type: "check" });
}

document.addEventListener("htmx:after:ws:message", ({ detail }) => {
  if (detail.message.json && find(COMPOSER)) learn(detail.message.json);
  settle();
});

document.addEventListener("htmx:after:swap", (event) => {
  holdPlace(event.target);
  if (find(SESSION) !== shown) begin();
  settle();
});

begin();
settle();
// htmx may have begun before its websocket extension had arrived; what it has done already it does not do twice.
htmx.process(document.body);
