// What has happened since a process was ended or the socket was cut, as lines with the milliseconds since then. A story
// is over when everything that it waits for has come back. Nothing here touches the page.
import { gettext, locale } from "./language.js";

/** A server such as "web.1/4711", for people; on another machine its name begins with that of the machine. */
export function inWords(server) {
  const [name, pid] = server.split("/");
  const [worker, host] = name.split(":").reverse();
  return host
    ? gettext("{worker} on {host}, process {pid}", { worker, host, pid })
    : gettext("{worker}, process {pid}", { worker, pid });
}

/** Milliseconds as seconds with one decimal; below a tenth of a second with two. */
export function inSeconds(ms) {
  const digits = ms < 100 ? 2 : 1;
  const places = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${(Math.max(ms, 0) / 1000).toLocaleString(locale, places)} s`;
}

// What a story waits for: the ended process, an answer of the memory server, this page's line, the turn under way.
export const PROCESS = "process";
export const MEMORY_ANSWERS = "memory";
export const LINE = "line";
export const TURN_ENDS = "turn";
export const TURN_GOES_ON = "goes on";

export class Story {
  // `ended` is the process that was ended ({ name, pid }), or null if the socket was cut; `turn` the turn under way, with
  // the `server` that answers it.
  constructor(sentence, at, { awaits, ended = null, turn = null, server = null }) {
    Object.assign(this, { at, ended, turn, server, noticed: false, isWhole: false });
    this.victim = ended && `${ended.name}/${ended.pid}`; // its part of the answer is still read, until it is taken over
    this.awaits = new Set(awaits);
    const isEnd = this.awaits.has(TURN_ENDS);
    this.answerWhole = isEnd
      ? gettext("Whole: the answer is complete and remembered.")
      : gettext("Whole: nothing of the answer is missing.");
    this.lines = [{ kind: "ended", text: sentence, after: null }];
  }

  /** Whether it waits for news of the processes. */
  get isWatching() {
    return this.awaits.has(PROCESS) || this.awaits.has(MEMORY_ANSWERS);
  }

  add(kind, text, at) {
    if (!this.isWhole) this.lines.push({ kind, text, after: at - this.at });
  }

  notice(text, at) {
    if (!this.noticed) this.add("noticed", text, at);
    this.noticed = true;
  }

  settle(what, at) {
    if (!this.awaits.delete(what) || this.awaits.size || this.isWhole) return;
    const said = this.turn ? this.answerWhole : gettext("Whole: everything is here, and nothing was lost.");
    this.add("whole", this.failed ?? said, at);
    this.isWhole = true;
  }

  /** This page's socket has closed. */
  lost(at) {
    this.notice(gettext("Noticed: the line to this page broke."), at);
    this.awaits.add(LINE);
  }

  /** This page has a socket again, held by a worker. */
  connected(holder, at) {
    if (!this.awaits.has(LINE)) return;
    this.add("back", gettext("Connected again, to {server}.", { server: inWords(holder) }), at);
    this.settle(LINE, at);
  }

  /** A server answers the turn: another than before, or the same, to a page that has come back. */
  answering(turn, server, at) {
    if (turn !== this.turn) return;
    if (server !== this.server) {
      this.notice(gettext("Noticed: nobody renewed the claim on the answer."), at);
      this.add("taken", gettext("Taken over by {server}: the answer begins again.", { server: inWords(server) }), at);
    } else if (this.noticed && server !== this.victim)
      this.add("taken", gettext("The answer goes on: {server} had not stopped.", { server: inWords(server) }), at);
    this.server = server;
    this.settle(TURN_GOES_ON, at);
  }

  /** The turn has ended; `failed` is a sentence if it is not remembered. */
  turnEnded(turn, failed, at) {
    if (turn !== this.turn) return;
    this.failed = failed;
    this.settle(TURN_GOES_ON, at);
    this.settle(TURN_ENDS, at);
  }

  /** The processes that run now, and whether memory answers. */
  running(processes, memory, at) {
    if (!memory && this.awaits.has(MEMORY_ANSWERS)) this.notice(gettext("Noticed: memory does not answer."), at);
    const again = processes.find(({ name, pid }) => name === this.ended.name && pid !== this.ended.pid);
    if (again && this.awaits.has(PROCESS)) {
      this.add("back", gettext("Started again: {server}.", { server: inWords(`${again.name}/${again.pid}`) }), at);
      this.settle(PROCESS, at);
    }
    if (memory && !this.awaits.has(PROCESS)) this.settle(MEMORY_ANSWERS, at);
  }
}
