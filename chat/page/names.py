"""The names that the page's templates, its script and the server share, each once.

``static/chat/page/names.js`` repeats those that the script needs. `tests/chat/page/test_names.py` compares the two, and
looks for each name in the templates.
"""

from __future__ import annotations

# --- Elements, by their ids -------------------------------------------------------------------------------------

#: All that belongs to one session; another session takes its place.
SESSION = "#session"
#: The list at the left, its row that reloads it once it was unfolded, and the panel that holds it on a phone.
SESSIONS = "#sessions"
UNFOLDED = "#unfolded"
SIDE = "#side"
#: Above the messages: the session's title, whether there is a connection, and what is away.
TITLE = "#title"
CONNECTION = "#connection"
OUTAGE = "#outage"
#: All messages, in the box that scrolls.
LOG = "#log"
#: What was folded: the section, the place of its button, its messages, and the line below them.
EARLIER = "#earlier"
EARLIER_MORE = "#earlier-more"
EARLIER_LIST = "#earlier-list"
FOLD_MARK = "#fold-mark"
#: The messages of the window; one of them, by its id.
WINDOW = "#window"
MESSAGE_OF = '[id="message-{}"]'
#: The turn under way, and those that came to nothing.
LIVE = "#live"
#: Around the message box: its form, the box, what was left out of the prompt, a notice, and a status to be read out.
COMPOSER = "#composer"
TEXT = "#text"
OMITTED = "#omitted"
NOTICE = "#notice"
STATUS = "#status"
#: The place of the stop button, and the button.
STOP = "#stop"
STOP_BUTTON = "#stop-button"
#: At the right: the running summary, the worker that answered last, and what its prompt held.
MEMORY = "#memory"
SERVED = "#served"
PROMPT = "#prompt"
#: Not visible: elements that ask for news of the session, and whether the visit is still valid.
LOOK = "#look"
VISIT = "#visit"
#: The question before something is deleted.
CONFIRM = "#confirm"
CONFIRM_QUESTION = "#confirm-question"

# --- Elements, by their classes ---------------------------------------------------------------------------------

#: A turn that is not in the window: growing, unsaved or failed.
TURN = ".turn"
UNSAVED = ".unsaved"
FAILED = ".failed"
#: Of a growing reply: its finished blocks, and the text behind them.
BLOCKS = ".blocks"
TAIL = ".tail"
#: Why saving again did not work.
SAVE_NOTICE = ".save-notice"
#: A message, its words, and lines to copy.
MESSAGE = ".message"
MESSAGE_TEXT = ".text"
LINES = ".lines"
#: The button that sends.
SEND = ".send"

# --- Attributes -------------------------------------------------------------------------------------------------

#: Of the page and its session: whose page it is, and the session's memory id.
OWNER = "data-owner"
MEMORY_ID = "data-session"
#: Of a turn: its id. Of the line below what was folded: the number of folded messages.
TURN_ID = "data-turn"
FOLDED = "data-folded"
#: Of a notice: what it waits for.
UNTIL = "data-until"
#: Of the message box: the most characters of a message.
LIMIT = "data-limit"
#: Of a button: that it retries a turn, or copies. Of what is copied: its source.
RETRY = "data-retry"
COPY = "data-copy"
SOURCE = "data-source"
#: Of what sends through the websocket: what to say without a connection, for now or after the visit.
OFFLINE = "data-offline"
LOST = "data-lost"

# --- Events on which an element asks the server -----------------------------------------------------------------

STALE = "stale"
LOOK_NOW = "look"
ASK_AGAIN = "again"

# --- Facts, which come with a frame and are not shown -----------------------------------------------------------

#: With a turn's id: it was begun; it was not; the memory was loaded, so its message is taken; it is over.
ACCEPTED = "accepted"
REFUSED = "refused"
TAKEN = "taken"
ENDED = "ended"
#: The list of sessions was updated; the memory was.
LISTED = "listed"
SHOWN = "shown"
