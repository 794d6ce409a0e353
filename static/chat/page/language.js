// The page's language. The code has its sentences in English; a page in another language brings their translations.
import { TRANSLATIONS } from "./names.js";

const language = document.documentElement.lang;
const translations = JSON.parse(document.querySelector(`${TRANSLATIONS} script`)?.textContent ?? "{}");

/** Where dates and numbers are written as the reader does it, as far as that is the page's language. */
export const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;

/** The sentence in the page's language, with `values` in place of their names in braces. */
export const gettext = (sentence, values = {}) =>
  (translations[sentence] ?? sentence).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
