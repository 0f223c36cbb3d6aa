"""Written Japanese: normal forms, sentences, tokens, dates, quantities, contacts, markers, interrogatives.

The patterns and word lists of each notation are only here; word lists are TOML files in `lexicons/`.

Offsets refer to the text that was passed in; normalise it with `nfkc` first.
"""

from ingest.japanese.characters import parse_number
from ingest.japanese.contacts import Telephone, telephones
from ingest.japanese.dates import (
    DateMention,
    Granularity,
    dates,
    era_year,
    fiscal_year,
    resolve_relative_dates,
    western_year,
)
from ingest.japanese.normal_forms import comparison_key, nfkc, nfkc_with_spans, normalise_without_spaces
from ingest.japanese.quantities import Quantity, counter_at, quantities

__all__ = [
    "DateMention",
    "Granularity",
    "Quantity",
    "Telephone",
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
    "resolve_relative_dates",
    "telephones",
    "western_year",
]
