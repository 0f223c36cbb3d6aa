"""和暦 and 西暦."""

# First western year of each era (era name law; the year in which an era changes belongs to both).
ERAS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
ABBREVIATIONS = {
    "M": "明治",
    "T": "大正",
    "S": "昭和",
    "H": "平成",
    "R": "令和",
    "昭": "昭和",
    "平": "平成",
    "令": "令和",
}


def western_year(era: str, year: int) -> int:
    """Return the western year of `year` of `era` (令和, R, 令), counted from 1; raises KeyError for another name."""
    return ERAS[ABBREVIATIONS.get(era, era)] + year - 1


def era_year(year: int) -> str:
    """Return the 和暦 year that is current at the end of western `year`: 2023 -> 令和5, 2019 -> 令和元.

    A year before 明治 is returned in figures.
    """
    for era, first in reversed(ERAS.items()):
        if year >= first:
            return f"{era}{year - first + 1 if year > first else '元'}"
    return str(year)
