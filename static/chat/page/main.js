// The page's entry point. The server sends HTML, and htmx puts it in place; the script does the rest.
import "./random_uuid.js";
import "./storage.js";
import { isAnswering, showActions } from "./actions.js";
import "./acts.js";
import { announce } from "./announcing.js";
import "./changes.js";
import { sendBody } from "./connection.js";
import { askForCookies } from "./cookies.js";
import "./copying.js";
import { markDays } from "./days.js";
import "./dialogs.js";
import { restoreDraft } from "./draft.js";
import { keepFocus } from "./focus.js";
import { greyOut } from "./folding.js";
import "./later.js";
import {
  COMPOSER,
  CONNECT,
  DRAWER,
  EARLIER_BUTTON,
  ENDED,
  find,
  LISTED,
  LIVE,
  OFFER,
  SESSION,
  SHOWN,
  STALE,
  TITLE,
  UNSAVED,
  UNSUPPORTED,
} from "./names.js";
import { each } from "./parts.js";
import "./newest.js";
import { show as showOutbox } from "./outbox.js";
import "./pulse.js";
import { showQueue } from "./queue.js";
import "./reading.js";
import { markReplaced } from "./replacing.js";
import "./requests.js";
import { checkEditor } from "./resending.js";
import { bringBack, followEnd, keep } from "./scroll.js";
import { aim, showWanted } from "./search.js";
import * as sending from "./sending.js";
import * as serving from "./serving.js";
import { markGroups } from "./session_groups.js";
import { forgetThoughts, keepThoughts } from "./thoughts.js";
import { localTimes } from "./times.js";
import { offerUndo } from "./undoing.js";
import { visit } from "./visit.js";

let shown = null; // the session on the page

/** Set up the page for the session that it now shows. */
function begin() {
  aim(!shown);
  shown = find(SESSION);
  sending.begin();
  forgetThoughts();
  visit.over = false;
  followEnd();
  restoreDraft();
  serving.begin();
  each("begin");
}

// Not earlier: what the first frames say is for this script, too.
const connect = () => htmx.trigger(find(SESSION), CONNECT);

/** Turn off the offer to kill a worker where the page has nothing to do that with: to others, the site gives no drawer. */
function closeOffer() {
  const offer = find(DRAWER) ? null : find(`[${OFFER}][${UNSUPPORTED}]`);
  if (!offer) return;
  offer.disabled = true;
  offer.lastElementChild.textContent = offer.getAttribute(UNSUPPORTED);
}

/** Bring everything up to date after a change of the page. */
function settle() {
  keepThoughts();
  showOutbox();
  showActions();
  showQueue(isAnswering());
  checkEditor();
  markReplaced();
  offerUndo();
  localTimes();
  greyOut();
  closeOffer();
  markDays();
  each("settle");
  markGroups();
  keep();
  showWanted();
  document.title = `${find(TITLE).textContent} · Motörhead Chat`;
  keepFocus();
}

/** Act on the facts that come with the HTML. */
function learn(facts) {
  if (facts[LISTED]) htmx.trigger(document.body, STALE); // a list with more than one page reloads itself
  sending.learn(facts);
  serving.learn(facts);
  each("learn", facts);
  if (facts[ENDED]) announce(facts[ENDED]);
  if (facts[SHOWN]) bringBack();
  if (facts[SHOWN] || facts[ENDED]) checkUnsaved();
}

// A memory server that answers too late may have remembered a turn that looks unsaved. So the page asks whenever it
// receives the memory again.
function checkUnsaved() {
  for (const save of document.querySelectorAll(`${LIVE} ${UNSAVED} [hx-vals]`))
    sendBody({ ...JSON.parse(save.getAttribute("hx-vals")), type: "check" });
}

document.addEventListener("htmx:after:ws:message", ({ detail }) => {
  if (detail.message.json && find(COMPOSER)) learn(detail.message.json);
  settle();
});

document.addEventListener("htmx:after:swap", ({ detail }) => {
  const isAnother = find(SESSION) !== shown;
  if (isAnother) begin();
  settle();
  if (isAnother) connect();
  if (detail.ctx.sourceElement.matches?.(EARLIER_BUTTON)) bringBack(); // it may be on a page before this one
});

begin();
askForCookies();
settle();
// htmx may have started before its websocket extension had loaded. It skips elements that it has already processed.
htmx.process(document.body);
connect();
