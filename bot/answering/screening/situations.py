"""The table of situations with their telephone numbers: the shipped one, and what an office replaces in it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, HttpUrl, TypeAdapter, ValidationError

from bot.answering.languages import Language
from bot.answering.state import HelpLines, HelpNumber, Texts
from bot.errors import OfficeError
from ingest.configuration.settings import Settings
from ingest.japanese import nfkc

SHIPPED = Path(__file__).with_name("situations.toml")
OFFICE_FILE = "emergencies.toml"
"""The file in the data folder in which an office replaces situations."""
_CONTACT = "contact"
_PHONE = re.compile(r"0[0-9]{1,4}-?[0-9]{1,4}-?[0-9]{3,4}")
_WORDS = Annotated[
    dict[Language, str], BeforeValidator(lambda value: {"ja": value} if isinstance(value, str) else value)
]
# What may be wrong with an entry, by the validator's name for it.
_PROBLEMS = {
    "missing": "がありません",
    "extra_forbidden": "という項目はありません",
    "too_short": "が空です。電話番号を1つ以上書いてください",
    "string_pattern_mismatch": "が電話番号として読めません。119、#8008、0120-279-889 のように書いてください",
}


class _Number(BaseModel, extra="forbid"):
    number: Annotated[str, Field(pattern=f"^(#?[0-9][0-9-]*|{_CONTACT})$")]
    name: _WORDS
    hours: _WORDS
    free: bool | None = None


class _Situation(BaseModel, extra="forbid"):
    name: _WORDS
    numbers: Annotated[tuple[_Number, ...], Field(min_length=1)]
    source: HttpUrl
    checked: date
    note: _WORDS = {}


_TABLE = TypeAdapter(dict[str, _Situation])


@dataclass(frozen=True, slots=True)
class Situations:
    """The help of every situation, by its id; `replaced` are the ids that the office has replaced."""

    help_lines: Mapping[str, HelpLines]
    replaced: frozenset[str]


def read_situations(settings: Settings) -> Situations:
    """Return the shipped situations with those of the office's file in their place.

    Raises OfficeError if that file cannot be read, has an unknown situation or key, or a situation without a number.
    """
    shipped = tomllib.loads(SHIPPED.read_text("utf-8"))
    hours = shipped.pop("hours")
    file = settings.data / OFFICE_FILE
    try:
        own: dict[str, Any] = tomllib.loads(file.read_text("utf-8-sig")) if file.exists() else {}
        table = _TABLE.validate_python(shipped | own)
        problems = [f"「{name}」という場面はありません（{'・'.join(shipped)}）" for name in own.keys() - shipped.keys()]
    except ValidationError as error:
        found = [
            (" の ".join(map(str, one["loc"])), _PROBLEMS.get(one["type"], f"が読めません（{one['msg']}）"))
            for one in error.errors()
        ]
        problems = [place + problem for place, problem in found]
    except (OSError, ValueError) as error:
        problems = [str(error)]
    if not problems:
        phone = _PHONE.search(nfkc(settings.contact))
        lines = {name: _help_lines(name, entry, hours, phone[0] if phone else "") for name, entry in table.items()}
        problems = [f"「{name}」に使える電話番号がありません" for name, one in lines.items() if not one.numbers]
    if problems:
        raise OfficeError(f"「{file}」を使えません。{'。'.join(sorted(problems))}。直すか、ファイルを外してください。")
    return Situations(lines, frozenset(own))


def _help_lines(situation: str, entry: _Situation, hours: Mapping[str, Texts], phone: str) -> HelpLines:
    numbers = [
        HelpNumber(one.number, _texts(one.name), hours.get(one.hours.get("ja", ""), _texts(one.hours)), one.free)
        for one in entry.numbers
    ]
    called = (replace(one, number=phone) if one.number == _CONTACT else one for one in numbers)
    return HelpLines(situation, _texts(entry.name), tuple(one for one in called if one.number), _texts(entry.note))


def _texts(words: Mapping[Language, str]) -> Texts:
    return {language: text for language, text in words.items()}  # noqa: C416 - `dict` keeps the type of the keys
