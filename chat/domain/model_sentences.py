"""The sentences about the model, a part of `chat.domain.sentences`."""

from __future__ import annotations

MODEL_SENTENCES = {
    "model_unreachable": "The model cannot be reached. Try again in a moment.",
    "model_busy.rate": "The model has too much to do. Try again in {when}.",
    "model_busy.overloaded": "The model is overloaded ({status}). Try again in {when}.",
    "model_failed": "The model's server failed ({status}). Try again in a moment.",
    "model_refused.key": "The model refused the key. Check OPENAI_API_KEY.",
    "model_refused.azure_key": "Azure refused the key. Check AZURE_API_KEY and AZURE_API_BASE.",
    "model_refused.name": "The server does not know this model. Check CHAT_MODEL and OPENAI_BASE_URL.",
    "model_refused.deployment": (
        "Azure does not know this deployment. Check AZURE_DEPLOYMENT_ID, AZURE_API_BASE and AZURE_API_VERSION."
    ),
    "model_refused.quota": "The model's quota is used up ({status}). Add to it, or try again later.",
    "model_refused.filter": "The model's content filter refused this message. Word it differently.",
    "model_refused.api_version": "Azure refused the version of its API ({status}). Check AZURE_API_VERSION.",
    "model_refused.roles": "The model's template refused the prompt ({status}). Check it, or use another model.",
    "model_refused.moved": "The model's address redirects to {place}. Set OPENAI_BASE_URL to that address.",
    "model_refused.azure_moved": "Azure's address redirects to {place}. Set AZURE_API_BASE to that address.",
    "model_refused.request": "The model refused the request ({status}). Try a shorter message, or another one.",
    "prompt_too_long.message": "This message is too long for the model. Shorten it, or split it into several.",
    "prompt_too_long.session": (
        "The instructions, the summary and this message together are too long for the model. "
        "Shorten the message, or give the model a longer context."
    ),
    "model_not_understood": (
        "The model's answer cannot be understood. Check that OPENAI_BASE_URL points to an OpenAI-compatible model, "
        "then try again."
    ),
    "model_stalled.midway": "The model broke off in the middle of its answer. Try again.",
    "model_stalled.unbegun": "The model did not begin to answer. Try again.",
    "model_silent": "The model gave an empty answer. Try again.",
    "model_cut.length": "The model's answer is cut short: it reached the length limit.",
    "model_cut.content_filter": "The model's answer is cut short: its content filter stopped it.",
    "model_cut.length_thinking": (
        "The model reached its length limit while it was still thinking, so there is no answer. "
        "Try again, or ask for less."
    ),
    "model_cut.bound_thinking": (
        "The model was still thinking when it reached this site's length limit, so there is no answer. "
        "Ask for less, or raise CHAT_MAX_REPLY_CHARS."
    ),
    "model_cut.content_filter_thinking": (
        "The model's content filter stopped it while it was still thinking, so there is no answer. "
        "Word your message differently."
    ),
}
