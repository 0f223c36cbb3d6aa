"""The documents for AI assistants: a server of the Model Context Protocol (https://modelcontextprotocol.io)."""
