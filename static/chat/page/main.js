// What the page does by itself. Everything that is shown comes from the server; htmx puts it in its place.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);

  // crypto.randomUUID is there on https and localhost only; htmx's websocket extension needs it everywhere.
  crypto.randomUUID ??= () =>
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16));

  // --- The message box ------------------------------------------------------------------------------------------
  // A draft keeps its turn id until it is taken, so that sending it again cannot make two turns of it. It stays in the
  // box until then: until the server has loaded the memory. It outlives a reload. What is written afterwards is
  // another turn, also when the words are the same. Where nothing stands in the box, the words of a failed turn are kept
  // instead: the server knows of it for some minutes only.

  let lost = false; // the visit is over: it was said so, and asking again would not help
  let asked = null; // the turn that was sent last
  let unanswered = null; // the same, as long as it is neither accepted nor refused

  const key = () => `draft:${byId("session").dataset.session}`;
  const turn = () => byId("composer").elements.turn;

  function keepDraft() {
    if (!byId("composer")) return;
    const text = byId("text").value;
    const kept = text ? { text, turn: turn().value, sent: sent() } : { text: failed() };
    keep(key(), kept.text && kept);
    keep(HANDED_ON, lost && text && { text, path: location.pathname });
  }

  // What is too long for the browser to keep is many times too long to be sent, and that is said when it is sent.
  function keep(name, what) {
    sessionStorage.removeItem(name);
    try {
      if (what) sessionStorage.setItem(name, JSON.stringify(what));
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
    }
  }

  const sent = () => byId("text").dataset.sent ?? "";

  const failed = () => JSON.parse(document.querySelector("#live [data-retry]")?.getAttribute("hx-vals") ?? "{}").text;

  function restoreDraft() {
    if (!byId("composer")) return;
    const handedOn = takeOver();
    const draft = JSON.parse(sessionStorage.getItem(key())) ?? { text: handedOn };
    turn().value = draft.turn || crypto.randomUUID();
    if (draft.text && !byId("text").value) byId("text").value = draft.text;
    if (draft.sent) byId("text").dataset.sent = draft.sent;
    fit();
    keepDraft();
  }

  // A page whose visit is over (it expired, or somebody signed out) asks for a reload and promises to keep what stands
  // in its box. The reloaded page is another visitor's, though, and a draft is its own visitor's affair. So this one
  // alone is handed on: in the same tab, to a reload of the same address, once. Whoever reloads has the words before
  // their eyes already; whoever comes in any other way never sees them, and older drafts are forgotten.
  const HANDED_ON = "handed-on";

  function takeOver() {
    const { text, path } = JSON.parse(sessionStorage.getItem(HANDED_ON)) ?? {};
    const own = `draft:${document.body.dataset.owner}.`;
    for (const name of Object.keys(sessionStorage))
      if (name === HANDED_ON || (name.startsWith("draft:") && !name.startsWith(own))) sessionStorage.removeItem(name);
    const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
    return reloaded && path === location.pathname ? text : "";
  }

  function fit() { // where the browser does not do it by itself
    const box = byId("text");
    if (CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }

  // A sentence stands until its reason is over (the server says so, or `over` does), or until the next step.
  function say(sentence, until = "") {
    const place = byId("notice");
    place.replaceChildren();
    if (!sentence) return;
    const paragraph = place.appendChild(document.createElement("p"));
    paragraph.textContent = sentence;
    paragraph.dataset.until = until;
  }

  const standing = (reason) => document.querySelector(`#notice [data-until="${reason}"]`);

  function over(reason) {
    standing(reason)?.remove();
  }

  function problemWith(text) {
    const limit = +byId("text").dataset.limit;
    const length = [...text].length;
    if (!text.trim()) return "The message is empty. Write something first.";
    if (length > limit)
      return `The message has ${length.toLocaleString()} characters; at most ${limit.toLocaleString()} are allowed. Shorten it.`;
    return "";
  }

  // Before htmx hears of it: what cannot be taken is not sent.
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "composer") return;
    const problem = problemWith(byId("text").value);
    say(problem);
    if (problem) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (byId("text").value !== sent()) turn().value = crypto.randomUUID(); // other words are another turn
    byId("text").dataset.sent = byId("text").value;
    asked = unanswered = turn().value;
    keepDraft();
    byId("text").focus();
    follow = true;
  }, true);

  // Retry asks for what still stands in the box: then the box is emptied for it, too.
  document.addEventListener("click", ({ target }) => {
    const retry = target.closest("[data-retry]");
    if (!retry) return;
    const { text, turn: next } = JSON.parse(retry.getAttribute("hx-vals"));
    asked = next;
    if (byId("text").value !== text) return;
    turn().value = next;
    byId("text").dataset.sent = text;
  }, true);

  document.addEventListener("input", (event) => {
    if (event.target.id !== "text") return;
    fit();
    keepDraft();
    nextStep();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.id === "text") {
      event.preventDefault();
      byId("composer").requestSubmit();
    }
    if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) byId("stop-button")?.click();
  });

  function nextStep() {
    if (!lost) say("");
  }

  document.addEventListener("click", ({ target }) => {
    if (target.closest("button:not(.send), a")) nextStep();
  }, true);

  function learn(facts) {
    if (facts.listed) htmx.trigger(document.body, "stale"); // a list that was unfolded is asked for anew
    if ([facts.accepted, facts.refused, facts.taken].includes(unanswered)) unanswered = null;
    if (facts.taken && [turn().value, asked].includes(facts.taken)) { // it may have been said to be over before
      if (byId("text").value === sent()) byId("text").value = "";
      delete byId("text").dataset.sent;
      fit();
    }
    if ([facts.taken, facts.ended].includes(turn().value)) turn().value = crypto.randomUUID();
    keepDraft();
    if (facts.shown || facts.ended) checkUnsaved();
  }

  // What was not remembered may have been after all, by a memory server that answered too late. Whether it was is asked
  // whenever the memory is shown anew.
  function checkUnsaved() {
    if (connection?.socket?.readyState !== WebSocket.OPEN) return;
    for (const save of document.querySelectorAll("#live .unsaved [hx-vals]"))
      connection.socket.send(JSON.stringify({ body: { ...JSON.parse(save.getAttribute("hx-vals")), type: "check" } }));
  }

  // --- The websocket --------------------------------------------------------------------------------------------

  let connection = null;

  // What the page shows stays. Nothing more comes and nothing more is sent: it would be in another visitor's name.
  function leave() {
    lost = true;
    keepDraft();
    connection?.socket?.close(4409);
  }

  document.addEventListener("htmx:ws:close", ({ detail }) => {
    if (detail.reason !== "closed") return;
    lost = detail.code >= 4400;
    byId("connection").textContent = lost ? "Not connected." : "Connecting again…";
    keepDraft();
  });

  document.addEventListener("htmx:before:ws:connection", (event) => {
    if (lost) event.preventDefault();
  });

  document.addEventListener("htmx:after:ws:connection", ({ detail }) => {
    connection = detail.connection;
    lost = false;
    byId("connection").textContent = "";
    over("connection");
    over("site");
    // What was written since is not sent by itself.
    if (unanswered && unanswered === turn().value && byId("text").value === sent()) byId("composer").requestSubmit();
  });

  // Whatever sends through the socket says in its own words what it means that there is none.
  document.addEventListener("htmx:ws:error", ({ target, detail }) => {
    if (detail.error !== "Connection not open" || target.id === "look") return;
    if (lost) say(`This page is not connected any more. ${target.dataset.lost ?? "Reload the page to go on."}`);
    else say(`There is no connection. ${target.dataset.offline}`, "connection");
  });

  // --- Requests ---------------------------------------------------------------------------------------------------

  // The token of the cookie: that of the page is an old one when somebody has signed in since, in another tab.
  document.addEventListener("htmx:config:request", ({ detail }) => {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (token) detail.ctx.request.headers["X-CSRFToken"] = token;
  });

  // Something is always said; the server's own sentence, where its answer holds one, takes this one's place. A page
  // of ours that tells of an outage is shown like any other; of other error pages nothing is.
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    const { status } = ctx.response;
    const advice = status < 500 ? "Reload the page and do it again." : "Try it again in a moment.";
    if (status === 409) leave();
    if (status === 409 || ctx.sourceElement.id !== "visit") say(`That could not be done (${status}). ${advice}`);
    if (status === 503) htmx.trigger(byId("look") ?? document, "look"); // the sentence goes when memory is back
    if (ctx.text.includes('id="session"')) return;
    Object.assign(ctx, { swap: "none", push: null, text: ctx.text.startsWith("<hx-partial") ? ctx.text : "" });
  });

  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (!ctx || ctx.response) return;
    if (ctx.sourceElement.id !== "visit") say("The site does not answer. Try again in a moment.", "site");
    if (standing("site")) htmx.trigger(byId("visit") ?? document, "again");
  });

  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.response.status < 500) over("site");
  });

  // --- Where one reads ------------------------------------------------------------------------------------------
  // Whoever is at the end of the messages stays there; whoever reads above is left alone.

  let follow = true;

  const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

  function toEnd() {
    const log = byId("log");
    if (log && follow) log.scrollTop = log.scrollHeight;
  }

  document.addEventListener("scroll", (event) => {
    if (event.target.id === "log") follow = atEnd(event.target);
  }, true);

  document.addEventListener("htmx:after:ws:message", ({ detail }) => {
    if (detail.message.json && byId("composer")) learn(detail.message.json);
    settle();
  });

  let fromEnd = 0;

  document.addEventListener("htmx:before:swap", ({ detail }) => {
    const log = byId("log");
    if (log) fromEnd = log.scrollHeight - log.scrollTop;
  });

  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target.closest?.("#earlier")) { // older messages came in above: what is read stays where it is
      follow = false;
      byId("log").scrollTop = byId("log").scrollHeight - fromEnd;
    }
    if (byId("session") !== shown) begin();
    settle();
  });

  function settle() {
    toEnd();
    tellTimes();
    document.title = `${byId("title").textContent} · Motörhead Chat`;
    if (document.activeElement === document.body && focused && !focused.isConnected) byId("text")?.focus();
  }

  let focused = null; // what had the focus: when it is swapped away, the focus goes to the message box

  document.addEventListener("focusin", (event) => { focused = event.target; });

  function tellTimes() {
    for (const time of document.querySelectorAll("time:not([data-told])")) {
      const at = new Date(time.dateTime);
      const today = at.toDateString() === new Date().toDateString();
      time.textContent = at.toLocaleString([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
      time.title = at.toLocaleString();
      time.dataset.told = "";
    }
  }

  // --- Buttons --------------------------------------------------------------------------------------------------

  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.body.appendChild(document.createElement("textarea")); // plain http
    box.value = text;
    box.select();
    document.execCommand("copy");
    box.remove();
  }

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const message = button.closest(".message, .lines");
    const label = button.textContent;
    await copy(message.dataset.source ?? message.querySelector(".text").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  });

  document.addEventListener("click", ({ target }) => {
    if (target.closest("#side a")) byId("side").hidePopover?.();
  });

  document.addEventListener("htmx:confirm", (event) => {
    event.preventDefault();
    const dialog = byId("confirm");
    byId("confirm-question").textContent = event.detail.ctx.confirm;
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") event.detail.issueRequest();
      else event.detail.dropRequest();
    }, { once: true });
    dialog.showModal();
  });

  // --- A session comes onto the page ------------------------------------------------------------------------------

  let shown = null;

  function begin() {
    shown = byId("session");
    unanswered = null;
    lost = false;
    follow = true;
    restoreDraft();
  }

  begin();
  settle();
  // htmx may have begun before its websocket extension had arrived; what it has done already it does not do twice.
  htmx.process(document.body);
})();
