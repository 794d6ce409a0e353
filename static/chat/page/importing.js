// Importing sessions: a dialog that sends files, and shows how far each one is and what became of it. It is loaded when it
// is opened, and gone when it is closed.
import { find, HALT, IMPORT, LIMIT, SESSIONS, TOO_LONG } from "./names.js";
import { postHeaders } from "./requests.js";

const MEGABYTE = 2 ** 20;

// Names of the dialog's template alone.
const DIALOG = "#import";
const DROP = "#import-drop"; // where files are chosen, and put
const FILES = "#import-files";
const PROGRESS = "#import-progress";
const STATE = "#import-state";
const BAR = "#import-bar";
const REPORT = "#import-report";
const LIST = "data-list"; // the address of the list
const FAILS = "data-fails"; // what to say if an import fails
const HALTED = "data-halted"; // or is stopped
const READING = "data-reading"; // while the file is read
const COUNTING = "data-counting"; // and then

let address = "";
let halt = null; // while an import is under way, what ends it

const said = (name) => find(DIALOG).getAttribute(name);

async function open(button) {
  if (find(DIALOG)) return;
  address = button.getAttribute(IMPORT);
  await htmx.ajax("GET", address, { source: button, target: "body", swap: "beforeend" });
  find(DIALOG)?.showModal();
}

// --- what it shows -------------------------------------------------------------------------------------------------

/** Show lines, the first in bold; those of several files one below the other. */
function report(lines, kind = "") {
  const items = lines.map((line) =>
    Object.assign(document.createElement("li"), { textContent: line, className: kind }),
  );
  find(REPORT).append(...items);
}

function showStep({ done, total }) {
  Object.assign(find(BAR), { max: total, value: done });
  find(STATE).textContent = find(STATE).getAttribute(COUNTING).replace("{done}", done).replace("{total}", total);
}

function show(line) {
  if (line.total) showStep(line);
  if (line.error) report([line.error], "wrong");
  if (line.report) report(line.report);
}

function showBusy(isBusy) {
  find(DROP).hidden = isBusy;
  find(PROGRESS).hidden = !isBusy;
  find(BAR).removeAttribute("value");
  find(STATE).textContent = find(STATE).getAttribute(READING);
  find(`${DIALOG} ${isBusy ? `[${HALT}]` : "button"}`).focus();
}

// --- what it does --------------------------------------------------------------------------------------------------

/** The lines of JSON in an answer, each as soon as it is there. */
async function* linesOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

/** The sentence of a page or a notice with which a request was refused, if there is one. */
const sentenceIn = (text) =>
  new DOMParser().parseFromString(text, "text/html").querySelector("hx-partial p, .alone p")?.textContent;

/** Send a file; throws if the answer is not complete. */
async function send(file) {
  const body = new FormData();
  body.append("file", file);
  const answer = await fetch(address, { method: "POST", headers: postHeaders(), body, signal: halt.signal });
  if (!answer.headers.get("Content-Type")?.includes("ndjson"))
    return report([sentenceIn(await answer.text()) ?? said(FAILS)], "wrong");
  let last = {};
  for await (last of linesOf(answer.body)) show(last);
  if (!last.report && !last.error) throw new Error("It broke off.");
}

async function take(file) {
  const tooLarge = file.size > +said(LIMIT);
  if (tooLarge) return report([said(TOO_LONG).replace("{size}", Math.ceil(file.size / MEGABYTE))], "wrong");
  try {
    await send(file);
  } catch {
    report([said(halt.signal.aborted ? HALTED : FAILS)], "wrong");
  }
}

async function takeAll(files) {
  if (halt || !files.length) return;
  halt = new AbortController();
  find(REPORT).replaceChildren();
  showBusy(true);
  for (const file of files) {
    if (files.length > 1) report([file.name], "of-file");
    await take(file);
    if (halt.signal.aborted) break;
  }
  halt = null;
  showBusy(false);
  find(FILES).value = "";
  htmx.ajax("GET", said(LIST), { source: find(SESSIONS), target: SESSIONS, swap: "innerMorph" });
}

// --- what it follows -----------------------------------------------------------------------------------------------

document.addEventListener("click", ({ target }) => {
  const button = target.closest(`[${IMPORT}]`);
  if (button) open(button);
  if (target.closest(`${DIALOG} [${HALT}]`)) halt?.abort();
});

document.addEventListener("change", ({ target }) => {
  if (target === find(FILES)) takeAll([...target.files]);
});

for (const name of ["dragover", "drop"])
  document.addEventListener(name, (event) => {
    if (!find(DIALOG)) return;
    event.preventDefault(); // anywhere: a file beside the field would replace the page
    if (name === "drop") takeAll([...event.dataTransfer.files]);
  });

// Neither Escape nor the button closes it while an import is under way: they only end that.
function stay(event) {
  if (!halt || !event.target.closest?.(DIALOG)) return;
  event.preventDefault();
  halt.abort();
}

document.addEventListener("cancel", stay, true);
document.addEventListener("submit", stay, true);

function closed({ target }) {
  if (target === find(DIALOG)) target.remove();
}

document.addEventListener("close", closed, true);
