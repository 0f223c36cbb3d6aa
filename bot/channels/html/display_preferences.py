"""The reader's preferences: language, furigana and font size.

They are read from the address (`?lang=vi&furigana=1&size=2`), else from cookies of an earlier choice, else from the
browser's languages.
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection

from bot.answering.languages import LANGUAGES, Catalogue, Language, catalogue

COOKIE = "shirube-language"
FURIGANA_COOKIE = "shirube-furigana"
SIZE_COOKIE = "shirube-size"
# The query parameters of these choices.
CHOSEN = ("lang", "furigana", "size")
SIZES = ("1", "2", "3")
_A_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class DisplayPreferences:
    """A language, whether kanji have `furigana`, and the font `size`, one of `SIZES`."""

    language: Language = "ja"
    furigana: bool = False
    size: str = SIZES[0]

    @property
    def words(self) -> Catalogue:
        return catalogue(self.language)

    @property
    def is_japanese(self) -> bool:
        """Whether the reader chose Japanese, which is the language of the documents."""
        return self.language in {"ja", "easy"}

    @classmethod
    def chosen(cls, language: Any, furigana: Any = None, size: Any = None) -> "DisplayPreferences":
        """Return the preferences from text values; the defaults are Japanese and the first size.

        Easy Japanese has furigana by default, as its guidelines ask (出入国在留管理庁, 在留支援のためのやさしい日本語
        ガイドライン, 2020).
        """
        known = _supported_language(language) or "ja"
        over_kanji = furigana == "1" if furigana in {"0", "1"} else known == "easy"
        return cls(known, over_kanji, size if size in SIZES else SIZES[0])


def request_preferences(request: HTTPConnection) -> DisplayPreferences:
    """Return the preferences of the reader who sent a request."""
    params, stored = request.query_params, request.cookies
    chosen_language = _supported_language(params.get("lang")) or _supported_language(stored.get(COOKIE))
    language = chosen_language or _accepted_language(request)
    furigana = params.get("furigana", stored.get(FURIGANA_COOKIE))
    size = params.get("size", stored.get(SIZE_COOKIE))
    return DisplayPreferences.chosen(language, furigana, size)


def cookies(request: HTTPConnection) -> list[str]:
    """Return the values of `set-cookie` headers that store the choices in the address; none without a choice."""
    params, path = request.query_params, request.scope.get("root_path", "").rstrip("/") + "/"
    cookie_values = ((COOKIE, LANGUAGES), (FURIGANA_COOKIE, ("0", "1")), (SIZE_COOKIE, SIZES))
    return [
        f"{cookie}={value}; Path={path}; Max-Age={_A_YEAR_S}; SameSite=Lax"
        for parameter, (cookie, allowed) in zip(CHOSEN, cookie_values, strict=True)
        if (value := params.get(parameter)) in allowed
    ]


def _supported_language(language: Any) -> Language | None:
    return next((supported for supported in LANGUAGES if supported == language), None)


def _accepted_language(request: HTTPConnection) -> Language | None:
    ranges = request.headers.get("accept-language", "").split(",")
    tags = (range_.partition(";")[0].strip().lower() for range_ in ranges)  # browsers send the preferred one first
    return next(filter(None, (_supported_language(tag.partition("-")[0]) for tag in tags)), None)
