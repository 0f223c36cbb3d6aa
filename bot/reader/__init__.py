"""Reading: how likely each sentence, item, row and passage found answers, and whether any does.

Two nets: `model` weighs counted evidence of all passages, `token_net` reads the best of them word by word.

The room is a few lines longer than its budget of 1,000: which of two notices is newer, and still to come, takes 120.
"""

from bot.reader.newer import Latest, speaks_as_well
from bot.reader.reader import Reader

__all__ = ["Latest", "Reader", "speaks_as_well"]
