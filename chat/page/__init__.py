"""The browser page: its views, its websocket and the HTML for both."""
