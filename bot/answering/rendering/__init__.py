"""Renders answers: text, Markdown, HTML, speech."""
