"""Prompts: one Markdown file each, read by `bot.llm.prompts`."""
