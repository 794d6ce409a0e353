// The sentence next to the message box. It stays until its reason has passed (the server or `over` removes it), or until
// the user does something else.
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

/** The sentence shown for this reason, if there is one. */
export const standing = (reason) => document.querySelector(`${NOTICE} [${UNTIL}="${reason}"]`);

export function over(reason) {
  standing(reason)?.remove();
}

/** Remove the sentence when the user goes on, except the one about the end of the visit. */
export function nextStep() {
  if (!visit.over) say("");
}

function clicked({ target }) {
  if (target.closest(`button:not(${SEND}), a`)) nextStep();
}

document.addEventListener("click", clicked, true);
