"""Prompts: one Markdown file each, read by `bot.model.prompts`."""
