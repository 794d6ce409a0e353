"""The pages that a browser asks for by HTTP. What happens in them afterwards comes through the websocket."""
