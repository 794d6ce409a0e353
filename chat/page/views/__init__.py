"""Pages requested over HTTP. Later changes to a page come through the websocket."""
