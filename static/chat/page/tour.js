// What a first-time visitor can try with a click: the page sends messages for them, one after another, each when the one
// before is remembered. It says so, and can be stopped; what is left to try stays above the message box.
import { openDrawer } from "./drawer.js";
import { gettext } from "./language.js";
import {
  ASIDE,
  DISMISS,
  ENDED,
  FAILED,
  FOLD_MARK,
  FOLDED,
  find,
  HALT,
  LIVE,
  MEMORY,
  MESSAGE,
  OFFER,
  REFUSED,
  SAYS,
  SHOWN,
  SIZE,
  STOP_BUTTON,
  TOUR,
  TURN,
  UNSAVED,
  WINDOW,
} from "./names.js";
import { onItsWay } from "./outbox.js";
import { takePart } from "./parts.js";
import { sendText } from "./sending.js";

const NAME = "Hi, my name is Lemmy.";
const STORY = "Write a long answer of 300 words about bass players.";
const FACTS = [
  "I play the bass.",
  "My dog is called Ace.",
  "I live in Stoke.",
  "I like tea with milk.",
  "My favourite colour is black.",
  "I work at night.",
  "My sister is called Iris.",
  "I hate flat beer.",
  "My car is red.",
  "I speak Welsh.",
];
const LONG_LOOK = 6000; // milliseconds for which the summary is pointed at

let journey = null; // under way: what it is, the messages in a full window, and how many it has sent
let told = 0; // facts
let left = []; // copies of the buttons that have not been tried yet

const inWindow = () => document.querySelectorAll(`${WINDOW} ${MESSAGE}`).length;
const folded = () => +(find(FOLD_MARK)?.getAttribute(FOLDED) ?? 0);
const isIdle = () => !(onItsWay() || find(STOP_BUTTON) || find(`${LIVE} ${TURN}`));

// --- the line above the message box ------------------------------------------------------------------------------------

function say(sentence) {
  const place = find(TOUR);
  place.hidden = !sentence && !left.length;
  place.querySelector(SAYS).textContent = sentence || gettext("Try next:");
  place.querySelector(`[${HALT}]`).hidden = !journey;
  for (const button of place.querySelectorAll(`[${OFFER}]`)) button.remove();
  if (!journey) place.querySelector(`[${HALT}]`).before(...left);
}

/** Keep the offers that are left, without their explanations, when the empty session that made them begins. */
function keepOthers(chosen) {
  const offers = document.querySelectorAll(`${WINDOW} [${OFFER}]:not(:disabled)`);
  if (offers.length) left = [...offers].map(shortened);
  left = left.filter((button) => button.getAttribute(OFFER) !== chosen);
}

function shortened(button) {
  const copy = button.cloneNode(true);
  copy.replaceChildren(copy.firstElementChild.textContent);
  return copy;
}

// --- journeys ------------------------------------------------------------------------------------------------------------

const GOALS = {
  fill: {
    isReached: ({ size }) => inWindow() >= size || folded() > 0,
    doing: (values) => gettext("Filling the window: {count} of {size} messages.", values),
    done: gettext("It is full."),
  },
  fold: {
    isReached: () => folded() > 0,
    doing: (values) => gettext("Filling the window until it folds: {count} of {size} messages.", values),
    done: gettext("Folded: read the summary."),
  },
};

function setOut(what, size) {
  journey = { what, size, sent: 0 };
  step();
}

/** Send the next message once the one before is remembered, until the goal is reached. */
function step() {
  if (!journey || !isIdle()) return;
  const { what, size, sent } = journey;
  const goal = GOALS[what];
  if (goal.isReached(journey)) return arrive(goal);
  if (inWindow() > size) return say(gettext("The window is full: its oldest messages are being folded…"));
  if (sent > size || !sendText(FACTS[told++ % FACTS.length])) return halt();
  journey.sent += 1;
  say(goal.doing({ count: inWindow(), size }));
}

function arrive(goal) {
  const { what } = journey;
  journey = null;
  say(goal.done);
  if (what === "fold") pointAt(find(MEMORY));
}

function halt() {
  journey = null;
  say("");
}

/** Lead the eye to an element, on a phone inside its panel. */
function pointAt(element) {
  const panel = find(ASIDE);
  if (getComputedStyle(panel).display === "none") panel.showPopover();
  element.classList.add("look-here");
  setTimeout(() => element.classList.remove("look-here"), LONG_LOOK);
}

const TRIES = {
  name: () => sendText(NAME),
  fill: (size) => setOut("fill", size),
  fold: (size) => setOut("fold", size),
  kill: () => {
    if (isIdle()) sendText(STORY);
    openDrawer();
  },
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${OFFER}]`);
  if (button) {
    keepOthers(button.getAttribute(OFFER));
    journey = null;
    TRIES[button.getAttribute(OFFER)](+button.getAttribute(SIZE));
    if (!journey) say("");
  }
  if (target.closest(`[${HALT}]`)) halt();
  if (target.closest(`[${DISMISS}]`)) {
    left = [];
    halt();
  }
});

/** Reset for another session. */
function begin() {
  [journey, left, told] = [null, [], 0];
}

/** Act on the server's facts: go on when the last message is remembered, and stop when one was refused. */
function learn(facts) {
  if (!journey) return;
  if (facts[REFUSED] || find(`${LIVE} :is(${FAILED}, ${UNSAVED})`)) halt();
  else if (facts[SHOWN] || facts[ENDED]) step();
}

takePart({ begin, learn });
