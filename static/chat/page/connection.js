// The websocket: what the page does when it opens or closes, and what it says when a frame cannot be sent.
import { gettext } from "./language.js";
import { CONNECTION, find, LOOK, LOST, OFFLINE, SESSION } from "./names.js";
import { over, say } from "./notices.js";
import { visit } from "./visit.js";

let lost = false; // and not yet replaced

/** The connection of the session on the page, if it has one. */
function connection() {
  const address = find(SESSION)?.getAttribute("hx-ws:connect");
  return address ? htmx.ext.ws?.getRegistry().get(address) : undefined;
}

/** The state of the socket; without one, that of a closed one. */
export const connectionState = () => connection()?.socket?.readyState ?? WebSocket.CLOSED;

const trouble = () => (navigator.onLine ? gettext("Reconnecting…") : gettext("Offline."));

const isOpen = () => connectionState() === WebSocket.OPEN;

/** Whether the page had a connection and has none now; false while it connects for the first time. */
export const isLost = () => lost && !isOpen();

/** Keep the page as it is, but receive and send nothing more: it would be as another visitor. */
export function leave() {
  visit.over = true;
  connection()?.socket?.close(4409);
}

/** Have htmx open another socket, as if this one had closed. Its real end may come much later. */
export function replaceConnection() {
  const { socket, abortController } = connection();
  socket.dispatchEvent(new CloseEvent("close", { code: 1006 }));
  abortController.abort(); // htmx listens no longer
  socket.close();
}

/** Send a frame with this body if the socket is open; returns whether it is. */
export function sendBody(body) {
  if (!isOpen()) return false;
  connection().socket.send(JSON.stringify({ body }));
  return true;
}

/** Say that what this element sends cannot be sent now. Each has its own sentence for that. */
export function sayLost(element) {
  const reload = element.getAttribute(LOST) ?? gettext("Reload the page to continue.");
  if (visit.over) say(visit.reason || `${gettext("This page is no longer connected.")} ${reload}`);
  else say(`${gettext("There is no connection.")} ${element.getAttribute(OFFLINE)}`, "connection");
}

document.addEventListener("htmx:ws:close", ({ detail }) => {
  // htmx lets go of a socket that is still connecting. It would open unheard, and the next one waits for it.
  if (detail.reason === "removed") detail.connection.socket?.close();
  if (detail.reason !== "closed") return;
  lost = true;
  visit.over = detail.code >= 4400;
  find(CONNECTION).textContent = visit.over ? gettext("Not connected.") : trouble();
});

// The browser says so at once; the socket would only fall silent. A site on this machine answers the next one.
addEventListener("offline", () => {
  if (connectionState() !== WebSocket.CLOSED) replaceConnection();
});

document.addEventListener("htmx:before:ws:connection", (event) => {
  if (visit.over) event.preventDefault();
});

document.addEventListener("htmx:after:ws:connection", () => {
  lost = false;
  visit.over = false;
  find(CONNECTION).textContent = "";
  over("connection");
  over("site");
});

document.addEventListener("htmx:ws:error", ({ target, detail }) => {
  // The target is the document if the element has left the page.
  if (detail.error === "Connection not open" && target !== document && !target.matches(LOOK)) sayLost(target);
});
