// Verbs and shortcuts for what buttons of the page do, and for moving among sessions and messages.
import { gettext } from "./language.js";
import {
  ACCOUNT,
  COPY,
  DELETE,
  FORK,
  find,
  LANGUAGE,
  LOG,
  NEW,
  PALETTE,
  PALETTE_BUTTON,
  REGENERATE,
  REPLY,
  REWRITE,
  SESSIONS,
  SHEET_BUTTON,
  SIGN_OUT,
  STOP_BUTTON,
  TEXT,
  WINDOW,
} from "./names.js";
import { jumpToNewest } from "./newest.js";
import { isAtEnd } from "./scroll.js";
import { ANYWHERE, IN_BOX, IN_MESSAGES, OUTSIDE, shortcut } from "./shortcuts.js";
import { verb } from "./verbs.js";

const links = () => [...document.querySelectorAll(`${SESSIONS} li:not([hidden]) a`)];
const opened = () => links().findIndex((link) => link.hasAttribute("aria-current"));

/** The session a number of places below the open one; a new session stands above the list. */
const neighbour = (steps) => (opened() + steps < 0 ? undefined : links()[opened() + steps]);

const lastCopy = () => [...document.querySelectorAll(`${WINDOW} ${REPLY} [${COPY}]`)].at(-1);
const deletion = () => links()[opened()]?.parentElement.querySelector(`[${DELETE}]`);

/** Register a verb that clicks an element, and is impossible for `reason` without that element; also its shortcut. */
function clicks({ name, element, reason, keys = "" }) {
  const run = () => element()?.click();
  verb({ name, run, reason: () => (element() ? "" : reason), keys });
  if (keys) shortcut({ keys, does: name, where: ANYWHERE, run });
}

/** Register a verb that clicks the last such button in the window. A button that is greyed out has its reason. */
function clicksLast(name, kind, reason) {
  const last = () => [...document.querySelectorAll(`${WINDOW} ${kind}`)].at(-1);
  verb({ name, run: () => last()?.click(), reason: () => last()?.title ?? reason });
}

/** Choose a language, as its field does. */
function speak(language) {
  find(LANGUAGE).value = language;
  find(LANGUAGE).dispatchEvent(new Event("change", { bubbles: true }));
}

clicks({ name: gettext("New session"), element: () => find(NEW), keys: "Mod+Shift+O" });
clicks({
  name: gettext("Next session"),
  element: () => neighbour(1),
  reason: gettext("There is none below this one."),
  keys: "Alt+ArrowDown",
});
clicks({
  name: gettext("Previous session"),
  element: () => neighbour(-1),
  reason: gettext("There is none above this one."),
  keys: "Alt+ArrowUp",
});
clicks({
  name: gettext("Stop the answer"),
  element: () => find(STOP_BUTTON),
  reason: gettext("No answer is in progress."),
});
clicks({
  name: gettext("Copy the last reply"),
  element: lastCopy,
  reason: gettext("There is no reply in the window."),
  keys: "Mod+Shift+C",
});
clicksLast(
  gettext("Regenerate the last answer"),
  `> :last-child [${REGENERATE}]`,
  gettext("The session does not end with an answer."),
);
clicksLast(gettext("Edit the last message"), `[${REWRITE}]`, gettext("There is no message of yours in the window."));
clicksLast(gettext("Fork the session here"), `[${FORK}]`, gettext("There is no message in the window."));
verb({
  name: gettext("Jump to the newest message"),
  run: jumpToNewest,
  reason: () => (isAtEnd() ? gettext("It is in view.") : ""),
});
clicks({
  name: gettext("Delete this session"),
  element: deletion,
  reason: gettext("Nothing is remembered of it yet."),
});
clicks({ name: gettext("Sign out"), element: () => find(SIGN_OUT), reason: gettext("Staff sign out in the admin.") });

for (const link of find(ACCOUNT)?.querySelectorAll("a") ?? [])
  verb({ name: link.textContent, run: () => link.click() });

for (const { selected, text, value } of find(LANGUAGE).options)
  if (!selected) verb({ name: gettext("Language: {name}", { name: text }), run: () => speak(value) });

const showKeys = () => find(SHEET_BUTTON).click();
const findByName = () => find(PALETTE_BUTTON).click();

verb({ name: gettext("Show keyboard shortcuts"), run: showKeys, keys: "?" });
shortcut({
  keys: "Mod+K",
  does: gettext("Find a session or an action"),
  where: ANYWHERE,
  run: findByName,
  closes: PALETTE,
});
shortcut({ keys: "?", does: gettext("Show this list"), where: OUTSIDE, run: showKeys });
shortcut({
  keys: "/",
  does: gettext("Go to the message box"),
  where: OUTSIDE,
  run: () => (find(TEXT) ?? find(LOG)).focus(),
});
shortcut({ keys: "Enter", does: gettext("Send the message"), where: IN_BOX });
shortcut({ keys: "Shift+Enter", does: gettext("Start a new line"), where: IN_BOX });
shortcut({ keys: "Escape", does: gettext("Stop the answer"), where: ANYWHERE });
shortcut({ keys: "Home", does: gettext("Go to the top"), where: IN_MESSAGES });
shortcut({ keys: "End", does: gettext("Go to the newest"), where: IN_MESSAGES });
