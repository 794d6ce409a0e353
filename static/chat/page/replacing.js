// Messages that will be replaced: those behind the message that is being edited, and those that the growing answer
// replaces. They stay, paler, until it is remembered.

import { inWindow, numberOf } from "./messages.js";
import { find, LIVE, REPLACES } from "./names.js";
import { onItsWay } from "./outbox.js";
import { edited } from "./rewording.js";

/** The number of the message behind which all will be replaced; infinite if none will be. */
function place() {
  const growing = find(`${LIVE} [${REPLACES}]`)?.getAttribute(REPLACES);
  const answered = +(growing ?? onItsWay()?.place ?? Number.POSITIVE_INFINITY);
  return edited() ? Math.min(numberOf(edited()), answered) : answered;
}

/** Mark the messages of the window that will be replaced. */
export function markReplaced() {
  const first = place();
  for (const message of inWindow()) message.classList.toggle("replaced", numberOf(message) > first);
}
