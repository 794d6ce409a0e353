// The connection of a client to the chat: it opens when there is a request, and another takes its place when it is lost.
import { ChatError, unreachable } from "./errors.js";
import { Silence } from "./silence.js";

const FIRST_ATTEMPTS = 4; // to connect, while the chat was never reached
const ATTEMPTS = 12; // to connect again
const WAIT = 250; // milliseconds behind the first failed attempt; twice as long behind each further one
const LONGEST_WAIT = 10_000;
const NO_REQUEST = "a sign of life"; // its stop is answered at once: there is nothing to stop

/** Whether the site has closed the connection for a reason that also holds for another one. */
const isRefusal = (closeCode) => closeCode === 4015 || closeCode >= 4400;

/** The connection was lost. */
class Lost extends Error {}

/** A websocket for any number of requests. `dial` returns a promise of a new one. */
export class Line {
  #dial;
  #socket = null;
  #isConnecting = false;
  #closed; // the error of all requests since
  #wasOpen = false;
  #failures = 0; // since an answer was last received
  #trouble; // why the last attempt has failed, if that is known
  #requests = new Map(); // by id: the request, and what takes the frames of its answer
  #count = 0;
  #silence = new Silence({
    listens: () => this.#socket !== null && this.#requests.size > 0,
    ask: () => this.stop(NO_REQUEST),
    replace: () => this.#lose(),
  });

  constructor(dial) {
    this.#dial = dial;
    globalThis.addEventListener?.("offline", this.#lose);
  }

  /** End all requests with an error, those of later included. */
  close() {
    globalThis.removeEventListener?.("offline", this.#lose);
    this.#closed = new ChatError("closed", "The client was closed.");
    this.#end(this.#closed);
  }

  /** Yield the frames of an answer, until `signal` ends it. The request is made again whenever the connection was lost.
   * Throws `ChatError`. */
  async *answer(request, signal) {
    if (!this.#requests.size) this.#failures = 0;
    for (;;) {
      try {
        return yield* this.#answerOnce({ ...request, requestId: `r${++this.#count}` }, signal);
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
        if (this.#failures >= (this.#wasOpen ? ATTEMPTS : FIRST_ATTEMPTS)) throw unreachable(this.#trouble);
      }
    }
  }

  /** Stop the answer to a request. Returns whether there is a connection. */
  stop(requestId) {
    return this.#send({ type: "abort", requestId });
  }

  /** The ids of the requests for a session's answers. */
  idsOf(session) {
    const requests = [...this.#requests.values()].map(({ request }) => request);
    return requests.filter(({ id, body }) => id === session && !body?.watch).map(({ requestId }) => requestId);
  }

  async *#answerOnce(request, signal) {
    if (this.#closed) throw this.#closed;
    if (signal?.aborted) return;
    const frames = [];
    let wake = () => {};
    const take = (frame) => {
      frames.push(frame);
      wake();
    };
    const leave = () => take({ type: "end" });
    signal?.addEventListener("abort", leave);
    this.#requests.set(request.requestId, { request, take });
    if (!this.#send(request)) this.#connect();
    try {
      for (;;) {
        while (!frames.length) await new Promise((resolve) => (wake = resolve));
        const frame = frames.shift();
        if (frame instanceof Error) throw frame;
        if (frame.type === "error") throw new ChatError(frame.code, frame.errorText, frame);
        if (frame.type === "end" || frame.type === "no-active") return;
        yield frame;
      }
    } finally {
      signal?.removeEventListener("abort", leave);
      this.#requests.delete(request.requestId);
    }
  }

  #send(frame) {
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    if (isOpen) this.#socket.send(JSON.stringify(frame));
    return isOpen;
  }

  async #connect() {
    if (this.#isConnecting || this.#socket) return;
    this.#isConnecting = true;
    try {
      await this.#wait();
      const socket = await this.#dial();
      if (this.#requests.size) this.#follow(socket);
      else socket.close();
    } catch (error) {
      this.#trouble = error;
      this.#end(error instanceof ChatError && !error.retryable ? error : new Lost());
    }
    this.#isConnecting = false;
  }

  /** Wait until there is a network, and longer after each failure. */
  async #wait() {
    if (globalThis.navigator?.onLine === false)
      await new Promise((resolve) => addEventListener("online", resolve, { once: true }));
    const longest = Math.min(WAIT * 2 ** (this.#failures - 1), LONGEST_WAIT);
    if (this.#failures++) await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
  }

  #follow(socket) {
    let refusal = new Lost();
    this.#socket = socket;
    this.#silence.begin();
    socket.onopen = () => {
      this.#wasOpen = true;
      for (const { request } of this.#requests.values()) this.#send(request);
    };
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      this.#silence.hear();
      if (frame.type === "chunk") this.#failures = 0;
      if (frame.type === "error" && !frame.requestId) refusal = new ChatError(frame.code, frame.errorText, frame);
      this.#requests.get(frame.requestId)?.take(frame);
    };
    socket.onclose = ({ code }) => this.#end(isRefusal(code) ? refusal : new Lost());
  }

  #lose = () => this.#end(new Lost());

  #end(error) {
    const socket = this.#socket;
    this.#socket = null;
    this.#silence.end();
    if (socket) socket.onclose = socket.onmessage = null; // its real end may come much later
    socket?.close();
    for (const { take } of this.#requests.values()) take(error);
  }
}
