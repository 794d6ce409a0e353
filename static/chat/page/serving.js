// Who answers, and who holds this page's socket, as the server's facts say: for the drawer, which may be opened later.
import { ANSWERER, ANSWERING, ENDED, HOLDER } from "./names.js";

/** The turn under way; the server that answers it, or answered last; the server that holds the socket. */
export const serving = { turn: null, answerer: null, holder: null };

/** Reset for another session. */
export function begin() {
  serving.turn = null;
}

/** Act on the server's facts. */
export function learn(facts) {
  if (facts[HOLDER]) serving.holder = facts[HOLDER];
  if (facts[ANSWERING]) Object.assign(serving, { turn: facts[ANSWERING], answerer: facts[ANSWERER] });
  if (facts[ENDED] && facts[ENDED] === serving.turn) serving.turn = null;
}

document.addEventListener("htmx:ws:close", ({ detail }) => {
  if (detail.reason === "closed") serving.holder = null;
});
