// The visitor's sessions, by title and address, for the palette.
import { NAMES, OWNER, SESSIONS } from "./names.js";

/** Those in the list at the left: they are there at once. */
export const listedSessions = () =>
  [...document.querySelectorAll(`${SESSIONS} a`)].map((link) => ({
    title: link.textContent.trim(),
    address: link.getAttribute("href"),
  }));

/** Those that the server lists, which may be many more, newest first. Throws if it does not answer, or refuses. */
export async function fetchSessions(palette) {
  const headers = { "Page-Owner": document.body.getAttribute(OWNER) };
  const answer = await fetch(palette.getAttribute(NAMES), { headers });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).sessions;
}
