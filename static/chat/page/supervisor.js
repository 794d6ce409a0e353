// Requests to the supervisor, through whichever worker takes them.
import { DEMONSTRATION, DRAWER, find } from "./names.js";
import { postHeaders } from "./requests.js";

const PATIENCE = 5000; // milliseconds

/** The answer to a request, with its status: 503 while the store is away, and 0 if there was no answer at all. */
export async function ask(verb, fields = {}) {
  const address = find(DRAWER).getAttribute(DEMONSTRATION) + verb;
  const headers = postHeaders();
  const request = { method: "POST", headers, body: new URLSearchParams(fields), signal: AbortSignal.timeout(PATIENCE) };
  try {
    const answer = await fetch(address, request);
    const isOurs = answer.headers.get("Content-Type") === "application/json";
    return { status: answer.status, ...(isOurs ? await answer.json() : {}) };
  } catch {
    return { status: 0 };
  }
}
