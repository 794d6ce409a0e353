// A chat that goes on where it was: after a reload, and through a lost connection or a killed worker.
import { ChatClient } from "./client.js";

const SESSION = "trip"; // any name: the same one is the same session tomorrow

const { chat: address } = await (await fetch("/address")).json();
const ticket = async () => (await (await fetch("/ticket", { method: "POST" })).json()).ticket;
const chat = new ChatClient(address, { ticket });

const find = (selector) => document.querySelector(selector);
const shown = new Map(); // elements of messages, by id

function show(id, role, text) {
  if (!shown.has(id)) {
    shown.set(id, document.createElement("li"));
    find("#messages").append(shown.get(id));
  }
  shown.get(id).className = role;
  shown.get(id).textContent = text; // the model's Markdown, as it wrote it
  shown.get(id).scrollIntoView({ block: "end" });
}

/** Show an answer while it comes. */
async function follow(events) {
  let id;
  let text = "";
  find("#stop").hidden = false;
  find("#trouble").textContent = "";
  try {
    for await (const event of events) {
      if (event.type === "turn-started") {
        id = event.messageId;
        show(`${event.turnId}.message`, "user", event.text);
      }
      if (event.type === "restarted") text = "";
      if (event.type !== "text-delta") continue;
      text += event.text;
      show(id, "assistant", text);
    }
  } catch (error) {
    find("#trouble").textContent = error.message;
  }
  find("#stop").hidden = true;
}

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  follow(chat.send(SESSION, event.target.text.value));
  event.target.reset();
});
find("#stop").addEventListener("click", () => chat.stop(SESSION));

const { messages } = await chat.session(SESSION).messages();
for (const { id, role, parts } of messages) show(id, role, parts.map(({ text }) => text).join(""));
follow(chat.resume(SESSION));

for await (const { context, messages, folded } of chat.watch(SESSION)) {
  find("#summary").textContent = context ?? "Nothing yet.";
  find("#window").textContent = `${messages} messages word for word, ${folded} in the summary`;
}
