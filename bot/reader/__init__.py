"""Reading: how likely each sentence, item, row and passage found answers, and whether any does.

Two nets: `model` weighs counted evidence of all passages, `token_net` reads the best of them word by word.

The latter is given what the default encoder makes of each word among its neighbours (`context`), for which the room is
a few lines longer than its budget of 1,000.
"""

from bot.reader.reader import Reader

__all__ = ["Reader"]
