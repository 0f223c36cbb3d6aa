"""Prompts: one Markdown file each, read by `bot.llm.prompt_files`."""
