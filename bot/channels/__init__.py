"""Where answers go: pages, APIs, assistants, other sites."""
