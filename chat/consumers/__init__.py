"""Websocket doors: one consumer a wire format."""
