"""Rewrites the years of a question in the other calendar, 令和 or Western."""

import re
from collections.abc import Iterator
from datetime import date

from ingest.japanese import ERAS, DateMention, dates, era_year

_ERA = re.compile("|".join([*ERAS, "[HR](?=[0-9])"]))
_REIWA = date(2019, 5, 1)


def swap_era(text: str) -> Iterator[str]:
    """Yield normalised `text` with each date that has an era in 西暦, and each that has none in 和暦; else nothing."""
    pieces, end = [], 0
    for mention in dates(text):
        written = text[mention.start : mention.end]
        pieces += [text[end : mention.start], mention.key if _ERA.search(written) else _japanese_date(mention)]
        end = mention.end
    if pieces:
        yield "".join([*pieces, text[end:]])


def _japanese_date(mention: DateMention) -> str:
    year = mention.first.year
    # The only change of eras inside a year that is asked about: January to April 2019 are 平成31年.
    before = mention.granularity in {"month", "day"} and year == _REIWA.year and mention.first < _REIWA
    return mention.key.replace(f"{year}年", f"{'平成31' if before else era_year(year)}年")
