"""One form for what is written in many: characters, Japanese numbers, 和暦 and 西暦.

Offsets count characters of the text that was passed in; pass text through `nfkc` first.
"""

from ingest.japanese.characters import nfkc, parse_number
from ingest.japanese.contacts import Telephone, telephones
from ingest.japanese.dates import (
    ERAS,
    DateMention,
    Granularity,
    dates,
    era_year,
    fiscal_year,
    resolve_relative_dates,
    western_year,
)
from ingest.japanese.quantities import Quantity, counter_at, quantities

__all__ = [
    "ERAS",
    "DateMention",
    "Granularity",
    "Quantity",
    "Telephone",
    "counter_at",
    "dates",
    "era_year",
    "fiscal_year",
    "nfkc",
    "parse_number",
    "quantities",
    "resolve_relative_dates",
    "telephones",
    "western_year",
]
