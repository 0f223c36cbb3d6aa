"""The ways in at a terminal: ask, search, mcp, account, queue, doctor, serve."""
