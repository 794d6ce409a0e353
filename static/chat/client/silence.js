// Notices a line that has fallen silent: open, but carrying nothing, as after a sleep, or behind a router that has
// forgotten it. It counts the ticks of a timer, not the time: a page that was suspended or busy has not listened, and
// must not blame the line.

const TICK = 2000; // milliseconds
const ASK = 2; // silent ticks before the other end is asked for a sign of life
const PATIENCE = 4; // silent ticks before the line is replaced
const MOST_PATIENCE = 32;

/** `listens` says whether something may arrive, `ask` asks for a sign of life, `replace` gives the line up. */
export class Silence {
  #line;
  #silent = 0;
  #patience = PATIENCE; // doubled when a new line is silent, too: what is large takes its time where the line is slow
  #timer;

  constructor(line) {
    this.#line = line;
  }

  begin() {
    this.#silent = 0;
    this.#timer = setInterval(() => this.#tick(), TICK);
    globalThis.addEventListener?.("online", this.#check);
    globalThis.addEventListener?.("pageshow", this.#check);
    globalThis.document?.addEventListener("visibilitychange", this.#check);
  }

  end() {
    clearInterval(this.#timer);
    globalThis.removeEventListener?.("online", this.#check);
    globalThis.removeEventListener?.("pageshow", this.#check);
    globalThis.document?.removeEventListener("visibilitychange", this.#check);
  }

  /** The line is another, or about to be: count from here. */
  reset() {
    this.#silent = 0;
  }

  /** Something has arrived. */
  hear() {
    this.#silent = 0;
    this.#patience = PATIENCE;
  }

  #tick() {
    this.#silent = globalThis.document?.hidden || !this.#line.listens() ? 0 : this.#silent + 1;
    if (this.#silent === ASK) this.#line.ask();
    if (this.#silent < this.#patience) return;
    this.#silent = 0;
    this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
    this.#line.replace();
  }

  // Ask now: the computer was perhaps asleep, or in another network.
  #check = () => {
    if (globalThis.document?.hidden) return;
    this.#silent = Math.max(this.#silent, ASK);
    this.#line.ask();
  };
}
