// The websocket: what the page does when it opens or closes, and what it says when a frame cannot be sent.
import { keepDraft } from "./draft.js";
import { CONNECTION, find, LOOK, LOST, OFFLINE } from "./names.js";
import { over, say } from "./notices.js";
import { sendUnanswered } from "./sending.js";
import { visit } from "./visit.js";

let connection = null;

/** Keep the page as it is, but receive and send nothing more: it would be as another visitor. */
export function leave() {
  visit.over = true;
  keepDraft();
  connection?.socket?.close(4409);
}

/** Send a frame with this body if the socket is open. */
export function sendBody(body) {
  if (connection?.socket?.readyState === WebSocket.OPEN) connection.socket.send(JSON.stringify({ body }));
}

document.addEventListener("htmx:ws:close", ({ detail }) => {
  if (detail.reason !== "closed") return;
  visit.over = detail.code >= 4400;
  find(CONNECTION).textContent = visit.over ? "Not connected." : "Reconnecting…";
  keepDraft();
});

document.addEventListener("htmx:before:ws:connection", (event) => {
  if (visit.over) event.preventDefault();
});

document.addEventListener("htmx:after:ws:connection", ({ detail }) => {
  connection = detail.connection;
  visit.over = false;
  find(CONNECTION).textContent = "";
  over("connection");
  over("site");
  sendUnanswered();
});

// Each element that sends through the socket has its own sentence for a missing connection.
document.addEventListener("htmx:ws:error", ({ target, detail }) => {
  if (detail.error !== "Connection not open" || target.matches(LOOK)) return;
  const reload = target.getAttribute(LOST) ?? "Reload the page to continue.";
  if (visit.over) say(`This page is no longer connected. ${reload}`);
  else say(`There is no connection. ${target.getAttribute(OFFLINE)}`, "connection");
});
