"""The vocabulary of the chat: events, errors, messages and session ids."""
