"""The API's door for OpenAI's client libraries: ``/v1/chat/completions`` and ``/v1/models``."""
