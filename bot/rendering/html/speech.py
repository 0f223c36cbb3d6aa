"""The reader's preferences: language, furigana and font size, from address, cookies or browser.

An address says it (`?lang=vi&furigana=1&size=2`), else the cookies of an earlier choice, else the browser's languages.
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection

from bot.languages import LANGUAGES, Catalogue, Language, catalogue

COOKIE, FURIGANA_COOKIE, SIZE_COOKIE = "shirube-language", "shirube-furigana", "shirube-size"
# … and how an address calls what is chosen.
CHOSEN = ("lang", "furigana", "size")
SIZES = ("1", "2", "3")
_A_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Speech:
    """A language, whether `furigana` stand over kanji, and the step of the letters' `size`, one of `SIZES`."""

    language: Language = "ja"
    furigana: bool = False
    size: str = SIZES[0]

    @property
    def words(self) -> Catalogue:
        """The texts of the language."""
        return catalogue(self.language)

    @property
    def is_japanese(self) -> bool:
        """Whether the documents' language is the reader's."""
        return self.language in {"ja", "easy"}

    @classmethod
    def chosen(cls, language: Any, furigana: Any = None, size: Any = None) -> "Speech":
        """Return what somebody chose, as text; whatever is no language is Japanese, whatever is no size the first.

        Who chose nothing of furigana gets them with easy Japanese, which is to be written with them (出入国在留管理庁,
        在留支援のためのやさしい日本語ガイドライン, 2020).
        """
        known = _supported_language(language) or "ja"
        over_kanji = furigana == "1" if furigana in {"0", "1"} else known == "easy"
        return cls(known, over_kanji, size if size in SIZES else SIZES[0])


def request_speech(request: HTTPConnection) -> Speech:
    """Return how the reader of a request is spoken to."""
    asked, kept = request.query_params, request.cookies
    language = (
        _supported_language(asked.get("lang")) or _supported_language(kept.get(COOKIE)) or _accepted_language(request)
    )
    furigana, size = asked.get("furigana", kept.get(FURIGANA_COOKIE)), asked.get("size", kept.get(SIZE_COOKIE))
    return Speech.chosen(language, furigana, size)


def cookies(request: HTTPConnection) -> list[str]:
    """Return the values of the headers `set-cookie` that keep what the address chooses; there may be none."""
    asked, path = request.query_params, request.scope.get("root_path", "").rstrip("/") + "/"
    kept = ((COOKIE, LANGUAGES), (FURIGANA_COOKIE, ("0", "1")), (SIZE_COOKIE, SIZES))
    chosen = [(name, asked.get(called), known) for called, (name, known) in zip(CHOSEN, kept, strict=True)]
    return [
        f"{name}={value}; Path={path}; Max-Age={_A_YEAR_S}; SameSite=Lax"
        for name, value, known in chosen
        if value in known
    ]


def _supported_language(language: Any) -> Language | None:
    return next((one for one in LANGUAGES if one == language), None)


def _accepted_language(request: HTTPConnection) -> Language | None:
    """Return the language that a browser prefers of those there are (RFC 9110, 12.5.4)."""
    weighed = []
    for range_ in request.headers.get("accept-language", "").split(","):
        tag, _, weight = range_.partition(";")
        quality = weight.strip().removeprefix("q=")
        weighed.append((float(quality) if quality.replace(".", "", 1).isdecimal() else 1.0, tag.strip().lower()))
    known = (
        _supported_language(tag.partition("-")[0])
        for quality, tag in sorted(weighed, key=lambda one: -one[0])
        if quality
    )
    return next(filter(None, known), None)
