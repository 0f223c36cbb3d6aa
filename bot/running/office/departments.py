"""The departments of the office, their subjects, and the choice of the one to call."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bot.answering.rendering.escaping import is_web_address
from bot.errors import DeskError, OfficeError
from bot.running.office.hours import parse_hours
from bot.running.office.office import PersonalHelp, personal_help
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

LONGEST_NAME = 100
LONGEST_TOWN = 40
LONGEST_SUBJECT = 40
MOST_SUBJECTS = 50
LONGEST_TELEPHONE = 60
LONGEST_LINK = 2000
# The shortest numbers that can be dialled: 119, 188.
_FEWEST_DIGITS = 3
_NAMES = {
    "name": "名前",
    "town": "市町村",
    "subjects": "担当すること",
    "telephone": "電話",
    "hours": "受付時間",
    "link": "案内のページ",
}
_NO_VALUE = "（なし）"


@dataclass(frozen=True, slots=True)
class Department:
    """A department to contact; one without subjects is the fallback for every other subject.

    `town` is the municipality it works for, empty if it works for all of them. `hours` have the syntax of
    SHIRUBE_OPENING_HOURS; they, `telephone` and `link` may be empty. `id` is empty and `version` 0 until it is saved;
    `by` is who saved it.
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
        hours = parse_hours(self.hours) if self.hours else None
        contact = " ".join(filter(None, (self.name, self.telephone)))
        return replace(personal_help(contact, hours, moment), link=self.link)


def validate_department(department: Department) -> Department:
    """Return the department in normal form. Raises DeskError with every problem, in words for staff."""
    normalised = replace(
        department,
        name=nfkc(department.name).strip(),
        subjects=tuple(dict.fromkeys(filter(None, (nfkc(subject).strip() for subject in department.subjects)))),
        telephone=nfkc(department.telephone).strip(),
        hours=nfkc(department.hours).strip(),
        link=department.link.strip(),
        town=nfkc(department.town).strip(),
    )
    if problems := list(_find_problems(normalised)):
        raise DeskError(" ".join(problems))
    return normalised


def choose_department(
    departments: Sequence[Department],
    question: str,
    headings: Iterable[str] = (),
    issuers: Collection[str] = (),
) -> Department | None:
    """Return the department to call about a question, by the subjects in the question or else in `headings`.

    `issuers` are the towns, or bodies of towns, that the question is about; departments of other towns are never
    returned. A subject matches a text that has all of its index terms. The longest match wins; of equal matches, the
    town's. Without a match, returns the first department without subjects, preferring the town's, or None.
    """
    towns = [nfkc(issuer) for issuer in issuers]
    responsible = [one for one in departments if not one.town or any(name.startswith(one.town) for name in towns)]
    candidates = sorted(responsible, key=lambda department: not department.town)
    subjects = [
        (department, subject, set(words(subject))) for department in candidates for subject in department.subjects
    ]
    for text in (question, *headings):
        terms = set(words(text))
        matches = [(len(subject), one) for one, subject, needed in subjects if needed and needed <= terms]
        if matches:
            return max(matches, key=lambda match: match[0])[1]
    return next((department for department in candidates if not department.subjects), None)


def describe_change(old: Department | None, new: Department | None) -> str:
    """Return the audit log entry for a department: added if `old` is None, removed if `new` is None.

    Each changed field is given with its old and new value.
    """
    verb = "直しました"
    if old is None or new is None:
        verb = "加えました" if old is None else "外しました"
    old_texts = _to_texts(old)
    new_texts = _to_texts(new)
    changed = (
        f"{name}: {old_texts[key] or _NO_VALUE} → {new_texts[key] or _NO_VALUE}"
        for key, name in _NAMES.items()
        if old_texts[key] != new_texts[key]
    )
    return f"「{new_texts['name'] or old_texts['name']}」を{verb}（{'、'.join(changed)}）"


def _to_texts(department: Department | None) -> dict[str, str]:
    values = asdict(department or Department(""))
    return {key: "・".join(values[key]) if key == "subjects" else values[key] for key in _NAMES}


def _find_problems(department: Department) -> Iterator[str]:
    subjects = department.subjects
    digits = sum(map(str.isdigit, department.telephone))
    without_terms = next((subject for subject in subjects if not words(subject)), "")
    checks = (
        (not department.name, "課や窓口の名前を書いてください。"),
        (len(department.name) > LONGEST_NAME, f"名前は{LONGEST_NAME}文字までです。"),
        (len(department.town) > LONGEST_TOWN, f"市町村の名前は{LONGEST_TOWN}文字までです。"),
        (
            len(subjects) > MOST_SUBJECTS or max(map(len, subjects), default=0) > LONGEST_SUBJECT,
            f"担当することの言葉は、1つ{LONGEST_SUBJECT}文字まで、{MOST_SUBJECTS}個までです。",
        ),
        (without_terms, f"「{without_terms}」は質問と比べられません。「ごみ」「保育園」のような言葉を書いてください。"),
        (not (department.telephone or department.link), "電話番号かリンクの、どちらかを書いてください。"),
        (
            department.telephone and digits < _FEWEST_DIGITS,
            f"「{department.telephone}」には電話番号がありません。076-000-0000 のように書いてください。",
        ),
        (len(department.telephone) > LONGEST_TELEPHONE, f"電話番号は{LONGEST_TELEPHONE}文字までです。"),
        (
            department.link and not (is_web_address(department.link) and len(department.link) <= LONGEST_LINK),
            "リンクは https:// で始まるアドレスを書いてください。",
        ),
    )
    yield from (text for is_wrong, text in checks if is_wrong)
    try:
        _ = department.hours and parse_hours(department.hours)
    except OfficeError as error:
        yield f"受付時間の{error}"
