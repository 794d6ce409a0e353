// Places among the messages. A place is a block of a message (a paragraph, a list, a piece of code) and its distance
// from the top of the log. It is found again after swaps: a message may have been moved by a fold, or replaced when its
// turn ended, and the blocks of a growing reply are numbered as they will be in the finished one.
import { BLOCKS, HUMAN, LIVE, MESSAGE, MESSAGE_TEXT, REASONING, REPLY, TURN, TURN_ID } from "./names.js";

const THINKING = -1; // the number of the block with the model's reasoning, above the answer
const SPARE = 3; // messages below the visible ones that are noted, too

const top = (element) => element.getBoundingClientRect().top;
const bottom = (element) => element.getBoundingClientRect().bottom;
const text = (message) => message.querySelector(MESSAGE_TEXT).textContent;

/** The position of the first element that ends below ``edge``; the elements stand one below the other. */
function firstBelow(elements, edge) {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bottom(elements[middle]) > edge) high = middle;
    else low = middle + 1;
  }
  return low;
}

function blocksOf(message) {
  const whole = message.querySelector(MESSAGE_TEXT);
  const parts = [...whole.children].flatMap((part) => (part.matches(BLOCKS) ? [...part.children] : [part]));
  return parts.length ? parts : [whole];
}

/** The places of the messages that can be seen, from the top. */
export function placesIn(log) {
  const messages = [...log.querySelectorAll(MESSAGE)];
  const [above, below] = [top(log), bottom(log)];
  const first = firstBelow(messages, above);
  const visible = messages.slice(first).findIndex((message) => top(message) >= below);
  const end = visible < 0 ? messages.length : first + visible + SPARE;
  return messages.slice(first, end).map((message) => placeOf(message, above));
}

function placeOf(message, edge) {
  const block = blockAt(message, edge);
  const blockTop = top(elementOf(message, block)) - edge;
  return { ...identityOf(message), block, blockTop, messageTop: top(message) - edge };
}

function blockAt(message, edge) {
  const reasoning = elementOf(message, THINKING);
  if (reasoning && bottom(reasoning) > edge) return THINKING;
  const blocks = blocksOf(message);
  return Math.min(firstBelow(blocks, edge), blocks.length - 1);
}

const elementOf = (message, block) =>
  block === THINKING ? message.querySelector(REASONING) : blocksOf(message)[block];

function identityOf(message) {
  const kind = message.matches(HUMAN) ? HUMAN : REPLY;
  const turn = message.closest(TURN);
  if (turn) return { kind, turn: turn.getAttribute(TURN_ID), said: text(turn.querySelector(HUMAN)) };
  return { kind, id: message.id, said: message.id ? "" : text(message) };
}

/** How far the first of the places that can be found has moved down; null if none can be found. */
export function driftOf(log, places) {
  for (const place of places) {
    const message = messageAt(log, place);
    const drift = message ? driftIn(message, place, top(log)) : null;
    if (drift !== null) return drift;
  }
  return null;
}

// A reply that grows again, after a reconnection, does not have the block yet.
function driftIn(message, { block, blockTop, messageTop }, edge) {
  const element = elementOf(message, block);
  if (element) return top(element) - edge - blockTop;
  return message.querySelector(BLOCKS) ? null : top(message) - edge - messageTop;
}

/** The message at the place; undefined if it is not on the page. */
export function messageAt(log, { id, turn, kind, said }) {
  if (id) return log.querySelector(`[id="${id}"]`) ?? undefined;
  const growing = turn && log.querySelector(`${LIVE} [${TURN_ID}="${turn}"] ${kind}`);
  if (growing) return growing;
  const remembered = (its) => [...log.querySelectorAll(`li${its}`)]; // in the window or folded
  if (!turn) return remembered(kind).findLast((message) => text(message) === said);
  const newest = remembered(HUMAN).at(-1);
  return newest && text(newest) === said ? remembered(kind).at(-1) : undefined;
}
