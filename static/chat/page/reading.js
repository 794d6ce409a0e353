// What a reader has done in the growing turn survives its end, and the drawing of its text: the selection stays on its
// words, and code that was scrolled sideways stays where it was. The elements are others then, but their text is the same.
import { find, LIVE, MESSAGE, MESSAGE_TEXT, TURN, TURN_ID, WINDOW } from "./names.js";

const WIDE = "pre, table, math";
const MOSTLY = 0.7; // as much of a text is found in the same one, and not in another
const isBlank = (character) => character?.trim() === "";

/** The text of the growing turn around a node, and the messages of that turn. */
function textAround(node) {
  const text = (node instanceof Element ? node : node?.parentElement)?.closest(`${LIVE} ${MESSAGE_TEXT}`);
  return text && { text, turn: text.closest(TURN) };
}

/** A point of the selection, by the number of characters before it. */
function note(node, offset) {
  const { text, turn } = textAround(node) ?? {};
  if (!text) return { node, offset };
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(node, offset);
  const message = [...turn.querySelectorAll(MESSAGE)].indexOf(text.closest(MESSAGE));
  return { node, offset, text, written: text.textContent, at: before.toString().length, turn, message };
}

/** Where the text of a message is after a change: where it was, in the turn that replaced its own, or in the window. */
function textNow({ text, turn, message }) {
  if (text.isConnected) return text;
  const same = find(`${LIVE} [${TURN_ID}="${turn.getAttribute(TURN_ID)}"]`);
  const messages = [...(same ?? find(WINDOW)).querySelectorAll(MESSAGE)];
  const count = turn.querySelectorAll(MESSAGE).length;
  return messages.at(same ? message : message - count)?.querySelector(MESSAGE_TEXT);
}

/** The offset in `drawn` of the character at an offset in `written`, which may have marks that were not drawn. */
function carried(at, written, drawn) {
  let to = 0;
  for (let from = 0; from < at; from++) {
    let next = to;
    while (isBlank(drawn[next])) next++;
    if (!isBlank(written[from]) && written[from] === drawn[next]) to = next + 1;
  }
  return to;
}

/** The text node and offset at a number of characters in an element. */
function pointIn(element, at) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let left = at;
  while (walker.nextNode() && left > walker.currentNode.length) left -= walker.currentNode.length;
  return { node: walker.currentNode, offset: Math.min(left, walker.currentNode.length ?? 0) };
}

function pointNow(point) {
  if (!point.text || point.node.isConnected) return point;
  const { written } = point;
  const drawn = textNow(point)?.textContent ?? "";
  const known = carried(written.length, written, drawn);
  const isSame = known >= MOSTLY * Math.min(written.length, drawn.length);
  return isSame ? pointIn(textNow(point), carried(point.at, written, drawn)) : null;
}

function noteSelection() {
  const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } = getSelection();
  if (isCollapsed || !(textAround(anchorNode) || textAround(focusNode))) return null;
  return [note(anchorNode, anchorOffset), note(focusNode, focusOffset)];
}

function select(points) {
  if (!points || points.every(({ node }) => node.isConnected)) return;
  const [anchor, focus] = points.map(pointNow);
  if (anchor && focus) getSelection().setBaseAndExtent(anchor.node, anchor.offset, focus.node, focus.offset);
}

/** How far each wide part of the growing reply is scrolled. */
function noteScrolls() {
  const text = [...document.querySelectorAll(`${LIVE} ${MESSAGE_TEXT}`)].at(-1);
  return text && { ...note(text, 0), scrolls: [...text.querySelectorAll(WIDE)].map((wide) => wide.scrollLeft) };
}

function scroll(point) {
  if (!point?.scrolls.some(Boolean) || point.text.isConnected) return;
  textNow(point)
    ?.querySelectorAll(WIDE)
    .forEach((wide, at) => {
      wide.scrollLeft = point.scrolls[at];
    });
}

let selection = null;
let scrolls = null;

document.addEventListener("htmx:before:ws:message", () => {
  selection = noteSelection();
  scrolls = noteScrolls();
});

document.addEventListener("htmx:after:ws:message", () => {
  select(selection);
  scroll(scrolls);
});
