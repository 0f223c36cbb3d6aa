"""Times told from today: 昨年度, 今年, 来年度."""

import re
from datetime import date

from ingest.normalise import DateMention

_YEARS = {"一昨": -2, "おとと": -2, "昨": -1, "去": -1, "今": 0, "本": 0, "来": 1, "再来": 2}
_RELATIVE = re.compile(r"(?P<which>一昨|おとと|再来|昨|去|今|本|来)(?:年(?P<fiscal>度)?|い?し)(?![齢間々])")
_FIRST_MONTH = 4


def relative_dates(text: str, today: date) -> list[DateMention]:
    """Return the years that `text` names by their distance from `today`, with their place in it."""
    return [_mention(match, today) for match in _RELATIVE.finditer(text)]


def _mention(match: re.Match[str], today: date) -> DateMention:
    distance = _YEARS[match["which"]]
    if match["fiscal"]:
        year = today.year - (today.month < _FIRST_MONTH) + distance
        return DateMention(*match.span(), date(year, 4, 1), date(year + 1, 3, 31), "fiscal_year")
    year = today.year + distance
    return DateMention(*match.span(), date(year, 1, 1), date(year, 12, 31), "year")
