"""Suggesting: questions that an index is known to answer, made and tried when it is built, chosen by likeness."""

from bot.suggestions.suggest import Suggestions, Topic

__all__ = ["Suggestions", "Topic"]
