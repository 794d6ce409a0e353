// The visitor's sessions, by title and address, for the palette.
import { Api } from "../client/api.js";
import { OWNER, SESSIONS, SITE } from "./names.js";

const MOST = 1000;

/** Those in the list at the left: they are there at once. */
export const listedSessions = () =>
  [...document.querySelectorAll(`${SESSIONS} a`)].map((link) => ({
    title: link.textContent.trim(),
    address: link.getAttribute("href"),
  }));

/** Those that the server lists, which may be many more, newest first. Throws if it does not answer, or refuses. */
export async function fetchSessions(palette) {
  const site = palette.getAttribute(SITE);
  const headers = { "Page-Owner": document.body.getAttribute(OWNER) };
  const found = [];
  for await (const { id, title } of new Api(new URL(site, location), { headers }).sessions({ limit: MOST }))
    found.push({ title: title || id, address: `${site}s/${id}` });
  return found;
}
