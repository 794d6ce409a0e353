// Names that the script shares with the templates and the server. chat/page/names.py describes each.

// Elements by id.
export const ANSWERED_BY = "#answered-by";
export const CONFIRM = "#confirm";
export const CONFIRM_ANSWER = "#confirm-answer";
export const CONFIRM_QUESTION = "#confirm-question";
export const CONNECTION = "#connection";
export const DRAWER = "#drawer";
export const COMPOSER = "#composer";
export const EARLIER_BUTTON = "#earlier-button";
export const EARLIER_LIST = "#earlier-list";
export const EDITOR = "#editor";
export const HELD_BY = "#held-by";
export const FOLD_MARK = "#fold-mark";
export const FORMER = "#former";
export const ASIDE = "#aside";
export const LIVE = "#live";
export const LOG = "#log";
export const LOOK = "#look";
export const MEMORY = "#memory";
export const NEW = "#new";
export const MEMORY_NOTICE = "#memory-notice";
export const NEWEST = "#newest";
export const NEWEST_COUNT = "#newest-count";
export const NOTICE = "#notice";
export const OUT_OF_REACH = "#out-of-reach";
export const OUTBOX = "#outbox";
export const OUTBOX_MESSAGE = "#outbox-message";
export const PALETTE = "#palette";
export const PALETTE_BUTTON = "#palette-button";
export const PALETTE_LIST = "#palette-list";
export const PALETTE_NONE = "#palette-none";
export const PALETTE_OPTION = "#palette-option";
export const PALETTE_SESSIONS = "#palette-sessions";
export const PALETTE_TEXT = "#palette-text";
export const PALETTE_VERBS = "#palette-verbs";
export const QUEUE = "#queue";
export const QUEUED = "#queued";
export const SEEN = "#seen";
export const SEEN_PROMPT = "#seen-prompt";
export const SESSION = "#session";
export const SESSION_FIELD = "#session-field";
export const SESSION_MENU = "#session-menu";
export const SESSION_MENU_REASON = "#session-menu-reason";
export const SESSIONS = "#sessions";
export const SHEET = "#sheet";
export const SHEET_BUTTON = "#sheet-button";
export const SHEET_KEYS = "#sheet-keys";
export const SHEET_LIST = "#sheet-list";
export const SIDE = "#side";
export const SIGN_OUT = "#sign-out";
export const STATUS = "#status";
export const STOP_BUTTON = "#stop-button";
export const STORY = "#story";
export const TEXT = "#text";
export const TITLE = "#title";
export const TOUR = "#tour";
export const UNDO_LINE = "#undo-line";
export const UNDO_PLACE = "#undo";
export const VISIT = "#visit";
export const WINDOW = "#window";

// Elements by class.
export const BADGE = ".badge";
export const BLOCKS = ".blocks";
export const CODE = ".code";
export const DIVIDER = ".replaces";
export const EDITOR_FORM = ".editor";
export const EDITOR_NOTICE = ".editor-notice";
export const FAILED = ".failed";
export const FIELD = ".edit-field";
export const FIRST_VISIT = ".first-visit";
export const HUMAN = ".human";
export const LABEL = ".label";
export const LEAVE = ".leave";
export const LINES = ".lines";
export const MESSAGE = ".message";
export const MESSAGE_TEXT = ".text";
export const REASONING = ".reasoning";
export const REPLY = ".reply";
export const SAYS = ".says";
export const SEND = ".send";
export const STATE = ".state";
export const THOUGHTS = ".thoughts";
export const TURN = ".turn";
export const UNDO_NAME = ".name";
export const UNSAVED = ".unsaved";

// Attributes.
export const ACT = "data-act";
export const AGAIN = "data-again";
export const ANSWER = "data-answer";
export const AT = "data-at";
export const BUSY = "data-busy";
export const BEYOND = "data-beyond";
export const BLOCKED = "data-blocked";
export const COPY = "data-copy";
export const CSRF_COOKIE = "data-csrf";
export const DEMONSTRATION = "data-demonstration";
export const DELETE = "data-delete";
export const DROP = "data-drop";
export const EDIT = "data-edit";
export const DISMISS = "data-dismiss";
export const EMPTY = "data-empty";
export const FOLDED = "data-folded";
export const GONE = "data-gone";
export const HALT = "data-halt";
export const ERASE = "data-erase";
export const FOLD = "data-fold";
export const FORK = "data-fork";
export const LIMIT = "data-limit";
export const LOST = "data-lost";
export const MEMORY_ID = "data-session";
export const MENU = "data-menu";
export const MESSAGES = "data-messages";
export const NAMES = "data-names";
export const NOW = "data-now";
export const NO_COOKIES = "data-no-cookies";
export const OFFER = "data-offer";
export const NO_FOLD = "data-no-fold";
export const OFFLINE = "data-offline";
export const OWNER = "data-owner";
export const PINNED = "data-pinned";
export const QUEUE_FULL = "data-full";
export const REGENERATE = "data-regenerate";
export const REPLACES = "data-replaces";
export const RETRY = "data-retry";
export const REWRITE = "data-rewrite";
export const SEE = "data-see";
export const SIZE = "data-size";
export const SOURCE = "data-source";
export const TOO_LONG = "data-too-long";
export const TURN_ID = "data-turn";
export const TURNS = "data-turns";
export const UNDO = "data-undo";
export const UNSUPPORTED = "data-unsupported";
export const UNTIL = "data-until";
export const VERB = "data-verb";
export const WHOLE = "data-whole";

// Events that make an element send a request.
export const ASK_AGAIN = "again";
export const CONNECT = "connect";
export const LOOK_NOW = "look";
export const MISSED = "missed";
export const STALE = "stale";

// The question for a sign of life.
export const PING = "ping";

// Facts that come with a frame.
export const ACCEPTED = "accepted";
export const ANSWERER = "answerer";
export const ANSWERING = "answering";
export const ENDED = "ended";
export const HOLDER = "holder";
export const LISTED = "listed";
export const PONG = "pong";
export const REFUSED = "refused";
export const SHOWN = "shown";
export const TAKEN = "taken";

// The memory panel.
export const CANCEL = "data-cancel";
export const CHANGED = ".changed";
export const EDIT_SUMMARY = "#edit-summary";
export const FIRST = "data-first";
export const INSTRUCTIONS = "#instructions";
export const LAST = "data-last";
export const OPENS = "data-opens";
export const PANE = "#pane";
export const SUMMARY = "#summary";
export const SUMMARY_FIELD = "#summary-field";
export const SUMMARY_FORM = "#summary-form";
export const SUMMARY_TAG = "#summary-tag";

/** The element with this selector; null if the page has none. */
export const find = (name) => document.querySelector(name);
