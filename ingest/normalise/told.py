"""Years that are told from the day of speaking, written as the years that they are: 昨年度, 来年4月, 3年前."""

import re
from collections.abc import Callable
from datetime import date

from ingest.normalise.mention import fiscal_year, mention

_OFFSETS = {"再来": 2, "来": 1, "今": 0, "本": 0, "昨": -1, "去": -1, "一昨": -2}
# A month behind such a year belongs to it: 今年の1月. In 日本年金 and 本年齢 no year is told.
_NAMED = r"(?<![一-龥])(?P<named>再来|来|今|本|一昨|昨|去)年(?:(?P<fiscal>度)|の?(?P<month>1[0-2]|[1-9])月|(?![金齢]))"
_COUNTED = r"(?<![\d.,])(?P<before>\d{1,2})年前"
_TOLD = re.compile(rf"{_NAMED}|{_COUNTED}")


def dated(text: str, day: date, known: Callable[[str], bool] = lambda _key: True) -> str:
    """Return normalised `text` as it would be put on another day: asked in 2026, 去年の3月 is 2025年3月.

    Only dates that are `known` by their key (`DateMention.key`) are written so.
    """

    def written(told: re.Match[str]) -> str:
        year = fiscal_year(day) if told["fiscal"] else day.year
        year += _OFFSETS[told["named"]] if told["named"] else -int(told["before"])
        found = mention(told.span(), year, int(told["month"]) if told["month"] else None, fiscal=bool(told["fiscal"]))
        return found.key if found and known(found.key) else told[0]

    return _TOLD.sub(written, text)
