"""Streams as other servers write them, shortened."""

from __future__ import annotations

#: Chunks of the answer "Hello there", as other servers write them.
SERVERS = {
    "Azure, asynchronous filter": """
        {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}
        {"choices":[{"content_filter_results":{},"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0}]}
        {"choices":[{"delta":{"content":"Hello"},"finish_reason":null,"index":0,"logprobs":null}]}
        {"choices":[{"finish_reason":null,"index":0,"content_filter_results":{"hate":{"filtered":false}},
         "content_filter_offsets":{"check_offset":44,"start_offset":44,"end_offset":198}}],"usage":null}
        {"choices":[{"delta":{"content":" there"},"finish_reason":null,"index":0,"logprobs":null}]}
        {"choices":[{"delta":{},"finish_reason":"stop","index":0,"logprobs":null}]}
        {"choices":[{"finish_reason":null,"index":0,"content_filter_results":{"hate":{"filtered":false}}}],"object":""}
    """,
    "Azure, end without delta": """
        {"choices":[{"delta":{"content":"Hello there"},"index":0}]}
        {"choices":[{"finish_reason":"stop","index":0,"content_filter_results":{}}]}
    """,
    "Magistral": """
        {"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]}}]}
        {"choices":[{"index":0,"delta":{"content":[{"type":"text","text":"Hello"}]},"finish_reason":null}]}
        {"choices":[{"index":0,"delta":{"content":" there"},"finish_reason":"stop"}],"usage":{"total_tokens":3}}
    """,
    "Ollama": """
        {"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":""}]}
        {"choices":[{"index":0,"delta":{"role":"assistant","content":" there"},"finish_reason":""}]}
        {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}
    """,
    "SGLang": """
        {"choices":[{"index":0,"delta":{"role":null,"content":"Hello there","tool_calls":null},"finish_reason":""}],
         "usage":null}
        {"choices":[{"index":0,"delta":{"role":null,"content":null},"finish_reason":"stop","matched_stop":2}]}
    """,
    "LiteLLM proxy": """
        {"choices":[{"index":0,"delta":{"content":"Hello"}}],"stream_options":{"include_usage":true}}
        {"choices":[{"index":0,"delta":{"content":" there"}}],"stream_options":{"include_usage":true}}
        {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
    """,
    "Gemini": """
        {"choices":[{"delta":{"content":"Hello","extra_content":{"google":{"thought_signature":"x"}}},"index":0}]}
        {"choices":[{"delta":{"content":" there","role":"assistant"},"finish_reason":"stop","index":0}]}
    """,
    "OpenRouter": """
        {"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm","reasoning_details":
         [{"type":"reasoning.text","text":"Hm"}]},"finish_reason":null,"native_finish_reason":null}]}
        {"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello there","reasoning":null}}]}
        {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop","native_finish_reason":"STOP"}]}
        {"choices":[],"usage":{"prompt_tokens":null,"cost_details":{}}}
    """,
    "DeepSeek": """
        {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Hm"},"logprobs":null,"finish_reason":null}]}
        {"choices":[{"index":0,"delta":{"content":"Hello there","reasoning_content":null},"finish_reason":null}]}
        {"choices":[{"index":0,"delta":{"content":"","reasoning_content":null},"finish_reason":"stop"}]}
    """,
    "Groq": """
        {"choices":[{"index":0,"delta":{"role":"assistant","content":"Hello there"}}],"x_groq":{"id":"req"}}
        {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"total_time":0.1}}}
    """,
}


#: Those whose answer comes with the reasoning "Hm".
THINKING = [server for server, chunks in SERVERS.items() if "Hm" in chunks]


def events_of(server: str) -> list[bytes]:
    """The events of the server's stream, without the last one."""
    chunks = SERVERS[server].replace("\n         ", "").split("\n")
    return [f"data: {chunk.strip()}\n\n".encode() for chunk in chunks if chunk.strip()]
