// What a user has set on this page, kept by the browser. Where it keeps nothing, a setting lasts as long as the page.

const kept = new Map();

/** The value of a setting, or undefined. */
export function readSetting(name) {
  if (kept.has(name)) return kept.get(name);
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeSetting(name, value) {
  kept.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // the browser refuses: it lasts as long as the page
  }
}
