// What goes wrong, in words.

/** Whether a code says that a limit is used up, which passes. */
const isLimit = (code) => code?.startsWith("too_many_") ?? false;

/**
 * An error by its documented `code`. `sentence`, also the message, is for people. `retryAfter` is in seconds, null where
 * the server does not say; `details` are the other members of the server's answer.
 */
export class ChatError extends Error {
  name = "ChatError";
  constructor(code, sentence, { retryable = isLimit(code), retryAfter = null, ...details } = {}) {
    super(sentence);
    Object.assign(this, { code, sentence, retryable, retryAfter, details });
  }
}

/** The chat does not answer. */
export const unreachable = (cause) =>
  Object.assign(new ChatError("unreachable", "The chat cannot be reached.", { retryable: true }), { cause });

/** The error in an answer over HTTP: a problem document, unless something before the site has written it. */
export async function errorIn(answer) {
  const retryAfter = Number(answer.headers.get("Retry-After")) || null;
  const { status } = answer;
  const { code, detail, ...problem } = (await answer.json().catch(() => null)) ?? {};
  const etag = answer.headers.get("ETag") ?? undefined;
  if (code) return new ChatError(code, detail, { ...problem, etag, retryAfter });
  const sentence = `The chat cannot be reached: something in between answers with ${status}.`;
  return new ChatError("unreachable", sentence, { status, retryable: status >= 500, retryAfter });
}
