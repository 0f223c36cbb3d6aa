"""The departments of the office, their subjects, and the choice of the one to call."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from bot.errors import DepartmentError, OfficeError
from bot.office.hours_parser import parse_hours
from bot.office.office import PersonalHelp, personal_help
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

LONGEST_NAME = 100
LONGEST_TOWN = 40
LONGEST_SUBJECT = 40
MOST_SUBJECTS = 50
LONGEST_TELEPHONE = 60
LONGEST_LINK = 2000
# The shortest that can be dialled: 119, 188.
_FEWEST_DIGITS = 3
_NAMES = {
    "name": "名前",
    "town": "市町村",
    "subjects": "担当すること",
    "telephone": "電話",
    "hours": "受付時間",
    "link": "案内のページ",
}
_NONE = "（なし）"


@dataclass(frozen=True, slots=True)
class Department:
    """A department that people turn to; one without subjects takes whatever no other one does.

    `town` is the municipality it works for, empty where it answers for all of them. `hours` are written as in
    SHIRUBE_OPENING_HOURS; they, `telephone` and `link` may be empty. `id` is empty and `version` 0 until it is kept;
    `by` is who kept it.
    """

    name: str
    subjects: tuple[str, ...] = ()
    telephone: str = ""
    hours: str = ""
    link: str = ""
    town: str = ""
    id: str = ""
    version: int = 0
    by: str = ""

    def help_at(self, moment: datetime) -> PersonalHelp:
        """Return how it is reached at this moment, given with its time zone."""
        hours = parse_hours(self.hours) if self.hours else None
        contact = " ".join(filter(None, (self.name, self.telephone)))
        return replace(personal_help(contact, hours, moment), link=self.link)


class Departments(Protocol):
    """The table. Safe to share between threads and processes. Every method raises StorageError."""

    def all(self) -> Sequence[Department]:
        """Return every department, by name."""
        ...

    def save(self, department: Department, by: str) -> Department:
        """Keep it, new where its id is empty, and return it as it is kept.

        Raises DepartmentError where it cannot be shown so, ChangedMeanwhileError where somebody else has changed it.
        """
        ...

    def remove(self, department: Department, by: str) -> None:
        """Take it out. Raises ChangedMeanwhileError where somebody else has changed it."""
        ...


def validate_department(department: Department) -> Department:
    """Return it in normal form. Raises DepartmentError with all that stands against it, for the staff who wrote it."""
    told = replace(
        department,
        name=nfkc(department.name).strip(),
        subjects=tuple(dict.fromkeys(filter(None, (nfkc(one).strip() for one in department.subjects)))),
        telephone=nfkc(department.telephone).strip(),
        hours=nfkc(department.hours).strip(),
        link=department.link.strip(),
        town=nfkc(department.town).strip(),
    )
    if problems := list(_find_problems(told)):
        raise DepartmentError(" ".join(problems))
    return told


def choose_department(
    departments: Sequence[Department],
    question: str,
    headings: Iterable[str] = (),
    issuers: Collection[str] = (),
) -> Department | None:
    """Return whom to call about a question, or, where no subject is in it, about the places that lie near to it.

    `issuers` are the towns, or bodies of towns, that the question is about: a department of another town is never
    returned, and none of any town where they are empty. A subject is in a text that has all of its index terms; of
    several the longest counts, of equal ones that of the town. Where none is in any, the first department without
    subjects is returned, one of the town before one of all; None where there is none such.
    """
    serving = sorted((one for one in departments if _is_responsible_for(one, issuers)), key=lambda one: not one.town)
    for text in (question, *headings):
        found = set(words(text))
        matched = [(_longest_match(one, found), one) for one in serving]
        length, best = max(matched, key=lambda pair: pair[0], default=(0, None))
        if length:
            return best
    return next((one for one in serving if not one.subjects), None)


def describe_change(before: Department | None, after: Department | None) -> str:
    """Return what the audit log says of a department: added where `before` is None, removed where `after` is None.

    Each field that differs is told as it was and as it is.
    """
    done = "加えました" if before is None else "外しました" if after is None else "直しました"
    old, new = _to_texts(before), _to_texts(after)
    changed = (f"{_NAMES[key]}: {old[key] or _NONE} → {new[key] or _NONE}" for key in _NAMES if old[key] != new[key])
    return f"「{new['name'] or old['name']}」を{done}（{'、'.join(changed)}）"


def _to_texts(department: Department | None) -> dict[str, str]:
    values = asdict(department or Department(""))
    return {key: "・".join(values[key]) if key == "subjects" else values[key] for key in _NAMES}


def _is_responsible_for(department: Department, issuers: Iterable[str]) -> bool:
    """Whether a department may be named for what these issuers publish: 芦野町 for 芦野町教育委員会 too."""
    return not department.town or any(nfkc(issuer).startswith(department.town) for issuer in issuers)


def _longest_match(department: Department, found: set[str]) -> int:
    """Return how many characters the longest subject has that is among these terms; 0 where none is."""
    terms = ((subject, set(words(subject))) for subject in department.subjects)
    return max((len(subject) for subject, own in terms if own and own <= found), default=0)


def _find_problems(told: Department) -> Iterator[str]:
    """Yield what stands against it, each with what to write instead."""
    subjects, digits = told.subjects, sum(map(str.isdigit, told.telephone))
    unread = next((one for one in subjects if not words(one)), "")
    told_by_field = (
        (not told.name, "課や窓口の名前を書いてください。"),
        (len(told.name) > LONGEST_NAME, f"名前は{LONGEST_NAME}文字までです。"),
        (len(told.town) > LONGEST_TOWN, f"市町村の名前は{LONGEST_TOWN}文字までです。"),
        (
            len(subjects) > MOST_SUBJECTS or max(map(len, subjects), default=0) > LONGEST_SUBJECT,
            f"担当することの言葉は、1つ{LONGEST_SUBJECT}文字まで、{MOST_SUBJECTS}個までです。",
        ),
        (unread, f"「{unread}」は質問と比べられません。「ごみ」「保育園」のような言葉を書いてください。"),
        (not (told.telephone or told.link), "電話番号かリンクの、どちらかを書いてください。"),
        (
            told.telephone and digits < _FEWEST_DIGITS,
            f"「{told.telephone}」には電話番号がありません。076-000-0000 のように書いてください。",
        ),
        (len(told.telephone) > LONGEST_TELEPHONE, f"電話番号は{LONGEST_TELEPHONE}文字までです。"),
        (told.link and not _is_link(told.link), "リンクは https:// で始まるアドレスを書いてください。"),
    )
    yield from (text for is_wrong, text in told_by_field if is_wrong)
    try:
        _ = told.hours and parse_hours(told.hours)
    except OfficeError as error:
        yield f"受付時間の{error}"


def _is_link(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(link) <= LONGEST_LINK
