// The client of Motörhead Chat for browsers and for Node from 22 on, without dependencies: this file and the folder
// client/ beside it. Copy both into your project. docs/javascript-client.md shows how to use them.
import { Answer } from "./client/answer.js";
import { Api } from "./client/api.js";
import { ChatError } from "./client/errors.js";
import { Line } from "./client/line.js";

export { ChatError };

/** @typedef {import("./client/answer.js").TurnEvent} TurnEvent */

const randomId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The sessions of one owner: answers over a websocket, and all calls of the HTTP API. */
export class ChatClient extends Api {
  #line = new Line(() => this.socket());

  /**
   * Send a message, and yield the events of its answer. Nothing is sent before the first one is asked for.
   * @param {string} session its id, of your choice
   * @param {string} text
   * @param {{turnId?: string, replaces?: string, signal?: AbortSignal}} [options] `turnId` names the turn: what is sent
   *   again under the same name is the same turn. `replaces`: the id of a message that this one replaces, with all
   *   behind it. `signal` ends the events, not the answer.
   * @returns {AsyncGenerator<TurnEvent>}
   */
  send(session, text, { turnId = randomId(), replaces, signal } = {}) {
    return this.#turn({ ...asking(session, text, turnId), messageId: replaces }, { text, signal });
  }

  /**
   * Send a message, and get the whole reply.
   * @returns {Promise<string>}
   */
  async ask(session, text, options) {
    for await (const event of this.send(session, text, options)) if ("reply" in event) return event.reply;
  }

  /**
   * Answer the last message again, or that with the id or number `message`, or that of this reply. All behind it is
   * withdrawn.
   * @returns {AsyncGenerator<TurnEvent>}
   */
  async *regenerate(session, message, { signal } = {}) {
    const { id, parts } = await this.#question(this.session(session), message);
    const text = parts.map((part) => part.text).join("");
    const request = asking(session, text, randomId(), id);
    yield* this.#turn({ ...request, trigger: "regenerate-message", messageId: message && id }, { text, signal });
  }

  /**
   * Yield the events of the answer in progress, or of one that ended less than five minutes ago.
   * Without one, it yields nothing.
   * @returns {AsyncGenerator<TurnEvent>}
   */
  resume(session, { signal } = {}) {
    return this.#turn({ type: "resume", id: session }, { signal });
  }

  /** Stop the answer in progress, also that of another client, and return once it has ended. Its text is remembered. */
  async stop(session) {
    for (const id of this.#line.idsOf(session)) this.#line.stop(id); // perhaps it has not begun
    for await (const { type, requestId } of this.#line.answer({ type: "resume", id: session }))
      if (type === "start") this.#line.stop(requestId);
  }

  /**
   * Yield the session's memory, now and whenever it changes, until `signal` ends it.
   * @returns {AsyncGenerator<{type: "memory-changed", messages: number, folded: number, fold: string, context?: string}>}
   */
  async *watch(session, { signal } = {}) {
    let id;
    try {
      for await (const frame of this.#line.answer({ type: "resume", id: session, body: { watch: "memory" } }, signal)) {
        id = frame.requestId;
        if (frame.type === "chunk") yield { type: "memory-changed", ...frame.chunk.data };
      }
    } finally {
      if (id) this.#line.stop(id);
    }
  }

  /** Close the connection. Answers go on without it. */
  close() {
    this.#line.close();
  }

  /** The user's message that `message` is or answers, or the last one. */
  async #question(session, message) {
    const named = message && (await session.message(message));
    if (named && (named.role === "user" || !named.metadata.number)) return named;
    const { messages } = await session.messages({ before: named?.metadata.number });
    const question = messages.findLast(({ role }) => role === "user");
    if (!question) throw new ChatError("unknown_message", "The session has no such message.");
    return question;
  }

  async *#turn(request, { text, signal } = {}) {
    const answer = new Answer(text);
    for await (const { type, chunk } of this.#line.answer(request, signal))
      if (type === "chunk") yield* answer.take(chunk);
    if (answer.isOpen && !signal?.aborted)
      throw new ChatError("run_unknown", "The answer has ended meanwhile. Load the messages.");
  }
}

/** A request for the answer to a message. */
const asking = (id, text, turnId, messageId = turnId) => ({
  type: "send",
  id,
  trigger: "submit-message",
  messages: [{ id: messageId, role: "user", parts: [{ type: "text", text }] }],
  body: { idempotencyKey: turnId },
});
