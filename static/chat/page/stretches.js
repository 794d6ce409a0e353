// Point at a version of the summary, or focus something in it, and the messages that it took in light up, and with the
// newest of them the line below the folded messages. Where they are not on the page, the button that shows them does.
import { EARLIER_BUTTON, FIRST, FOLD_MARK, FOLDED, find, LAST, LOG, MESSAGE, PANE } from "./names.js";

const LIT = "lit";

let lit = [];

const numberOf = (message) => +message.id.split("-").at(-1) || 0;

function partsOf(version) {
  const [first, last] = [+version.getAttribute(FIRST), +version.getAttribute(LAST)];
  const within = (message) => numberOf(message) >= first && numberOf(message) <= last;
  const messages = [...document.querySelectorAll(`${LOG} ${MESSAGE}`)].filter(within);
  const mark = find(FOLD_MARK);
  const isNewest = +mark?.getAttribute(FOLDED) === last;
  return [...messages, isNewest && mark, !messages.length && find(EARLIER_BUTTON)].filter(Boolean);
}

function light(version) {
  for (const part of lit) part.classList.remove(LIT);
  lit = version ? partsOf(version) : [];
  for (const part of lit) part.classList.add(LIT);
}

const versionAt = (target) => target?.closest?.(`${PANE} [${FIRST}]`);

for (const event of ["pointerover", "focusin"])
  document.addEventListener(event, ({ target }) => {
    if (lit.length || versionAt(target)) light(versionAt(target) ?? versionAt(document.activeElement));
  });
