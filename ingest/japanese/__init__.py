"""Written Japanese: normal forms, sentences, tokens, times, quantities, contacts, markers, interrogatives.

The patterns and word lists of each notation are only here; word lists are TOML files in `lexicons/`.

Offsets refer to the text that was passed in; normalise it with `nfkc` first.
"""

from ingest.japanese.characters import parse_number
from ingest.japanese.contacts import telephones
from ingest.japanese.mentions.quantities import Quantity, counter_at, quantities
from ingest.japanese.mentions.times import Time, dates, era_year, fiscal_year
from ingest.japanese.normal_forms import comparison_key, nfkc, nfkc_with_spans, normalise_without_spaces

__all__ = [
    "Quantity",
    "Time",
    "comparison_key",
    "counter_at",
    "dates",
    "era_year",
    "fiscal_year",
    "nfkc",
    "nfkc_with_spans",
    "normalise_without_spaces",
    "parse_number",
    "quantities",
    "telephones",
]
