// The palette: sessions and verbs by name, fewer with each letter. It is a combobox in a dialog: the focus stays in its
// field, and the arrow keys move among the options.
import { isComposing } from "./keys.js";
import "./memory_verbs.js";
import {
  find,
  NEW,
  PALETTE,
  PALETTE_BUTTON,
  PALETTE_LIST,
  PALETTE_NONE,
  PALETTE_OPTION,
  PALETTE_SESSIONS,
  PALETTE_TEXT,
  PALETTE_VERBS,
  SIDE,
} from "./names.js";
import { reveal } from "./scroll.js";
import { fetchSessions, listedSessions } from "./session_names.js";
import "./session_verbs.js";
import { drawKeys } from "./sheet.js";
import { verbs } from "./verbs.js";

const FEW = 5; // sessions while nothing has been typed
const MANY = 20;

let sessions = [];
let actions = new Map(); // of the options on the page
let active = null;

const open = (address) => htmx.ajax("GET", address, { source: NEW });

const asOption = ({ title, address }) => ({ name: title, reason: "", keys: "", run: () => open(address) });

/** Those whose name has each word of the query, wherever it is. */
function matching(options, query) {
  const words = query.toLowerCase().split(/\s+/);
  return options.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}

function draw(option, number) {
  const element = find(PALETTE_OPTION).content.firstElementChild.cloneNode(true);
  const [name, reason, keys] = element.children;
  name.textContent = option.name;
  reason.textContent = option.reason;
  keys.replaceChildren(...(option.keys ? drawKeys(option.keys) : []));
  element.id = `option-${number}`;
  if (option.reason) element.setAttribute("aria-disabled", "true");
  actions.set(element, option);
  return element;
}

function fill(group, options) {
  find(group).replaceChildren(find(group).firstElementChild, ...options.map((one) => draw(one, actions.size)));
  find(group).hidden = !options.length;
}

function show() {
  const query = find(PALETTE_TEXT).value.trim();
  const able = verbs().map((one) => ({ ...one, reason: one.reason() }));
  actions = new Map();
  fill(PALETTE_SESSIONS, matching(sessions.map(asOption), query).slice(0, query ? MANY : FEW));
  fill(PALETTE_VERBS, matching(able, query));
  find(PALETTE_NONE).hidden = actions.size > 0;
  activate([...actions.keys()][0] ?? null);
}

function activate(element) {
  active?.removeAttribute("aria-selected");
  active = element;
  active?.setAttribute("aria-selected", "true");
  find(PALETTE_TEXT).setAttribute("aria-activedescendant", active?.id ?? "");
  if (active) reveal(active);
}

function move(steps) {
  const elements = [...actions.keys()];
  if (elements.length) activate(elements.at((elements.indexOf(active) + steps) % elements.length));
}

/** Close the palette, so that the focus is where it was, and do what the option says. */
function choose(element) {
  const { reason, run } = actions.get(element);
  if (reason) return;
  find(PALETTE).close();
  run();
}

async function load() {
  try {
    sessions = await fetchSessions(find(PALETTE));
    show();
  } catch {
    // those in the list at the left are here
  }
}

function toggle() {
  if (find(PALETTE).open) return find(PALETTE).close();
  find(PALETTE_TEXT).value = "";
  find(PALETTE).showModal();
  begin();
}

/** Show what has the words that the field has already, unless the palette was closed again meanwhile. */
export function begin() {
  if (!find(PALETTE).open) return;
  if (find(SIDE).matches(":popover-open")) find(SIDE).hidePopover();
  sessions = listedSessions();
  show();
  load();
}

const moves = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  if (!event.target.matches(PALETTE_TEXT) || isComposing(event)) return;
  if (event.key === "Enter" && active) choose(active);
  if (moves[event.key]) move(moves[event.key]);
  if (event.key === "Enter" || moves[event.key]) event.preventDefault();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches(PALETTE_TEXT)) show();
});

document.addEventListener("click", ({ target }) => {
  const option = target.closest(`${PALETTE_LIST} [role=option]`);
  if (option) choose(option);
  if (target.closest(PALETTE_BUTTON) || target === find(PALETTE)) toggle();
});
