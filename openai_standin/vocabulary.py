"""The words that the stand-in knows, as plain lists: what carries no meaning, what means the same, how verbs bend."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words that carry no meaning of their own; a question is not answered by them.
STOP_WORDS = _words("""
    a about again all also am an and any anything are as at be been but by can could did do does exactly
    for from had has have he her him his how i if in into is it its just may me might mine must my myself
    no not now of on once one or our out please really remember say said shall she should so some still tell
    than that the their them there these they thing things think this those to told too up us very was we
    were what when where which who whom whose why will with would yes yet you your yours human ai asked
    know knows remind going got get s t m ve re ll d
""")

EXPANSIONS = {
    "im": "i am", "i'm": "i am", "ive": "i have", "i've": "i have", "i'll": "i will", "i'd": "i would",
    "whats": "what is", "what's": "what is", "wheres": "where is", "where's": "where is", "whos": "who is",
    "who's": "who is", "whens": "when is", "when's": "when is", "hows": "how is", "how's": "how is",
    "dont": "do not", "don't": "do not", "doesnt": "does not", "doesn't": "does not", "didnt": "did not",
    "didn't": "did not", "isnt": "is not", "isn't": "is not", "cant": "can not", "can't": "can not",
    "cannot": "can not", "wont": "will not", "won't": "will not", "havent": "have not", "haven't": "have not",
    "it's": "it is", "that's": "that is", "thats": "that is", "you're": "you are", "youre": "you are",
    "ur": "your", "u": "you",
}  # fmt: skip

#: Stems that mean the same to somebody who asks.
SAME = {
    "call": "name", "nam": "name", "age": "old", "favorit": "favourit", "fav": "favourit", "color": "colour",
    "mum": "mother", "mom": "mother", "dad": "father", "supper": "dinner", "resid": "live", "liv": "live",
    "lov": "like", "lik": "like", "enjoy": "like", "ador": "like", "dislik": "hate", "hat": "hate",
    "job": "work", "profession": "work", "occupation": "work", "holiday": "trip", "vacation": "trip",
    "journey": "trip", "travel": "trip", "kid": "child", "children": "child", "bike": "bicycle", "bik": "bicycle",
    "phon": "phone", "mobil": "phone", "telephon": "phone",
}  # fmt: skip

#: A statement about the one on the left answers a question about the one on the right.
BROADER = {
    "dog": "pet", "cat": "pet", "hamster": "pet", "rabbit": "pet", "parrot": "pet", "horse": "pet",
    "sister": "sibling", "brother": "sibling", "daughter": "child", "son": "child",
    "wife": "partner", "husband": "partner", "girlfriend": "partner", "boyfriend": "partner",
}  # fmt: skip

#: Words after ``which`` and ``what`` that the answer need not hold: ``what colour is my car``.
CATEGORIES = _words("""
    kind sort type city town country place colour color time day date year month breed model brand number name
    language size age hour week team
""")
#: The same after ``how``.
MEASURES = _words("old long large big tall many much far often high heavy")

#: Things of which a person has one: the newest statement about such a thing replaces the older.
SINGLE = _words("""
    birthday address phone email number pin code password pass date time flight room seat size height weight
    colour team deadline budget appointment city town country home school university company employer bank
    language plan goal hobby instrument nickname surname
""")
#: Things whose value is worth as much as a name, where it is told.
IDENTITY = _words("birthday address phone email number code pin password passport anniversary")
#: What is worth as much where it is said that somebody is so, or has it.
HEALTH = _words("allergic allergy allergies vegetarian vegan diabetic diabetes pregnant asthma")

#: What small talk and tests number: a figure behind such a word is nobody's.
COUNTED = _words("number no nr message line item part round turn test step try")
#: Words that give a date, in any spelling; names of months that mean something else count by their capital.
DATES = _words("""
    monday tuesday wednesday thursday friday saturday sunday january february april june july august september
    october november december
""")

#: Words of which small talk is made.
SMALL_TALK = _words("""
    good nice cool great fine lovely awesome perfect right sure interesting funny haha hahaha lol wow indeed ok okay
    sounds sound looks look makes make sense fun pleasure welcome brilliant amazing excellent super fantastic
    wonderful yes yeah yep no nope thanks thank hello hi hey bye goodbye true exactly absolutely definitely
    understood understand see agree guess think continue fair enough well very much lot back alright hmm
    oh ah please again later tomorrow
""")

#: Words that may stand between a subject and its verb.
ADVERBS = _words("""
    also always just never often only really recently still sometimes usually now currently actually mostly
    rarely already once probably definitely absolutely truly
""")
#: Verbs that are the same in the first and in the third person: auxiliaries and irregular past tenses.
UNBENT = _words("""
    was had did can could will would shall should may might must cannot went got came saw made took gave found
    thought told said felt left kept met ran sat stood understood lost paid sent spent bought brought built
    caught taught fought sought slept wrote drove rode rose spoke broke chose woke froze stole flew grew knew
    drew threw blew began drank sang swam sank rang ate fell forgot hid bit won held heard led meant became
    wore tore bore swore shot sold stuck hung dug put cut set hit let quit hurt cost read beat bet shut spread
    used lent bent fed bled bred fled sped lit slid
""")
#: Verbs that end in ``ed`` in the present tense.
PRESENT_IN_ED = _words("need feed bleed breed speed seed heed weed exceed succeed proceed embed wed shed")

#: What ``I am …`` may go on with that is no name.
NO_NAMES = _words("""
    a an the not so very really fine good ok okay well great bad tired hungry thirsty happy sad angry sick ill
    better late early back here there home ready done sure sorry afraid glad new old young alone lost bored busy
    free cold hot warm vegetarian vegan married single divorced retired pregnant allergic german french
    spanish italian portuguese british english american dutch polish swedish irish scottish indian chinese
    japanese australian canadian brazilian in on at from with just still also quite too about going out off all
    your my his her their our its it doing feeling looking trying working curious confused interested excited
    when if later tomorrow today tonight after before maybe asap soon important spelled
    deaf blind diabetic left right human gay straight trans catholic jewish muslim christian
""")
