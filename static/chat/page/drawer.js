// The drawer where one ends the site's processes in the middle of an answer. It names who answers, and tells what happens
// next. It is there only where the site runs on a machine of one's own.
import { replaceConnection } from "./connection.js";
import { gettext, locale } from "./language.js";
import {
  ACT,
  ANSWERED_BY,
  ANSWERER,
  ANSWERING,
  DRAWER,
  ENDED,
  FAILED,
  find,
  HELD_BY,
  HOLDER,
  LIVE,
  OUT_OF_REACH,
  STORY,
  TURN_ID,
  UNSAVED,
} from "./names.js";
import { takePart } from "./parts.js";
import { reveal } from "./scroll.js";
import { serving } from "./serving.js";
import { inSeconds, inWords, LINE, MEMORY_ANSWERS, PROCESS, Story, TURN_ENDS, TURN_GOES_ON } from "./story.js";
import { ask } from "./supervisor.js";

const LOOK_AGAIN = 250; // milliseconds between questions about the processes
const PATIENCE = 60_000; // milliseconds after which nobody asks any more

const NAMES = { memory: "memory.1", store: "valkey" }; // of the supervisor's children; a host may come before them
// What is said where some of these are out of reach.
const REACH = {
  memory: () => gettext("The memory server runs elsewhere, out of reach."),
  store: () => gettext("The store runs elsewhere, out of reach."),
  "memory,store": () => gettext("The memory server and the store run elsewhere, out of reach."),
};

let processes = []; // as they were last seen
let story = null;
let shown = null; // the story whose lines are in the list
let isOpen = false;

const parsed = (server) => ({ name: server.split("/")[0], pid: +server.split("/")[1] });
const named = (what) => processes.find(({ name }) => name.split(":").at(-1) === NAMES[what]);

/** The process that a button ends; undefined if it runs elsewhere. */
function processFor(what) {
  if (what !== "worker") return named(what);
  const { turn, answerer, holder } = serving;
  const server = (turn && answerer) || holder || answerer;
  return server ? parsed(server) : undefined;
}

// --- what it shows ---------------------------------------------------------------------------------------------------

function show() {
  if (!find(DRAWER)) return;
  const { turn, answerer, holder } = serving;
  const server = answerer ? inWords(answerer) : gettext("nobody yet");
  find(ANSWERED_BY).textContent = turn ? gettext("{server}, now", { server }) : server;
  find(ANSWERED_BY).classList.toggle("now", turn !== null);
  find(HELD_BY).textContent = holder ? inWords(holder) : gettext("nobody now");
  showStory();
}

// Line by line: a line that stays is neither drawn nor read out again.
function showStory() {
  const list = find(STORY);
  if (shown !== story) list.replaceChildren();
  shown = story;
  const lines = (story?.lines ?? []).slice(list.children.length).map(drawn);
  list.append(...lines);
  if (lines.length) reveal(list.lastElementChild);
}

function drawn({ kind, text, after }) {
  const item = document.createElement("li");
  item.className = kind;
  const time = item.appendChild(document.createElement("span"));
  time.className = "after";
  time.textContent = after === null ? new Date(story.at).toLocaleTimeString(locale) : `+${inSeconds(after)}`;
  item.append(" ", text);
  return item;
}

/** Say which processes cannot be ended from here, and disable their buttons. */
function showReach() {
  const away = Object.keys(NAMES).filter((what) => !named(what));
  for (const what of Object.keys(NAMES)) find(`${DRAWER} [${ACT}="${what}"]`).disabled = away.includes(what);
  find(OUT_OF_REACH).textContent = REACH[away.join()]?.() ?? "";
}

async function look() {
  const answer = await ask("processes");
  if (answer.processes) processes = answer.processes;
  if (answer.processes) showReach();
  return answer;
}

// --- what it does ----------------------------------------------------------------------------------------------------

const SAID = {
  worker: ({ name, pid }) => gettext("Killed {server}.", { server: inWords(`${name}/${pid}`) }),
  memory: ({ pid }) => gettext("Killed the memory server, process {pid}.", { pid }),
  store: ({ pid }) => gettext("Restarted the store, process {pid}.", { pid }),
};

async function act(what) {
  if (what === "socket") return cut();
  if (what !== "worker") await look(); // it may have been started again since
  const process = processFor(what);
  if (!process) return;
  const clicked = Date.now();
  const answer = await ask(what === "store" ? "restart" : "kill", process);
  if (answer.reason) return refuse(answer.reason, clicked);
  // Without an answer, the worker ended before it could pass it on.
  tell(what, process, answer.at ? answer.at * 1000 : clicked);
}

function tell(what, process, at) {
  const { turn, answerer, holder } = serving;
  const server = `${process.name}/${process.pid}`;
  const isAnswering = turn && (what !== "worker" || answerer === server);
  const awaits = [PROCESS];
  if (what === "memory") awaits.push(MEMORY_ANSWERS);
  if (isAnswering) awaits.push(TURN_ENDS);
  if (holder === server) awaits.push(LINE);
  story = new Story(SAID[what](process), at, {
    awaits,
    ended: process,
    turn: isAnswering ? turn : null,
    server: answerer,
  });
  if (holder === null) story.lost(Date.now());
  show();
  watch(story);
}

function cut() {
  const { turn, answerer, holder } = serving;
  const said = holder
    ? gettext("Cut the line to {server}.", { server: inWords(holder) })
    : gettext("Cut the line to the site.");
  story = new Story(said, Date.now(), {
    awaits: turn ? [TURN_GOES_ON] : [],
    turn,
    server: answerer,
  });
  replaceConnection();
  show();
}

function refuse(sentence, at) {
  story = new Story(sentence, at, { awaits: [] });
  story.isWhole = true; // nothing follows
  show();
  look();
}

async function watch(its) {
  const until = Date.now() + PATIENCE;
  while (its === story && its.isWatching && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    const answer = await look();
    if (answer.processes) its.running(answer.processes, answer.memory, Date.now());
    if (answer.status === 503) its.notice(gettext("Noticed: the store does not answer."), Date.now());
    show();
  }
}

// --- what it learns --------------------------------------------------------------------------------------------------

/** Act on the server's facts. */
function learn(facts) {
  const now = Date.now();
  if (facts[HOLDER]) story?.connected(facts[HOLDER], now);
  if (facts[ANSWERING]) story?.answering(facts[ANSWERING], facts[ANSWERER], now);
  if (facts[ENDED]) story?.turnEnded(facts[ENDED], failureOf(facts[ENDED]), now);
  show();
}

function failureOf(its) {
  const left = find(`${LIVE} [${TURN_ID}="${its}"]`);
  if (left?.matches(UNSAVED)) return gettext("The answer is complete, but not remembered: save it again.");
  return left?.matches(FAILED) ? gettext("The turn failed, and nothing of it was remembered: retry it.") : undefined;
}

/** Show the drawer as it was, for another session: the processes are the same. */
function begin() {
  if (find(DRAWER)) find(DRAWER).open = isOpen;
  show();
}

/** Open the drawer, and put the focus on what ends the worker. */
export function openDrawer() {
  find(DRAWER).open = true;
  find(`${DRAWER} [${ACT}]`).focus();
}

document.addEventListener("htmx:ws:close", ({ detail }) => {
  if (detail.reason !== "closed" || !find(DRAWER)) return;
  story?.lost(Date.now());
  show();
});

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target !== find(DRAWER)) return;
    isOpen = target.open;
    if (isOpen) look();
  },
  true,
);

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${ACT}]`);
  if (button) act(button.getAttribute(ACT));
});

takePart({ begin, learn });
show();
