"""Model Context Protocol server for AI assistants (https://modelcontextprotocol.io)."""
