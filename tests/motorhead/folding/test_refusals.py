"""Telling a refusal in words from a summary."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from motorhead.folding.refusals import LONGEST_REFUSAL, is_refusal, is_unchanged

REFUSALS = [
    # unable or unwilling
    "I'm sorry, but I can't assist with that.",
    "I’m sorry, but I can’t help with that request.",
    "I am sorry, but I cannot summarize this conversation.",
    "I'm really sorry, but I can't continue with this conversation.",
    "Sorry, I can't do that.",
    "I'm sorry. I can't help with that.",
    "I don't feel comfortable summarizing this conversation.",
    "I'm sorry, but as an AI language model, I can't help with this.",
    "Unfortunately, due to the nature of the content, I cannot continue.",
    "Sorry, but I am unable to provide a summary of this content. It contains explicit material.",
    "I apologize, but I cannot provide a summary of this conversation as it contains harmful content.",
    "My apologies, but I'm not able to create a summary.",
    "Unfortunately, I am not able to summarise these lines.",
    "As an AI language model, I cannot engage with such content.",
    "I cannot summarise this conversation.",
    "I cannot fulfill this request.",
    "I can't create a summary of a conversation that involves minors. Is there anything else I can help you with?",
    "I can't help with that.",
    "I won't summarize this conversation. The content goes against the guidelines.",
    "I'm unable to assist with that",
    "I must decline to write this summary.",
    "**I cannot help with that.**",
    "New summary: I'm sorry, but I can't help with that.",
    "Es tut mir leid, aber ich kann dieses Gespräch nicht zusammenfassen.",
    "Je suis désolé, mais je ne peux pas résumer cette conversation.",
    "Lo siento, pero no puedo ayudar con eso.",
    "抱歉，我无法总结这段对话。",
    # nothing to summarise
    "The conversation does not contain meaningful information to summarize.",
    "The provided text does not contain any meaningful information.",
    "The new lines of conversation do not contain any meaningful information that can be summarised.",
    "The conversation does not contain enough information for a summary.",
    "The given conversation doesn't contain any relevant content. Please provide more context.",
    "It seems that the conversation does not contain any meaningful content. If you have more lines, I can help.",
    "The conversation provided is too short to summarize.",
    "It appears that the conversation has not started yet.",
    "There is no conversation to summarize.",
    "There is no conversation to summarise yet. Please provide the lines of conversation.",
    "There isn't enough information to summarize.",
    "There is nothing to summarise.",
    "I'm sorry, but there is no meaningful content to summarize.",
    "No conversation was provided.",
    "No meaningful information.",
    "Please provide the conversation that you would like me to summarize.",
    "Please provide more context.",
    "Could you please provide the text?",
    "It looks like you haven't provided any conversation. Please share it, and I'll write the summary.",
    "I don't see any new lines of conversation to summarize. Could you please share them?",
    "Sure! I can help summarize that. Please provide the conversation.",
    '\n  "There is no conversation to summarize."\n',
    "The conversation is empty, so there is nothing to summarise.",
    "The conversation is too short to create a meaningful summary; please provide more lines.",
    "There is no meaningful information in the new lines to summarize.",
    "I apologize, but there is not enough information provided to create a summary.",
    "The text is nonsensical and cannot be summarized.",
    "The conversation consists of random characters and does not contain meaningful information.",
    "It seems like the conversation is just a string of random characters.",
    "The message appears to be gibberish and does not contain any meaningful information.",
    "The provided conversation does not contain meaningful information, so no summary can be generated.",
    "The provided lines do not contain meaningful information; therefore, a summary cannot be provided.",
    "The conversation does not contain meaningful information, making it impossible to create a summary.",
    "The new conversation lines do not contain any meaningful information, so a summary is not possible.",
    "The human's messages do not contain meaningful information to summarize.",
    "The user's message does not contain any meaningful or relevant information to summarize.",
    "The content does not contain meaningful information that needs to be summarized.",
    "The message contains no meaningful information.",
    "The conversation lacks meaningful information.",
    "The new lines do not contain meaningful information, as they consist of random characters.",
    "The text provided appears to be a series of repeated 'x' characters, which does not contain meaningful content.",
    "The conversation contains only the letter x repeated and does not contain meaningful information.",
    "The conversation does not contain meaningful information; it consists of a repeated pattern of the letter 'x'.",
    "I apologize, but the text does not contain meaningful information. It appears to be random characters.",
]

UNCHANGED = [
    "No new information was provided.",
    "The summary remains the same.",
    "The summary remains unchanged.",
    "The current summary stays the same as before.",
    "**Summary:** The summary is unchanged.",
    "No new information.",
    "No changes.",
    "No new information was added. The current summary remains unchanged.",
    "The summary remains unchanged, as there is no new information.",
    "The current summary remains unchanged because the new lines do not contain any new information.",
    "The new lines of conversation do not contain any new information.",
    "There is no new information to add to the summary.",
    "There is nothing new to add.",
    "(No new information.)",
]

SUMMARIES = [
    "The summary remains unchanged: Bob likes tea and lives in Rome.",
    "The current summary remains unchanged, but Bob is 40 now.",
    "The summary remains unchanged because Bob decided against Rome.",
    "Summary: The text is too short to summarise but Bob is 40.",
    "The conversation is too short to summarise, and Bob only says that he likes tea.",
    "The text does not contain any new information about Bob's flat in Rome; he moves in May.",
    "The conversation does not contain enough information to summarise but Bob is 40.",
    "No new information was provided by Bob's doctor.",
    "There is nothing to summarise except that Bob is 40.",
    "No new information: Bob still likes tea.",
    "I would summarise it like this: Bob likes tea.",
    "The human's name is Bob. He lives in Ghent and likes jazz.",
    "Bob is sorry that he cannot come on Friday; the meeting was moved to Monday.",
    "The human said sorry to his sister and asked for advice; the AI suggested flowers.",
    "Sorry is the name of the human's favourite board game, which he plays on Sundays.",
    "The human cannot eat nuts and asked for a recipe without them.",
    "I can't eat gluten, and I live in Ghent.",
    "I can't swim. My sister Eva lives in Porto.",
    "I am unable to walk since the accident in May.",
    "I won't be in the office on Friday; Eva covers for me.",
    "The AI said that it cannot help with medical questions; the human will see Dr. Smith on 9 May.",
    "The human asked for a summary of a novel; the AI was unable to provide one, as it does not know the text.",
    "The human complained that the report does not contain meaningful information and wants a new one by Friday.",
    "The report does not contain meaningful information, says Bob, who leads the audit.",
    "The conversation does not contain any personal details. Bob lives in Ghent and works as a baker.",
    "No new information was added. Bob lives in Ghent and likes tea.",
    "There is no conversation between Bob and his brother any more; they fell out over the house in Porto.",
    "There is no parking at the new office, so Bob cycles.",
    "There is nothing that Bob likes more than jazz.",
    "There is no information in the contract to summarise the costs, says Bob.",
    "The message is nonsensical to Bob, who wants it translated by Friday.",
    "The text is gibberish, but Bob's name is in it.",
    "It cannot be summarised in a word how much Bob likes tea.",
    "It seems that Bob prefers tea. He has two dogs.",
    "The text of the contract is incomplete: clause 4 is missing, and Bob will ask for it on Monday.",
    "The human asked to please provide sources from now on. He studies law in Lyon.",
    "Unfortunately, Bob's flight was cancelled, and he could not attend the wedding of his sister.",
    'Unfortunately, the human wrote, "I cannot come to the wedding"; his sister was sad.',
    "Please and thank you matter to Bob, who teaches manners in Ghent.",
    "Sure Shot is Bob's horse; he rides it in Ghent on Sundays and needs help with the saddle.",
    "As an AI researcher, Bob works on summarisation. I cannot is a novel that he wrote.",
    "You have not finished the report, the human's boss wrote; Bob must send it by Friday.",
    "The conversation started with greetings. Bob then said that he moves to Rome in May.",
    "Messages from Eva do not include the address of the flat; Bob will call her.",
    "Bob können keine Nüsse serviert werden; es tut ihm leid, dass er nicht kommen kann.",
    "Ich kann gut kochen, sagt Bob, und er lebt in Gent.",
    "Bob hat gefragt, ob die KI das Buch zusammenfassen kann.",
    "No summary can be provided to Bob's boss before Friday.",
    "A summary cannot be given to Anna, who may not see Bob's notes.",
    "It is not possible to create a summary table in the tool, so Bob wrote a script.",
    "The human's messages do not contain his name, but he lives in Rome.",
    "The text contains no information about Eva; Bob looks for her in Porto.",
    "The letter x repeated twice is Bob's password.",
    "The message contains the letter from Bob's bank, which asks for 400 euros.",
    "It is a string of pearls that Bob has lost in Rome.",
]


@pytest.mark.parametrize("answer", UNCHANGED)
def test_that_nothing_changes_is_a_statement_about_the_summary(answer: str) -> None:
    """It is no summary, but says that the present one covers the new lines."""
    assert is_refusal(answer)
    assert is_unchanged(answer)


@pytest.mark.parametrize("answer", [*REFUSALS, *SUMMARIES])
def test_no_other_answer_says_that_nothing_changes(answer: str) -> None:
    """A refusal does not say whether the summary covers the new lines, and a summary says more."""
    assert not is_unchanged(answer)


@pytest.mark.parametrize("answer", REFUSALS)
def test_a_refusal_in_words_is_recognised(answer: str) -> None:
    """The model says that it cannot or will not, sees nothing to summarise, or asks for something."""
    assert is_refusal(answer)


@pytest.mark.parametrize("answer", SUMMARIES)
def test_a_summary_is_no_refusal(answer: str) -> None:
    """A summary may be about sorrow, inability, missing information and summaries."""
    assert not is_refusal(answer)


def test_only_the_first_sentence_of_a_short_answer_counts() -> None:
    """A refusal that a summary quotes is part of it, and a long answer says something."""
    assert not is_refusal("The AI was asked for a poem. I'm sorry, but I can't help with that, it said.")
    assert not is_refusal("I cannot summarise all of this conversation. " + "Bob likes tea. " * LONGEST_REFUSAL)


@settings(deadline=1_000, max_examples=50)
@given(
    st.sampled_from(["i can't ", "there is ", "the ", "new ", "the letter x ", "no summary ", "the human's ",
                     "sorry ", "no ", "it seems that ", "not ", " ", "*"]),
    st.integers(1, 1_000),
)  # fmt: skip
def test_no_answer_takes_long(part: str, times: int) -> None:
    """The time is bounded for repetitive answers, too."""
    is_refusal((part * times)[:LONGEST_REFUSAL])
