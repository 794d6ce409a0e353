// The model's reasoning, which nobody remembers: it stays in this tab, above its answer, when the turn has ended.
import { find, LIVE, MESSAGE, MESSAGE_TEXT, REASONING, THOUGHTS, TURN, TURN_ID, WINDOW } from "./names.js";

let growing = null; // the turn whose model has thought: its reasoning, and the newest message before its end

const newest = () => find(`${WINDOW} ${MESSAGE}:last-child`);

function found() {
  const thoughts = find(`${LIVE} ${THOUGHTS}:not(:empty)`);
  if (!thoughts) return null;
  const turn = thoughts.closest(TURN).getAttribute(TURN_ID);
  return { reasoning: thoughts.closest(REASONING), turn, before: newest()?.id };
}

// A failed or unsaved turn keeps its place, a remembered one is now the newest message. One that starts again is neither.
function answer({ turn, before }) {
  const kept = find(`${LIVE} [${TURN_ID}="${turn}"]:not(:has(${REASONING})) ${MESSAGE}:nth-child(2)`);
  return kept ?? (newest()?.id === before ? null : newest());
}

/** Reset for another session. */
export function forgetThoughts() {
  growing = null;
}

/** Move the reasoning of a turn that has just ended to its answer. */
export function keepThoughts() {
  if (growing && !growing.reasoning.isConnected) {
    answer(growing)?.querySelector(MESSAGE_TEXT).before(growing.reasoning);
    growing = null;
  }
  growing ??= found();
}
