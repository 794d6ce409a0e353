"""The codec for the AI SDK, subprotocol ``ai-sdk.v1``."""
