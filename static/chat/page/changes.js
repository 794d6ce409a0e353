// Marks of what a fold has changed in the summary. They go when they have been in view for a while; the text stays.
import { CHANGED, find } from "./names.js";

const WHILE = 20; // seconds in view
const FADES = 2; // of them
const FADING = "fading";

let shown = null;
let seconds = 0;

/** Whether somebody is busy with the text: points at it, or has selected a part of it. */
const isInUse = (text) =>
  text.matches(":hover") || (!getSelection().isCollapsed && getSelection().containsNode(text, true));

function settle(text) {
  for (const removed of text.querySelectorAll("del")) removed.remove();
  text.replaceChildren(text.textContent);
  text.classList.remove(CHANGED.slice(1), FADING);
}

function tick() {
  const text = find(CHANGED);
  if (text !== shown) seconds = 0;
  shown = text;
  if (!text || document.hidden || !text.checkVisibility() || isInUse(text)) return;
  seconds += 1;
  text.classList.toggle(FADING, seconds > WHILE - FADES);
  if (seconds > WHILE) settle(text);
}

setInterval(tick, 1000);
