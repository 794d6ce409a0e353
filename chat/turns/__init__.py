"""One turn: load the memory, ask the model, append the exchange."""
