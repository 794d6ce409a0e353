// The AI SDK's own client, driven line by line: a command comes in as JSON, every change of a chat goes out as JSON.
import { createInterface } from "node:readline";
import { AbstractChat, WebSocketChatTransport } from "ai";

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** What a React, Vue or Svelte state does for the chat, without a page. */
class State {
  #status = "ready";
  #error;
  #messages = [];
  constructor(changed, messages = []) {
    this.changed = changed;
    this.#messages = messages;
  }
  get status() {
    return this.#status;
  }
  set status(status) {
    this.#status = status;
    this.changed();
  }
  get error() {
    return this.#error;
  }
  set error(error) {
    this.#error = error;
    this.changed();
  }
  get messages() {
    return this.#messages;
  }
  set messages(messages) {
    this.#messages = messages;
    this.changed();
  }
  pushMessage = (message) => {
    this.messages = [...this.messages, message];
  };
  popMessage = () => {
    this.messages = this.messages.slice(0, -1);
  };
  replaceMessage = (index, message) => {
    this.messages = this.messages.with(index, structuredClone(message));
  };
  snapshot = (thing) => structuredClone(thing);
}

class Chat extends AbstractChat {
  constructor(id, transport, messages) {
    const state = new State(() => this.show?.(), messages);
    super({
      id,
      transport,
      state,
      onFinish: ({ isAbort, isDisconnect, isError }) => {
        this.finished = { isAbort, isDisconnect, isError };
        this.show();
      },
    });
    this.finished = null;
  }

  show() {
    const { id, status, messages, finished } = this;
    const error = this.error?.message ?? null;
    say({ chat: id, status, error, finished, messages });
  }
}

let transport;
const chats = new Map();

const commands = {
  connect({ url, protocols, ticket, newestOnly }) {
    const bought = async () => {
      const headers = { Authorization: `Bearer ${ticket.token}` };
      const answer = await fetch(ticket.url, { method: "POST", headers });
      return { ticket: (await answer.json()).ticket };
    };
    const prepareSendMessagesRequest = newestOnly && (({ messages }) => ({ messages: messages.slice(-1) }));
    const params = ticket && bought;
    transport = new WebSocketChatTransport({ url, protocols, params, prepareSendMessagesRequest });
  },
  chat({ chat, messages }) {
    chats.set(chat, new Chat(chat, transport, messages));
  },
  send({ chat, text, body }) {
    chats.get(chat).sendMessage({ text }, { body });
  },
  edit({ chat, text, messageId }) {
    chats.get(chat).sendMessage({ text, messageId });
  },
  stop({ chat }) {
    chats.get(chat).stop();
  },
  resume({ chat }) {
    chats.get(chat).resumeStream();
  },
  regenerate({ chat }) {
    chats.get(chat).regenerate();
  },
  async watch({ chat }) {
    const memory = await transport.reconnectToStream({ chatId: chat, body: { watch: "memory" } });
    for await (const { data } of memory) say({ chat: `memory of ${chat}`, status: "watching", data });
  },
  close() {
    transport.close();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  commands[command.do](command);
}
