"""The codec of the AI SDK, subprotocol ``ai-sdk.v1``."""
