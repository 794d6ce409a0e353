// The client of this project, driven line by line: a command comes in as JSON, every event goes out as JSON.
import { createInterface } from "node:readline";
import { ChatClient } from "../../static/chat/client.js";

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const ticketFrom =
  ({ url, token }) =>
  () =>
    new ChatClient(url, { token }).ticket();

/** The result of a call, however it comes. */
async function whole(result) {
  if (result instanceof Response) return result.text();
  return result?.[Symbol.asyncIterator] ? Array.fromAsync(result) : (result ?? null);
}

/** Show the events of an answer as they come. `text` is what a page would show. */
async function follow(chat, answer) {
  const now = { chat, status: "ready", events: [], text: "", thinking: "", error: null };
  const show = (changes) => say(Object.assign(now, changes));
  try {
    for await (const event of answer) {
      if (event.type === "restarted") Object.assign(now, { text: "", thinking: "" });
      if (event.type === "text-delta") now.text += event.text;
      if (event.type === "reasoning-delta") now.thinking += event.text;
      now.events.push(event);
      show({ status: "streaming" });
    }
    show({ status: "over" });
  } catch (error) {
    show({ status: "failed", error: { ...error, message: error.message } });
  }
}

let client;
const halt = new AbortController();

const commands = {
  connect: ({ url, ticket, ...options }) => {
    client = new ChatClient(url, { ...options, ticket: ticket && ticketFrom(ticket) });
  },
  send: ({ chat, text, options }) => follow(chat, client.send(chat, text, options)),
  regenerate: ({ chat, message }) => follow(chat, client.regenerate(chat, message)),
  resume: ({ chat, to }) => follow(to, client.resume(chat)),
  watch: ({ chat, to }) => follow(to, client.watch(chat, { signal: halt.signal })),
  leave: () => halt.abort(),
  stop: ({ chat }) => client.stop(chat),
  close: () => client.close(),
  async call({ chat, session, verb, args = [] }) {
    const subject = session ? client.session(session) : client;
    try {
      say({ chat, status: "over", result: await whole(await subject[verb](...args)) });
    } catch (error) {
      say({ chat, status: "failed", error: { ...error, message: error.message } });
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  commands[command.do](command);
}
