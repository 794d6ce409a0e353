// The messages of the window, by their numbers.
import { FOLD_MARK, FOLDED, find, HUMAN, MESSAGE, MESSAGES, WINDOW } from "./names.js";

/** The number of a message; NaN where the memory server gives none. */
export const numberOf = (message) => Number.parseInt(message.id.replace("message-", ""), 10);

/** The address of a message that has a number. */
export const addressOf = (message) => find(`[${MESSAGES}]`).getAttribute(MESSAGES) + message.id.replace("message-", "");

/** The number of the newest folded message, 0 before the first fold. */
export const newestFolded = () => +(find(FOLD_MARK)?.getAttribute(FOLDED) ?? 0);

/** The messages of the window, oldest first. */
export const inWindow = () => [...document.querySelectorAll(`${WINDOW} > ${MESSAGE}`)];

/** The messages of the window behind this number. */
export const behind = (number) => inWindow().filter((message) => numberOf(message) > number);

const before = (message) => inWindow().slice(0, inWindow().indexOf(message));

/** The place of a message: the number of the one before it, "0" for the first. */
export function placeOf(message) {
  const previous = before(message).at(-1);
  return String(previous ? numberOf(previous) : newestFolded());
}

/** The message that this reply answers; undefined if it is not in the window. */
export const questionOf = (reply) => before(reply).findLast((message) => message.matches(HUMAN));
