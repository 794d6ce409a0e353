// AG-UI's own clients, driven line by line: a command comes in as JSON, every change of a chat goes out as JSON.
import { createInterface } from "node:readline";
import { HttpAgent } from "@ag-ui/client";
import { ChatClient, webSocket } from "@tanstack/ai-client";

// When a connection is lost, HttpAgent rejects twice, once where nobody can await it. A browser only logs that.
process.on("unhandledRejection", () => {});

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** TanStack AI's client on the websocket. */
class TanStack {
  constructor({ chat, url, protocols, initialMessages, resumeRun }) {
    Object.assign(this, { id: chat, events: [], error: null, status: "ready", messages: initialMessages ?? [] });
    const address = `${url}${url.includes("?") ? "&" : "?"}threadId=${chat}`;
    this.connection = webSocket(address, { protocols, reconnect: { maxAttempts: 20, delayMs: 100 } });
    this.client = new ChatClient({
      connection: this.connection,
      threadId: chat,
      initialMessages,
      onChunk: (chunk) => this.events.push(chunk),
      onMessagesChange: (messages) => this.show({ messages }),
      onStatusChange: (status) => this.show({ status }),
      onErrorChange: (error) => this.show({ error: error?.message ?? null }),
      ...resumeRun,
    });
  }

  show(changes) {
    Object.assign(this, changes);
    const { id, status, error, messages, events } = this;
    say({ chat: id, status, error, messages: messages.map(shown), events });
  }

  async send({ text }) {
    await this.client.sendMessage(text);
    this.show({ done: true });
  }

  async reload() {
    await this.client.reload();
    this.show({ done: true });
  }

  stop() {
    this.client.stop();
  }

  async join({ run }) {
    try {
      for await (const chunk of this.connection.joinRun(run)) {
        this.events.push(chunk);
        this.show({ status: "joined" });
      }
      this.show({ status: "complete" });
    } catch (error) {
      this.show({ status: "refused", error: error.cause?.message ?? error.message });
    }
  }
}

/** AG-UI's own client of server-sent events. */
class Agent {
  constructor({ chat, url, headers, thread = chat }) {
    Object.assign(this, { id: chat, events: [], error: null, status: "ready", runs: 0 });
    this.agent = new HttpAgent({ url, headers, threadId: thread });
  }

  show(changes) {
    Object.assign(this, changes);
    const { id, status, error, events, result, runs } = this;
    const { messages, state } = this.agent;
    say({ chat: id, status, error, result, runs, state, messages: messages.map(shown), events });
  }

  async send({ text, id, run, forwardedProps }) {
    if (text !== undefined) this.agent.addMessage({ id: id ?? crypto.randomUUID(), role: "user", content: text });
    this.show({ status: "streaming", error: null });
    const onEvent = ({ event }) => this.events.push(event);
    const onMessagesChanged = () => this.show({});
    try {
      const { result } = await this.agent.runAgent({ runId: run, forwardedProps }, { onEvent, onMessagesChanged });
      this.show({ status: "ready", result, runs: this.runs + 1 });
    } catch (error) {
      this.show({ status: "error", error: error.message, runs: this.runs + 1 });
    }
  }

  /** Keep the first messages, the last of them perhaps with another text. */
  keep({ count, text }) {
    const messages = this.agent.messages.slice(0, count);
    if (text !== undefined) messages.push({ ...messages.pop(), content: text });
    this.agent.setMessages(messages);
    this.show({});
  }

  stop() {
    this.agent.abortRun();
  }
}

const joined = (parts, kind) => parts.flatMap(({ type, content }) => (type === kind ? content : [])).join("");

/** A message of either client, in one shape. */
const shown = ({ id, role, content, parts = [] }) => ({
  id,
  role,
  text: content ?? joined(parts, "text"),
  thinking: joined(parts, "thinking"),
});

const chats = new Map();
const kinds = { tanstack: TanStack, agent: Agent };

for await (const line of createInterface({ input: process.stdin })) {
  const { do: verb, chat, ...rest } = JSON.parse(line);
  if (verb in kinds) chats.set(chat, new kinds[verb]({ chat, ...rest }));
  else chats.get(chat)[verb](rest);
}
