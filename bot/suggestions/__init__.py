"""Suggestions: questions that the index is known to answer, created and tested at build time."""

from bot.suggestions.suggest import Suggestions, SuggestionTopic

__all__ = ["SuggestionTopic", "Suggestions"]
