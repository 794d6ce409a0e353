"""What an error of an OpenAI-compatible server means. Pure.

Servers agree neither on the status of an error nor on its words, nor do most of them give it a code, so the words are
searched. ``tests/support/recorded`` has the errors of many servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial

#: Fields of an error that describe it. Others may quote the request, whose words must not be taken for the error's.
_TELLING = (
    "error", "code", "type", "status", "message", "msg", "detail", "details", "metadata", "raw", "param",
    "error_code", "error_type", "error_message",
)  # fmt: skip
#: How deep fields are searched, and the most characters of one.
_DEPTH, _LONGEST = 5, 2000

_pattern = partial(re.compile, flags=re.IGNORECASE)

_TOO_LONG = (
    # OpenAI, Azure, DeepSeek, vLLM, SGLang, OpenRouter, Fireworks, xAI, NIM
    r"maximum (?:context|prompt|input|allowed|allowed input|model) length\D{0,6}(?P<limit>\d[\d,]*)",
    r"maximum context length|context[ _]length[ _]exceeded|reduce the length of|exceeds? (?:the )?context length",
    r"exceed the configured limit of (?P<limit>\d+) tokens",
    r"request too large for .*\blimit (?P<limit>\d+), requested",  # larger than all tokens of a minute
    r"string_above_max_length|string too long|max_tokens must be at least 1, got -",
    r"\[input_too_large\](?:.* exceeds budget \((?P<limit>\d+))?",
    # OpenAI's newer models, GitHub Copilot, llama-cpp-python, MiniMax, LiteLLM, z.ai
    r"exceeds? (?:the )?context window(?: of (?P<limit>\d+))?|token count of \d+ exceeds the limit of (?P<limit2>\d+)",
    r"context window (?:exceeds limit|is full)|context_?window_?exceeded",
    # llama.cpp, LM Studio
    r"exceeds the available context size(?: \((?P<limit>\d+))?|n_ctx\W{1,4}(?P<limit2>\d+)",
    r"context size has been exceeded|exceed_context_size|input (?:\(\d+ tokens\) )?is too large to process",
    r"greater than the context length|context length of only (?P<limit>\d+)",
    # Anthropic, Bedrock, Ollama, Replicate, Cohere, Perplexity
    r"(?:prompt|input|messages) (?:is )?too long(?:.*> (?P<limit>\d+) maximum)?",
    r"(?:prompt|input|request)_too_(?:long|large)",
    r"exceed context limit: .*> (?P<limit>\d+)|too many (?:input )?tokens(?:.*cannot exceed (?P<limit2>\d+))?",
    # Gemini, Mistral, Together, Kimi, Qwen, GLM, TGI
    r"exceeds the maximum number of tokens allowed(?: \((?P<limit>\d+)\))?",
    r"too large for model with (?P<limit>\d+)|longer than the model's context length(?: \((?P<limit2>\d+))?",
    r"model token limit: (?P<limit>\d+)|input length should be \[\d+, (?P<limit2>\d+)\]",
    r"tokens in request more than max tokens allowed",
    r"must have less than (?P<limit>\d+) tokens|`max_new_tokens` must be <= (?P<limit2>\d+)",
)
_TOO_LONG_PATTERNS = [_pattern(each) for each in _TOO_LONG]
#: Several words in quotes, which may be the user's; but not those behind a colon, where gateways quote other errors.
_QUOTED = re.compile(r"""(?<=[ (])(?<!: )(['"])(?=\S+ ).{0,500}?\1(?!\w)""")
#: Tokens below which a number is hardly a model's limit.
_LEAST_LIMIT = 256

#: Statuses below 500 of an error whose words may be about the prompt's length. A 413 needs no words.
_LENGTH_STATUSES = {400, 422, 429}
_THROTTLED = _pattern(r"rate.?limit|too many requests|throttl|too many tokens, please wait")
#: Of a prompt larger than all the tokens of a minute.
_NEVER_FITS = _pattern(r"request too large")
_ROLES = _pattern(
    r"roles must alternate|should alternate with|only user\b.{0,40} roles are supported|unexpected message role"
    r"|should be .?user.? or .?assistant|role .?(?:system|developer).? is not supported"
    r"|must (?:start|begin) with (?:a|the) .{0,20}user|first message must .{0,20}user"
    r"|system (?:role|message|prompt|instruction)s?(?: is| are)? not (?:supported|allowed|enabled)"
    r"|(?:does not|doesn't|do not|don't) support (?:the )?['\"]?(?:system|developer)\b"
    r"|developer instruction is not enabled"
    r"|(?:unsupported|invalid|unknown|unexpected) role:? ['\"]?(?:system|developer)",
)
_QUOTA = _pattern(r"insufficient[_ ](?:quota|balance|credits?|funds)|billing_hard_limit|credit balance")
_PERHAPS_QUOTA = _pattern(r"exceeded your current quota")
_API_VERSION = _pattern(r"api[- _]?version")
#: On Azure the model of a deployment may do other work than to chat.
_NO_MODEL = _pattern(r"model_not_found|DeploymentNotFound|OperationNotSupported|does not work with the specified model")
#: Google also says "blocked" of keys and accounts, so the word must follow what was sent.
_BLOCKED = _pattern(
    r"(input|prompt|text|content|message|request)( (is|was|were|has been|have been))? (flagged|blocked)"
    r"|flagged_input|requires moderation|moderation[ _](blocked|error|failed)"
    r"|content[ _](management )?(policy|filter)|safety system|guardrails? (blocked|intervened)"
    r"|(blocked|flagged|rejected) by .{0,40}(moderation|firewall|\bWAF\b|security (policy|rule|service))"
    r"|you have been blocked|web application firewall"
    r"|\bcloudflare\b|error code: 1020|mod_?security|application-gateway|the requested url was rejected"
)
_FILTER = _pattern(r"content_?filter|content management policy|content_policy_violation|data_inspection_failed")


def words_of(body: object) -> str:
    """The words with which an error's ``body`` describes it: parsed JSON, or the text of anything else."""
    return "\n".join(_words(body, _DEPTH))


def _words(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value[:_LONGEST]
    elif depth and isinstance(value, Mapping):
        for name in _TELLING:
            yield from _words(value.get(name), depth - 1)
        if isinstance(size := value.get("n_ctx"), int):
            yield f"n_ctx: {size}"
    elif depth and isinstance(value, list):
        for each in value[:10]:
            yield from _words(each, depth - 1)


def is_too_long(words: str, status: int | None = None) -> bool:
    """Whether the prompt has more tokens than the model can read, by an error's ``words`` and ``status``."""
    if status == 413:
        return True
    if status is not None and status < 500 and status not in _LENGTH_STATUSES:
        return False
    if status == 429 or _THROTTLED.search(words):
        return _NEVER_FITS.search(words) is not None
    own = _QUOTED.sub("", words)
    return any(each.search(own) for each in _TOO_LONG_PATTERNS)


def limit_in(words: str) -> int | None:
    """The tokens that the model can read, if an error about a prompt that is too long names them."""
    for pattern in _TOO_LONG_PATTERNS:
        for found in pattern.finditer(words):
            for digits in filter(None, found.groupdict().values()):
                if (limit := int(digits.replace(",", ""))) >= _LEAST_LIMIT:
                    return limit
    return None


def is_about_roles(words: str) -> bool:
    """Whether the model's template has no role for system texts, or demands that roles take turns."""
    return _ROLES.search(words) is not None


def is_out_of_quota(words: str, *, may_wait: bool) -> bool:
    """Whether the account has nothing left to spend. ``may_wait``: the error names a time to try again."""
    return bool(_QUOTA.search(words) or (not may_wait and _PERHAPS_QUOTA.search(words)))


def is_about_api_version(words: str) -> bool:
    """Whether Azure does not know the version of its API that was asked for, or misses one."""
    return _API_VERSION.search(_QUOTED.sub("", words)) is not None


def is_about_model(words: str) -> bool:
    """Whether the server has no model of this name, or none that chats."""
    return _NO_MODEL.search(words) is not None


def is_blocked(words: str) -> bool:
    """Whether moderation, or a firewall in front of the model, refused the prompt; for a 403."""
    return bool(_BLOCKED.search(words))


def is_filtered(words: str) -> bool:
    """Whether a content filter refused the prompt."""
    return _FILTER.search(words) is not None
