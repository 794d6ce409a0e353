// Modules that are loaded late, and follow the page's changes from then on.

const parts = [];

/** Have a module take part: its functions `begin`, `settle` and `learn` are called when those of others are. */
export const takePart = (module) => parts.push(module);

/** Call this function of the modules that have one. */
export function each(name, ...values) {
  for (const part of parts) part[name]?.(...values);
}
