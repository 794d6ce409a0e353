"""LangChain's chat history, kept by a Motörhead memory server."""

from langchain_motorhead.history import MotorheadChatMessageHistory, MotorheadError

__all__ = ["MotorheadChatMessageHistory", "MotorheadError"]
