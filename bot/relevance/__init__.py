"""Relevance models: the probability that a passage or unit answers the question.

`relevance_model` weighs counted evidence of all passages, `token_model` reads the best of them word by word, with the
default encoder's features of each word among its neighbours (`token_context`).
"""

from bot.relevance.reader import Reader

__all__ = ["Reader"]
