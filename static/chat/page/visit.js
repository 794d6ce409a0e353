// Whether this page's visit is over: its cookie expired, or somebody signed in or out. The page has said so, and
// reconnecting would not help.
export const visit = { over: false, reason: "" }; // the sentence about it, if there is a better one than the usual
