// While the page is visible, its websocket must not fall silent.
import { Silence } from "../client/silence.js";
import { connectionState, replaceConnection, sendBody } from "./connection.js";
import { PING, PONG } from "./names.js";

const silence = new Silence({
  listens: () => connectionState() !== WebSocket.CLOSED,
  ask: () => sendBody({ type: PING }),
  replace: replaceConnection,
});
silence.begin();

// While it connects, silence is measured from the beginning of each attempt.
document.addEventListener("htmx:ws:close", () => silence.reset());

document.addEventListener("htmx:before:ws:message", (event) => {
  silence.hear();
  if (event.detail.message.json?.[PONG]) event.preventDefault(); // nothing to show
});
