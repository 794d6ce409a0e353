// The sentence beside the message box. It stays until its reason is over (the server removes it, or `over` does), or
// until the user does something else.
import { find, NOTICE, SEND, UNTIL } from "./names.js";
import { visit } from "./visit.js";

export function say(sentence, until = "") {
  const place = find(NOTICE);
  place.replaceChildren();
  if (!sentence) return;
  const paragraph = place.appendChild(document.createElement("p"));
  paragraph.textContent = sentence;
  paragraph.setAttribute(UNTIL, until);
}

/** The sentence that waits for this reason to be over, if there is one. */
export const standing = (reason) => document.querySelector(`${NOTICE} [${UNTIL}="${reason}"]`);

export function over(reason) {
  standing(reason)?.remove();
}

/** The user goes on, so the sentence was read. The one about the end of the visit stays. */
export function nextStep() {
  if (!visit.over) say("");
}

function clicked({ target }) {
  if (target.closest(`button:not(${SEND}), a`)) nextStep();
}

document.addEventListener("click", clicked, true);
