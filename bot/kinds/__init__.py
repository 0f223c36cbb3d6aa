"""The kinds of content, a folder each; the build and the pipeline know them by this list only.

A new kind is a folder with its `ContentKind` and a line here. Its `compile` imports only `ingest`.
"""

from bot.kinds.faq import FAQ
from bot.kinds.hours import OPENING_HOURS
from bot.kinds.kind import ContentKind
from bot.kinds.minutes import MINUTES
from bot.kinds.references import REFERENCES
from bot.kinds.tables import TABLES

KINDS: tuple[ContentKind, ...] = (FAQ, MINUTES, OPENING_HOURS, TABLES, REFERENCES)
"""In the order in which they are asked for evidence."""
