// The HTTP API, call by call. Answers are those of docs/http-api.md.
import { errorIn, unreachable } from "./errors.js";

/** The token by which the site's own pages prove that they have sent a call. */
const csrfToken = () => globalThis.document?.cookie.match(/csrftoken=([^;]+)/)?.[1];

const json = async (answer) => (await answer).json();

/** All sessions of one owner. */
export class Api {
  #url;
  #token;
  #ticket;
  #headers;

  /**
   * A page of the site needs no arguments: the visitor's cookie names the owner.
   * @param {string | URL} [url] the address of the chat
   * @param {object} [options]
   * @param {string} [options.token] a bearer token, for programs
   * @param {() => Promise<string>} [options.ticket] for browsers, gets a ticket from your server, for each call
   * @param {Record<string, string>} [options.headers] sent with each call
   */
  constructor(url = globalThis.location?.origin, { token, ticket, headers = {} } = {}) {
    this.#url = `${url}`.endsWith("/") ? url : `${url}/`;
    this.#token = token;
    this.#ticket = ticket;
    this.#headers = headers;
  }

  /** Make a call, and get its `Response`. Throws `ChatError`. `query` may have empty values, which are left out. */
  async call(method, path, { query = {}, body, headers = {} } = {}) {
    const address = await this.address(`api/v1/${path}`, query);
    const isJson = body !== undefined && !(body instanceof FormData);
    const request = { method, body: isJson ? JSON.stringify(body) : body, headers: { ...this.#headers, ...headers } };
    if (isJson) request.headers["Content-Type"] = "application/json";
    if (this.#token) request.headers.Authorization = `Bearer ${this.#token}`;
    else if (!this.#ticket) request.credentials = "include";
    if (address.origin === globalThis.location?.origin) request.headers["X-CSRFToken"] = csrfToken();
    const answer = await fetch(address, request).catch((error) => Promise.reject(unreachable(error)));
    if (!answer.ok) throw await errorIn(answer);
    return answer;
  }

  /** A path of the chat, with a new ticket if this client uses tickets. */
  async address(path, query = {}) {
    const address = new URL(path, this.#url);
    if (this.#ticket) address.searchParams.set("ticket", await this.#ticket());
    for (const [name, value] of Object.entries(query)) if (value != null) address.searchParams.set(name, value);
    return address;
  }

  /** A new websocket with this client's credentials. */
  async socket() {
    const address = await this.address("ws/v1/chat");
    address.protocol = address.protocol.replace("http", "ws");
    return new WebSocket(address, this.#token ? ["ai-sdk.v1", `bearer.${this.#token}`] : ["ai-sdk.v1"]);
  }

  /** Yield all sessions, pinned ones first, then the newest. `q`: words in titles and labels; `limit`: at a time. */
  sessions({ q, limit } = {}) {
    return this.#each("sessions", (cursor) => this.call("GET", "sessions", { query: { cursor, limit, q } }));
  }

  /** One session. */
  session(id) {
    return new Session(this, id);
  }

  /** Yield all places where words are said, newest session first. */
  search(q) {
    return this.#each("results", (cursor) => this.call("GET", "search", { query: { cursor, q } }));
  }

  /** All sessions as a `Response`, `json` or `markdown`. */
  export(format) {
    return this.call("GET", "export", { query: { format } });
  }

  /** Take over the sessions of an export, a `File` or `Blob`. */
  importFile(file) {
    const body = new FormData();
    body.set("file", file, file.name ?? "export.json");
    return json(this.call("POST", "import", { body }));
  }

  /** The share links of all sessions. */
  async shares() {
    return (await json(this.call("GET", "shares"))).links;
  }

  async revokeShare(id) {
    await this.call("DELETE", `shares/${encodeURIComponent(id)}`);
  }

  /** A ticket for a browser, for programs with a token. `owner`: with the token of a service, one of its tenant's. */
  async ticket({ owner, expiresIn } = {}) {
    return (await json(this.call("POST", "ticket", { body: { owner, expires_in: expiresIn } }))).ticket;
  }

  /** Begin a visit of a page of another origin that the site allows. */
  async beginVisit() {
    await this.call("POST", "visit");
  }

  /** End the visit; `everywhere`: all visits of this owner. */
  async endVisit({ everywhere = false } = {}) {
    await this.call("DELETE", "visit", { query: { everywhere: everywhere ? "yes" : null } });
  }

  async *#each(name, load) {
    let page = { cursor: undefined };
    do {
      page = await json(load(page.cursor));
      yield* page[name];
    } while (page.cursor !== null);
  }
}

/** One session and its memory. Messages are named by their id or number. */
class Session {
  #api;
  constructor(api, id) {
    this.#api = api;
    this.id = id;
  }

  call(method, path = "", request = {}) {
    return this.#api.call(method, `sessions/${encodeURIComponent(this.id)}${path}`, request);
  }

  details() {
    return json(this.call("GET"));
  }

  /** Change `title`, `pinned`, `labels` or `instructions`; null removes. */
  change(changes) {
    return json(this.call("PATCH", "", { body: changes }));
  }

  async delete() {
    await this.call("DELETE");
  }

  /** The newest messages, or those before a place, in the shape of the AI SDK, oldest first. */
  messages({ before, limit } = {}) {
    return json(this.call("GET", "/messages", { query: { before, limit } }));
  }

  message(id) {
    return json(this.call("GET", `/messages/${encodeURIComponent(id)}`));
  }

  /** Withdraw the messages behind one, "0" for all. `instead`: others in their place; `newest`: refuse if it is not. */
  async rewind(after, { instead, newest, key } = {}) {
    const headers = key ? { "Idempotency-Key": key } : {};
    await this.call("POST", "/rewind", { body: { after, instead, newest }, headers });
  }

  /** A new session, `to` if it is to have a name, with all up to a message. */
  fork(through, { to } = {}) {
    return json(this.call("POST", "/fork", { body: { through, to } }));
  }

  /** The summary, with its `etag` for `editSummary`. */
  async summary() {
    const answer = await this.call("GET", "/summary");
    return { ...(await answer.json()), etag: answer.headers.get("ETag") };
  }

  /** Replace the summary, unless it has changed since it had this `etag`. */
  editSummary(text, { etag = "*" } = {}) {
    return json(this.call("PUT", "/summary", { body: { text }, headers: { "If-Match": etag } }));
  }

  /** Summarise now: the older half of the window, or all up to the message `through`. */
  fold({ through } = {}) {
    return json(this.call("POST", "/summary/fold", { body: { through } }));
  }

  /** Former summaries, newest first. */
  async versions({ limit } = {}) {
    return (await json(this.call("GET", "/summary/versions", { query: { limit } }))).versions;
  }

  restore(version) {
    return json(this.call("POST", "/summary/restore", { body: { version } }));
  }

  /** What the model has received in a turn. */
  prompt(turn) {
    return json(this.call("GET", `/turns/${encodeURIComponent(turn)}/prompt`));
  }

  /** The same, by the reply. */
  promptOf(message) {
    return json(this.call("GET", `/messages/${encodeURIComponent(message)}/prompt`));
  }

  /** The session as a `Response`, `json` or `markdown`. */
  export(format) {
    return this.call("GET", "/export", { query: { format } });
  }

  /** A new link to the session as it is now. Its `url` is not shown again. */
  share() {
    return json(this.call("POST", "/shares"));
  }

  async shares() {
    return (await json(this.call("GET", "/shares"))).links;
  }
}
