"""Long-term memory: embedding messages, and finding those nearest to a text."""
