// An answer as events, each of which comes once, however often the connection was lost.
import { ChatError } from "./errors.js";

/**
 * What happens in a turn: `turn-started`, `memory-loaded` (what the model receives besides the message; another one
 * holds instead), deltas, and at the end `turn-finished` or `turn-stopped`. `restarted` comes only if a worker died and
 * the next one wrote something else: all of the turn so far is void, and follows from its start.
 * @typedef {{type: "turn-started", turnId: string, messageId: string, text: string, worker: string, pid: number}
 *   | {type: "memory-loaded", messages: number, context?: string, omitted?: number, recalled?: string[],
 *      trouble?: string}
 *   | {type: "reasoning-delta", text: string}
 *   | {type: "text-delta", text: string}
 *   | {type: "restarted"}
 *   | {type: "turn-finished", reply: string, remembered: boolean, reason?: string, cut?: "length" | "content-filter"}
 *   | {type: "turn-stopped", reply: string, remembered: boolean, reason?: string}
 * } TurnEvent
 */

/** Turns the chunks of an answer into events. Where it is read again from its start, only what is new is an event. */
export class Answer {
  #facts = new Map(); // the newest event of each type that is no text
  #given = { reasoning: "", text: "" };
  #read = { reasoning: 0, text: 0 }; // characters since the start
  #memory = { remembered: true };
  #started;
  #text;
  isOpen = false;

  /** `text` is the message that is answered, if that is known. */
  constructor(text) {
    this.#text = text;
  }

  /** The events of a chunk. Throws `ChatError`: the turn has failed. */
  take(chunk) {
    const { type } = chunk;
    if (type === "start") return this.#start(chunk);
    if (type === "data-question") return this.#name(chunk.data.text);
    if (type === "data-memory") return this.#load({ type: "memory-loaded", ...chunk.data });
    if (type === "reasoning-delta") return this.#add("reasoning", chunk.delta);
    if (type === "text-delta") return this.#add("text", chunk.delta);
    if (type === "message-metadata") this.#memory = chunk.messageMetadata;
    if (type === "finish") return this.#end({ type: "turn-finished", cut: cutBy(chunk.finishReason) });
    if (type === "abort") return this.#end({ type: "turn-stopped" });
    if (type === "error") throw new ChatError(chunk.code, chunk.errorText, chunk);
    return [];
  }

  #start({ messageId, messageMetadata: { turnId, servedBy } }) {
    this.#read = { reasoning: 0, text: 0 };
    this.isOpen = true;
    this.#started = { type: "turn-started", turnId, messageId, text: this.#text, ...servedBy };
    return this.#text === undefined ? [] : this.#name(this.#text);
  }

  #name(text) {
    const isFirst = !this.#facts.has("turn-started");
    this.#text = text;
    this.#facts.set("turn-started", { ...this.#started, text });
    return isFirst ? [this.#facts.get("turn-started")] : [];
  }

  #load(memory) {
    const isNew = JSON.stringify(memory) !== JSON.stringify(this.#facts.get("memory-loaded"));
    this.#facts.set("memory-loaded", memory);
    return isNew ? [memory] : [];
  }

  #add(kind, piece) {
    const place = this.#read[kind];
    const known = this.#given[kind].slice(place, place + piece.length);
    const restarted = piece.startsWith(known) ? [] : this.#restart();
    const fresh = piece.slice(restarted.length ? 0 : known.length);
    this.#given[kind] += fresh;
    this.#read[kind] += piece.length;
    return fresh ? [...restarted, delta(kind, fresh)] : [];
  }

  /** Another worker has answered in other words. */
  #restart() {
    for (const kind of ["reasoning", "text"]) this.#given[kind] = this.#given[kind].slice(0, this.#read[kind]);
    const said = Object.entries(this.#given).filter(([, text]) => text);
    return [{ type: "restarted" }, ...this.#facts.values(), ...said.map(([kind, text]) => delta(kind, text))];
  }

  #end(event) {
    const isShorter = ["reasoning", "text"].some((kind) => this.#read[kind] < this.#given[kind].length);
    const restarted = isShorter ? this.#restart() : [];
    this.isOpen = false;
    return [...restarted, { ...event, reply: this.#given.text, ...this.#memory }];
  }
}

const delta = (kind, text) => ({ type: `${kind}-delta`, text });
const cutBy = (finishReason) => (finishReason === "stop" ? undefined : finishReason);
