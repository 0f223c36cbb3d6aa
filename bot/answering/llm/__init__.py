"""Language model clients: prompts, endpoints, budgets, streaming and structured output."""
