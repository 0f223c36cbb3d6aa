"""The language model: prompts, the connection to its server, and what of its reply may become an answer."""
