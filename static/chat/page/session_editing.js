// A session's title and labels, edited in place. Enter saves, and so does leaving the field; Escape cancels. While its
// field is open, a session is left out of swaps of the list.
import { isComposing } from "./keys.js";
import { gettext } from "./language.js";
import { find, LABEL, MENU, SESSION_FIELD } from "./names.js";
import { post } from "./requests.js";

const SKIP = "hx-morph-skip";
const linkOf = (item) => item.querySelector("a");
const labelsOf = (item) => [...item.querySelectorAll(LABEL)].map((label) => label.textContent);

const FIELDS = {
  title: {
    ariaLabel: gettext("Title"),
    placeholder: gettext("Its first words"),
    maxLength: 200,
    read: (item) => linkOf(item).textContent,
  },
  labels: {
    ariaLabel: gettext("Labels, separated by commas"),
    placeholder: gettext("Labels, separated by commas"),
    maxLength: 350,
    read: (item) => labelsOf(item).join(", "),
  },
};

/** Ask the server to change details of a session; whether it has. The answer is the list with the change. */
export const change = (item, values) =>
  post(`${linkOf(item).getAttribute("href")}/details`, item.querySelector(`[${MENU}]`), values);

function fieldFor(item, name) {
  const form = find(SESSION_FIELD).content.firstElementChild.cloneNode(true);
  const { read, ...properties } = FIELDS[name];
  Object.assign(form.firstElementChild, { ...properties, value: read(item) });
  item.setAttribute(SKIP, "");
  item.append(form);
  return form;
}

function close(item, form) {
  item.removeAttribute(SKIP);
  form.remove();
  linkOf(item).focus({ preventScroll: true });
}

/** Open the field for the title or the labels. */
export function edit(item, name) {
  const form = fieldFor(item, name);
  const field = form.firstElementChild;
  const before = field.value;
  let open = true;

  async function save() {
    if (!open) return;
    open = false;
    const changed = field.value.trim() === before || (await send());
    if (changed) close(item, form);
    else reopen();
  }

  function send() {
    field.readOnly = true;
    item.removeAttribute(SKIP); // the list in the answer has the change
    return change(item, { [name]: field.value });
  }

  function reopen() {
    open = true;
    field.readOnly = false;
    item.setAttribute(SKIP, "");
    field.focus();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  field.addEventListener("blur", save);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || isComposing(event) || !open) return;
    event.preventDefault(); // of the list's panel, on a phone
    event.stopPropagation(); // and of the answer
    open = false;
    close(item, form);
  });
  field.focus();
  field.select();
}
