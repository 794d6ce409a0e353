// Notices a line that has fallen silent: open, but carrying nothing, as after a sleep, or behind a router that has
// forgotten it. While the page is visible and nothing arrives, it asks the server for a sign of life. It counts the ticks
// of a timer, not the time: a page that was suspended or busy has not listened, and must not blame the line.
import { connectionState, replaceConnection, sendBody } from "./connection.js";
import { PING, PONG } from "./names.js";

const TICK = 2000; // milliseconds
const ASK = 2; // silent ticks before it asks
const PATIENCE = 4; // silent ticks before the connection is replaced
const MOST_PATIENCE = 32;

let silent = 0;
let patience = PATIENCE; // doubled when a new connection is silent, too: a large page on a slow line takes its time

function tick() {
  if (document.hidden || connectionState() === WebSocket.CLOSED) silent = 0;
  else silent += 1;
  if (silent === ASK) ask();
  if (silent < patience) return;
  silent = 0;
  patience = Math.min(2 * patience, MOST_PATIENCE);
  replaceConnection();
}

const ask = () => sendBody({ type: PING });

/** Ask now: the computer was perhaps asleep, or in another network. */
function check() {
  if (document.hidden) return;
  silent = Math.max(silent, ASK);
  ask();
}

setInterval(tick, TICK);
addEventListener("online", check);
addEventListener("pageshow", check);
document.addEventListener("visibilitychange", check);

// While it connects, silence is measured from the beginning of each attempt.
document.addEventListener("htmx:ws:close", () => {
  silent = 0;
});

document.addEventListener("htmx:before:ws:message", (event) => {
  silent = 0;
  patience = PATIENCE;
  if (event.detail.message.json?.[PONG]) event.preventDefault(); // nothing to show
});
