"""One form for what is written in many: characters, Japanese numbers, 和暦 and 西暦.

Offsets count characters of the text that was passed in; pass text through `nfkc` first.
"""

from ingest.normalise.characters import nfkc
from ingest.normalise.dates import dates
from ingest.normalise.eras import ERAS, era_year, western_year
from ingest.normalise.mention import DateMention, Granularity, fiscal_year
from ingest.normalise.numerals import number
from ingest.normalise.quantities import Quantity, counter_at, quantities
from ingest.normalise.telephones import Telephone, telephones
from ingest.normalise.told import dated

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
