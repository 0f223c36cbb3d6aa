"""One form for what is written in many: characters, Japanese numbers, 和暦 and 西暦.

Offsets count characters of the text that was passed in; pass text through `nfkc` first.
"""

from ingest.normalise.characters import nfkc, number
from ingest.normalise.dates import ERAS, DateMention, Granularity, dated, dates, era_year, fiscal_year, western_year
from ingest.normalise.quantities import Quantity, counter_at, quantities
from ingest.normalise.telephones import Telephone, telephones

__all__ = [
    "ERAS",
    "DateMention",
    "Granularity",
    "Quantity",
    "Telephone",
    "counter_at",
    "dated",
    "dates",
    "era_year",
    "fiscal_year",
    "nfkc",
    "number",
    "quantities",
    "telephones",
    "western_year",
]
