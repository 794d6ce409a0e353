// A chat in a terminal with AG-UI's own client. /memory shows the summary, Ctrl+D ends.
import { createInterface } from "node:readline";
import { HttpAgent } from "@ag-ui/client";

const { CHAT_URL = "http://127.0.0.1:8000", CHAT_TOKEN, SESSION = "trip" } = process.env;

process.on("unhandledRejection", () => {}); // HttpAgent rejects twice when a connection is lost, once unheard

const agent = new HttpAgent({
  url: `${CHAT_URL}/api/ag-ui`,
  headers: { Authorization: `Bearer ${CHAT_TOKEN}` },
  threadId: SESSION,
});
const write = (text) => process.stdout.write(text);

/** Run the agent until its run is over. A run that is sent again is the same one: it joins the answer. */
async function run() {
  const runId = crypto.randomUUID();
  let shown = "";
  const onMessagesChanged = ({ messages }) => {
    const { id, content = "" } = messages.at(-1) ?? {};
    if (id !== `${runId}.reply`) return;
    write(content.startsWith(shown) ? content.slice(shown.length) : `\n(another worker begins again)\n${content}`);
    shown = content;
  };
  for (let over = false; !over; ) {
    const onEvent = ({ event }) => {
      if (event.type === "RUN_ERROR") write(`\n${event.message}`);
      over ||= event.type === "RUN_FINISHED" || event.type === "RUN_ERROR";
    };
    await agent.runAgent({ runId }, { onEvent, onMessagesChanged }).catch(() => {});
    if (!over) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  write("\n");
}

await run(); // without a message: shows what is remembered, and follows an answer in progress
for (const { role, content } of agent.messages) write(`${role === "user" ? "> " : ""}${content}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "/memory") write(`${agent.state.memory.context || "Nothing is summarised yet."}\n`);
  else if (line.trim()) {
    agent.addMessage({ id: crypto.randomUUID(), role: "user", content: line });
    await run();
  }
}
