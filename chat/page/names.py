"""Names shared by the page's templates, its script and the server, each defined once.

``static/chat/page/names.js`` repeats the names that the script needs. `tests/chat/page/test_names.py` compares the two
and looks for each name in the templates.
"""

from __future__ import annotations

# --- Elements, by id ----------------------------------------------------------------------------------------------

#: Everything that belongs to one session; opening another session replaces it.
SESSION = "#session"
#: The list at the left, the row that reloads it once it has been expanded, and the panel around it on a phone.
SESSIONS = "#sessions"
UNFOLDED = "#unfolded"
SIDE = "#side"
#: The menu of one of them, why it can do nothing, and the template for a field in the list.
SESSION_MENU = "#session-menu"
SESSION_MENU_REASON = "#session-menu-reason"
SESSION_FIELD = "#session-field"
#: The field for a search, and what was found.
SEARCH_TEXT = "#search-text"
FOUND = "#found"
#: What can be undone, and the template for a line of it.
UNDO_PLACE = "#undo"
UNDO_LINE = "#undo-line"
#: At its top and its end: a new session; the buttons of the palette and of the shortcuts; the account; signing out.
NEW = "#new"
PALETTE_BUTTON = "#palette-button"
SHEET_BUTTON = "#sheet-button"
ACCOUNT = "#account"
SIGN_OUT = "#sign-out"
#: The choice of a language, and what the script says in that language.
LANGUAGE = "#language"
TRANSLATIONS = "#translations"
#: The dialog with links to sessions has a place for sentences.
SHARE_NOTICE = "#share-notice"
#: The panel around the memory at the right, likewise on a phone.
ASIDE = "#aside"
#: Above the messages: the session's title, the state of the connection, and outages.
TITLE = "#title"
CONNECTION = "#connection"
OUTAGE = "#outage"
#: The scrolling box with all messages.
LOG = "#log"
#: Over the end of that box: the button that leads to the newest message, and in it the number of new ones.
NEWEST = "#newest"
NEWEST_COUNT = "#newest-count"
#: Folded messages: the section, the place of its button, the button, the list, and the line below it.
EARLIER = "#earlier"
EARLIER_MORE = "#earlier-more"
EARLIER_BUTTON = "#earlier-button"
EARLIER_LIST = "#earlier-list"
FOLD_MARK = "#fold-mark"
#: The messages of the window; one of them, by id.
WINDOW = "#window"
MESSAGE_OF = '[id="message-{}"]'
#: The current turn, and turns that failed or were not remembered.
LIVE = "#live"
#: The message on its way to the server, and the template for it.
OUTBOX = "#outbox"
OUTBOX_MESSAGE = "#outbox-message"
#: Around the message box: its form, the box, what was left out of the prompt, a notice, a status for screen readers.
COMPOSER = "#composer"
TEXT = "#text"
OMITTED = "#omitted"
NOTICE = "#notice"
STATUS = "#status"
#: A message that waits for the end of an answer, and the template for it.
QUEUE = "#queue"
QUEUED = "#queued"
#: The template for the field in which a message is edited; the offer to undo a replacement.
EDITOR = "#editor"
FORMER = "#former"
#: The place of the stop button, and the button.
STOP = "#stop"
STOP_BUTTON = "#stop-button"
#: At the right: the memory, in it the running summary, its figures, what can be done, and a notice; the worker that
#: answered last, and the contents of its prompt.
MEMORY = "#memory"
SUMMARY = "#summary"
FIGURES = "#figures"
VERBS = "#verbs"
MEMORY_NOTICE = "#memory-notice"
#: The buttons that edit the summary, fold, and open what is in the pane; the editor: its form, its field, the tag of
#: the summary that it replaces, and what saving would change in a newer one.
EDIT_SUMMARY = "#edit-summary"
FOLD_NOW = "#fold-now"
VERSIONS_BUTTON = "#versions-button"
INSTRUCTIONS_BUTTON = "#instructions-button"
SUMMARY_FORM = "#summary-form"
SUMMARY_FIELD = "#summary-field"
SUMMARY_TAG = "#summary-tag"
SUMMARY_CONFLICT = "#summary-conflict"
#: Below it, the versions of the summary or the instructions for the next: their field, and whether they are saved.
PANE = "#pane"
INSTRUCTIONS = "#instructions"
INSTRUCTIONS_STATE = "#instructions-state"
SERVED = "#served"
PROMPT = "#prompt"
#: Where one ends the site's processes: the worker that answers, the one that holds the page's socket, what cannot be
#: ended here, and what has happened.
DRAWER = "#drawer"
ANSWERED_BY = "#answered-by"
HELD_BY = "#held-by"
OUT_OF_REACH = "#out-of-reach"
STORY = "#story"
#: Above the message box: what the page is doing for a visitor, and what else there is to try.
TOUR = "#tour"
#: Invisible elements that ask for changes to the session, and whether the visit is still valid.
LOOK = "#look"
VISIT = "#visit"
#: The dialog before something is deleted or left, its question, and the button that goes on.
CONFIRM = "#confirm"
CONFIRM_QUESTION = "#confirm-question"
CONFIRM_ANSWER = "#confirm-answer"
#: The dialog with what the model saw, and the place of the prompt in it.
SEEN = "#seen"
SEEN_PROMPT = "#seen-prompt"

#: The palette: the dialog, its field, the list, its two groups, what it says if nothing is found, an option's template.
PALETTE = "#palette"
PALETTE_TEXT = "#palette-text"
PALETTE_LIST = "#palette-list"
PALETTE_SESSIONS = "#palette-sessions"
PALETTE_VERBS = "#palette-verbs"
PALETTE_NONE = "#palette-none"
PALETTE_OPTION = "#palette-option"
#: The sheet of keyboard shortcuts: the dialog, its list, and the switch for keys without a modifier.
SHEET = "#sheet"
SHEET_LIST = "#sheet-list"
SHEET_KEYS = "#sheet-keys"

# --- Elements, by class -------------------------------------------------------------------------------------------

#: A turn outside the window: growing, unsaved or failed.
TURN = ".turn"
UNSAVED = ".unsaved"
FAILED = ".failed"
#: A summary whose last changes are marked.
CHANGED = ".changed"
#: A growing reply: its finished blocks, and the text after them.
BLOCKS = ".blocks"
TAIL = ".tail"
#: A model's reasoning, folded away, and its text.
REASONING = ".reasoning"
THOUGHTS = ".thoughts"
#: The sentence about what the page is doing for a visitor.
SAYS = ".says"
#: What an empty session says.
FIRST_VISIT = ".first-visit"
#: Why saving again failed.
SAVE_NOTICE = ".save-notice"
#: A message, of the user or the model; its text; a box with code in it; and lines to copy.
MESSAGE = ".message"
HUMAN = ".human"
REPLY = ".reply"
MESSAGE_TEXT = ".text"
CODE = ".code"
LINES = ".lines"
#: In the list, a label of a session. The part that offers to sign out. In a line to undo, the name of a session.
LABEL = ".label"
LEAVE = ".leave"
UNDO_NAME = ".name"
#: The send button.
SEND = ".send"
#: Below a message on its way: why it has not been sent.
STATE = ".state"
#: In place of a message: the form in which it is edited, its field, and why its text was not sent.
EDITOR_FORM = ".editor"
FIELD = ".edit-field"
EDITOR_NOTICE = ".editor-notice"
#: Beside a message: that it was stopped.
BADGE = ".badge"
#: Above a message on its way: that it replaces others.
DIVIDER = ".replaces"

# --- Attributes ---------------------------------------------------------------------------------------------------

#: On the page: its owner, and the name of the cookie with the token against forged requests. On the session: its
#: memory id.
OWNER = "data-owner"
CSRF_COOKIE = "data-csrf"
MEMORY_ID = "data-session"
#: On the session: the address of one of its messages, without the message's id at its end.
MESSAGES = "data-messages"
#: On the same: the address of one of its turns, without the turn's id at its end.
TURNS = "data-turns"
#: On a button: that it shows what the model saw, of the turn with this id, or else of the reply above the button.
SEE = "data-see"
#: On a session in the list: when it was last active, and that it is pinned. On the button of its menu: why there is
#: nothing to do, if so. On a button of the menu: what it does.
AT = "data-at"
PINNED = "data-pinned"
MENU = "data-menu"
VERB = "data-verb"
#: On the button that deletes a session: the address for that. On a link of the menu: the end of its address. On the
#: buttons of a line to undo: what they do.
DELETE = "data-delete"
EXPORT = "data-export"
UNDO = "data-undo"
ERASE = "data-erase"
#: On a button: the address of the dialog for imports, which it opens; that its value is that of one with links.
IMPORT = "data-import"
SHARE = "data-share"
#: On a turn: its id, and the message behind which it replaces all. On the line below folded messages: their number.
TURN_ID = "data-turn"
REPLACES = "data-replaces"
FOLDED = "data-folded"
#: On a notice: what it waits for.
UNTIL = "data-until"
#: On the message box: the limit of a message, in characters; what to say to an empty message, to a longer one, and to
#: one behind another that has not been sent, or behind one that waits.
LIMIT = "data-limit"
EMPTY = "data-empty"
TOO_LONG = "data-too-long"
BLOCKED = "data-blocked"
QUEUE_FULL = "data-full"
#: On a button: that it retries a turn, and which; that it sends a refused message again, or edits it; that it copies a
#: message or its code, or shows the whole of it. On the copied element: its source.
RETRY = "data-retry"
AGAIN = "data-again"
EDIT = "data-edit"
COPY = "data-copy"
WHOLE = "data-whole"
SOURCE = "data-source"
#: On the drawer: the address of its requests. On a button in it: what it ends.
DEMONSTRATION = "data-demonstration"
ACT = "data-act"
#: On a button: what it shows to a visitor, and for how many messages; that it ends this; that it removes its line.
OFFER = "data-offer"
SIZE = "data-size"
HALT = "data-halt"
DISMISS = "data-dismiss"
#: On a button below a message: that it folds the session up to there. On the button that folds now: why the former
#: cannot.
FOLD = "data-fold"
NO_FOLD = "data-no-fold"
#: On the summary: its tag. On a button: that it closes the editor.
TAG = "data-tag"
CANCEL = "data-cancel"
#: On a button: the address of what it opens below. On a version: the first and the last message that it took in.
OPENS = "data-opens"
FIRST = "data-first"
LAST = "data-last"
#: On a button below a message: that it shows the others, on a touch screen.
UNFOLD = "data-unfold"
#: On a button below a message: that it begins another session from there, answers it again, or edits it; in the editor:
#: that it shows the message as it was.
FORK = "data-fork"
REGENERATE = "data-regenerate"
REWRITE = "data-rewrite"
DROP = "data-drop"
#: On a button of a message that waits: that it is sent now.
NOW = "data-now"
#: On the messages: what to say where the memory server cannot do one of these, to a message that is folded or gone, and
#: while the session is answering. The first also on an offer: what to say where the page has no drawer.
UNSUPPORTED = "data-unsupported"
BEYOND = "data-beyond"
GONE = "data-gone"
BUSY = "data-busy"
#: On the message box's form: what to say where the browser keeps no cookies.
NO_COOKIES = "data-no-cookies"
#: On the palette: the address of the site, below which its API and its sessions are.
SITE = "data-site"
#: On a button with a question: what the button that goes on is called.
ANSWER = "data-answer"
#: On elements that send through the websocket: what to say while disconnected, or after the visit has ended.
OFFLINE = "data-offline"
LOST = "data-lost"

# --- Events that make an element ask the server -------------------------------------------------------------------

STALE = "stale"
LOOK_NOW = "look"
ASK_AGAIN = "again"
CONNECT = "connect"
MISSED = "missed"

# --- A sign of life -----------------------------------------------------------------------------------------------

#: The command that asks for one, and the fact that answers it.
PING = "ping"
PONG = "pong"

# --- Facts: sent with a frame, not shown --------------------------------------------------------------------------

#: With a turn's id: it was started; it was refused; the memory was loaded, so the message is taken; it has ended.
ACCEPTED = "accepted"
REFUSED = "refused"
TAKEN = "taken"
ENDED = "ended"
#: With a turn's id: it is being answered, and by which worker and process (``web.1/4711``).
ANSWERING = "answering"
ANSWERER = "answerer"
#: The worker and process that holds the socket.
HOLDER = "holder"
#: The list of sessions was updated; the memory was updated.
LISTED = "listed"
SHOWN = "shown"
