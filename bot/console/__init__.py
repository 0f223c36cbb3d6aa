"""The ways in at a terminal: ask, search, mcp, account, queue, model, doctor, serve; and fetching of a local model."""
