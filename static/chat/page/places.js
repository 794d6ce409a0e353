// Places among the messages. A place is a block of a message (a paragraph, a list, a piece of code) and its distance
// from the top of the log. It is found again after swaps: a message may have been moved by a fold, or replaced when its
// turn ended, and the blocks of a growing reply are numbered as they will be in the finished one.
import { BLOCKS, HUMAN, LIVE, MESSAGE, MESSAGE_TEXT, REPLY, TURN, TURN_ID, WINDOW } from "./names.js";

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
  const blocks = blocksOf(message);
  const block = Math.min(firstBelow(blocks, edge), blocks.length - 1);
  return { ...identityOf(message), block, blockTop: top(blocks[block]) - edge, messageTop: top(message) - edge };
}

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
  const blocks = blocksOf(message);
  if (block < blocks.length) return top(blocks[block]) - edge - blockTop;
  return message.querySelector(BLOCKS) ? null : top(message) - edge - messageTop;
}

/** The message at the place; undefined if it is not on the page. */
export function messageAt(log, { id, turn, kind, said }) {
  if (id) return log.querySelector(`[id="${id}"]`) ?? undefined;
  const all = [...log.querySelectorAll(`${WINDOW} > ${kind}`)];
  if (!turn) return all.findLast((message) => text(message) === said);
  const growing = log.querySelector(`${LIVE} [${TURN_ID}="${turn}"] ${kind}`);
  const newest = [...log.querySelectorAll(`${WINDOW} > ${HUMAN}`)].at(-1);
  return growing ?? (newest && text(newest) === said ? all.at(-1) : undefined);
}
