// One client and one transport for the whole page. Each connection and each call has a ticket of its own.
import { WebSocketChatTransport } from "ai";
import { ChatClient } from "../../../static/chat/client.js";

const CHAT = import.meta.env.VITE_CHAT_URL ?? "http://127.0.0.1:8000";

const ticket = async () => (await (await fetch("/ticket", { method: "POST" })).json()).ticket;

/** For the history, the sessions and the memory. */
export const client = new ChatClient(CHAT, { ticket });

/** For `useChat`. The server remembers: only the newest message is sent. */
export const transport = new WebSocketChatTransport({
  url: `${CHAT.replace("http", "ws")}/ws/v1/chat`,
  params: async () => ({ ticket: await ticket() }),
  prepareSendMessagesRequest: ({ messages }) => ({ messages: messages.slice(-1) }),
});
