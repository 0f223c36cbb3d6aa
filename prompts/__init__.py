"""Prompts: one Markdown file each, read by `bot.answering.llm.prompt_files`."""
