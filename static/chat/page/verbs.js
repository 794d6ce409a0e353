// What the page can do, by name. The modules that do it register it here, and the palette offers it.

const registered = [];

/**
 * Register a verb: its `name`, the function that does it (`run`), the `keys` that do the same, if any, and `reason`: a
 * function that returns why it cannot be done now, or "".
 */
export function verb({ name, run, reason = () => "", keys = "" }) {
  registered.push({ name, run, reason, keys });
}

/** Every verb, in the order of their registration. */
export const verbs = () => registered;
