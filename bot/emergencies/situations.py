"""The table of situations with their telephone numbers: the shipped one, and what an office replaces in it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as validated

from bot.errors import OfficeError
from bot.languages import LANGUAGES
from bot.rendering.escaping import is_web_address
from bot.state import HelpLines, HelpNumber
from ingest.configuration.settings import Settings
from ingest.japanese import nfkc

SHIPPED = Path(__file__).with_name("situations.toml")
OFFICE_FILE = "emergencies.toml"
"""The file in the data folder in which an office replaces situations."""
_CONTACT = "contact"
_NUMBER = re.compile(r"#?[0-9][0-9-]*")
_PHONE = re.compile(r"0[0-9]{1,4}-?[0-9]{1,4}-?[0-9]{3,4}")
_STRICT = ConfigDict(extra="forbid")
# The validator's messages that a person who edits the file may see.
_MESSAGES = {"missing": "がありません", "extra_forbidden": "という項目はありません", "too_short": "が空です"}


def _to_texts(value: Any) -> Any:
    return {"ja": value} if isinstance(value, str) else value


def _check_texts(texts: dict[str, str]) -> dict[str, str]:
    if not texts.get("ja", "").strip() or texts.keys() - set(LANGUAGES):
        raise ValueError(f"は、文か、言語（{'・'.join(LANGUAGES)}）ごとの文で書いてください。ja は要ります")
    return texts


def _check_number(number: str) -> str:
    if not _NUMBER.fullmatch(number) and number != _CONTACT:
        raise ValueError(f"「{number}」は電話番号として読めません。119、#8008、0120-279-889 のように書いてください")
    return number


def _check_source(source: str) -> str:
    if source and not is_web_address(source):
        raise ValueError("は https:// で始まる住所で書いてください")
    return source


_Texts = Annotated[dict[str, str], BeforeValidator(_to_texts), AfterValidator(_check_texts)]


@validated(frozen=True, config=_STRICT)
class _Number:
    number: Annotated[str, AfterValidator(_check_number)]
    name: _Texts
    hours: _Texts
    free: bool | None = None


@validated(frozen=True, config=_STRICT)
class _Situation:
    name: _Texts
    numbers: tuple[_Number, ...]
    source: Annotated[str, AfterValidator(_check_source)]
    checked: date
    note: _Texts | None = None


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
    own: dict[str, Any] = {}
    file = settings.data / OFFICE_FILE
    try:
        if file.exists():
            own = tomllib.loads(file.read_text("utf-8-sig"))
        table = _TABLE.validate_python(_with_named_hours(shipped | own, hours))
        phone = _PHONE.search(nfkc(settings.contact))
        lines = {name: _to_help_lines(name, entry, phone[0] if phone else "") for name, entry in table.items()}
    except ValidationError as error:
        problems = []
        for found in error.errors():
            place = " の ".join(f"{part + 1}番目" if isinstance(part, int) else part for part in found["loc"])
            problems.append(place + _MESSAGES.get(found["type"], found["msg"].removeprefix("Value error, ")))
        raise OfficeError(f"「{file}」を使えません。{'。'.join(problems)}。") from error
    except (OSError, ValueError) as error:
        raise OfficeError(f"「{file}」を使えません。{error} 直すか、ファイルを外してください。") from error
    problems = [
        f"「{name}」という場面はありません。{'・'.join(shipped)} のどれかです。" for name in own.keys() - shipped.keys()
    ]
    problems += [
        f"「{name}」に電話番号がありません。numbers に1つ以上書いてください。"
        for name in lines
        if not lines[name].numbers
    ]
    if problems:
        raise OfficeError(f"「{file}」を使えません。{' '.join(sorted(problems))}")
    return Situations(lines, frozenset(own))


def _with_named_hours(table: dict[str, Any], hours: Mapping[str, Any]) -> dict[str, Any]:
    for entry in table.values():
        for number in entry.get("numbers", ()) if isinstance(entry, dict) else ():
            if isinstance(number, dict) and isinstance(number.get("hours"), str):
                number["hours"] = hours.get(number["hours"], number["hours"])
    return table


def _to_help_lines(situation: str, entry: _Situation, phone: str) -> HelpLines:
    numbers = tuple(
        HelpNumber(phone if one.number == _CONTACT else one.number, one.name, one.hours, one.free)
        for one in entry.numbers
        if one.number != _CONTACT or phone
    )
    return HelpLines(situation, entry.name, numbers, entry.note or {})
