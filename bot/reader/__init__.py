"""Reading: how likely each sentence, item, row and passage found answers, and whether any does.

Two nets: `model` weighs counted evidence of all passages, `token_net` reads the best of them word by word.
"""

from bot.reader.reader import Reader
from bot.reader.reading import Reading, ReadPassage, Span, Unit, speaks_as_well

__all__ = ["ReadPassage", "Reader", "Reading", "Span", "Unit", "speaks_as_well"]
