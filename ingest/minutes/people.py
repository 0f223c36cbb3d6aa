"""Reads who speaks from a speaker's label in minutes: 3番(氏名), 総務課長, A委員, 【事務局】."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ingest.japanese.lexicon import DEPARTMENT, MUNICIPALITY, any_of, load_lexicon
from ingest.japanese.normal_forms import nfkc, remove_spaces
from ingest.japanese.tokenise import morphemes

_LEXICON = load_lexicon("minutes")
MEMBER_TITLE = any_of(_LEXICON["member"])
CHAIR_TITLE = any_of(_LEXICON["chair"])
OFFICE_END = any_of((*_LEXICON["office"], *_LEXICON["advisor"]))
_MEMBER_KINDS = frozenset(_LEXICON["kinds"])
_ENDS_OF_MEMBER_KINDS = ("の", "会", "協議", "常任")
_QUESTION_LABEL = any_of(_LEXICON["question_label"])
_REPLY_LABEL = any_of(_LEXICON["reply_label"])
_WITH_BRACKET = re.compile(r"(?P<main>[^()]+)\((?P<inside>[^()]{1,20})\)")
# A family name with a character of the given name, which distinguishes it from another: 山本(太)委員.
_PARTLY_NAMED = re.compile(
    rf"(?P<family>[一-龥々ヶ]{{1,4}})\((?P<given>[一-龥ぁ-んァ-ヴー]{{1,3}})\)(?P<title>{MEMBER_TITLE}|{CHAIR_TITLE})"
)
# A remark on what someone does: 10番 東野さくら君登壇.
_REMARK = re.compile(r"登壇|降壇|退席|着席|退場|入場|休憩|挙手|起立|拍手|発言|入室|退室|呼ぶ|あり$|なし$")
# The side before a speaker: 答弁 総務課長.
_SIDE_BEFORE = re.compile(r"^(?:答弁|回答|質問|質疑|発言|答|問)\s+(?=\S)")
_SEAT = re.compile(r"(?:議席)?(?P<seat>\d{1,2})番(?P<title>議員|委員)?(?P<name>.*)")
_LETTERED = re.compile(rf"(?P<title>{MEMBER_TITLE})(?P<name>[A-Z]|[ア-ン]|\d{{1,2}}|[①-⑳])")
_TITLED = re.compile(rf"(?P<name>.*?)(?P<title>{CHAIR_TITLE}|{MEMBER_TITLE})")
_OFFICE = re.compile(rf"(?=[^\s、。「」]{{1,20}}$).*(?:{OFFICE_END})")
_HONOURED = re.compile(r"(?P<name>.{1,8}?)(?:君|くん|さん|様|氏)")
_NAME = re.compile(r"[一-龥々〆ヶぁ-ゖァ-ヴーA-Za-z]{1,9}")
# A bracket that names an office or a part, not a person: 事務局(こども課).
_NOT_A_NAME = re.compile(r".*[課係局部室長番号]|.*(?:担当|委員|議員|代理|欠席|出席|代表|職務)|第.*|[\d.]+")
_NO_DESCRIPTION = re.compile(rf"(?:{CHAIR_TITLE}|{MEMBER_TITLE})|.*(?:代理|欠席|出席|職務|番)|[\d.]+")
# A title directly after a family name: 三輪課長, as opposed to 総務課長.
_BARE_TITLE = re.compile(
    rf"(?:{DEPARTMENT}|次|所|館|園|校|院|支所|副)?長|主査|主幹|主任|主事|参事|補佐|{MUNICIPALITY}長|教授|先生"
)


# Characters of a label.
_MAX_LABEL_LENGTH = 28
# Characters of a name in a label.
_MAX_NAME_LENGTH = 7
# Characters of a kind of member with its title: 公募委員.
_MAX_KIND_LENGTH = 8


class SpeakerRole(StrEnum):
    """On which side of a meeting someone speaks."""

    MEMBER = "member"
    OFFICE = "office"
    CHAIR = "chair"


@dataclass(frozen=True, slots=True)
class Person:
    """A speaker as far as the minutes identify them.

    Attributes:
        label: the speaker as written, in normal form; "" for a speech without a label.
        name: the name without spaces, the full name if known, or a letter (A委員); "" for none.
        family: the family name if it is known, else "".
        seat: the number of the seat (3番).
        office: the office or title (総務課長, 委員).
    """

    label: str
    role: SpeakerRole
    name: str = ""
    family: str = ""
    seat: str = ""
    office: str = ""

    @property
    def is_named(self) -> bool:
        """Whether the minutes have more than the side of a speaker: a name, a seat or an office of one person."""
        return bool(self.name or self.seat) or (self.office.endswith("長") and bool(self.label))

    @property
    def identity(self) -> tuple[str, str, str]:
        """A key of the person: labels of one person have the same one."""
        return self.name, self.seat, "" if self.name else self.office or self.label

    @property
    def represents(self) -> str:
        """What distinguishes members of one name in the minutes: 保護者 of 山田(保護者); "" for most."""
        match = re.search(r"\(([^()]+)\)$", self.name)
        return match[1] if match else ""

    @property
    def has_full_name(self) -> bool:
        """Whether the name has a part after the family name."""
        return bool(self.family) and self.name != self.family

    @property
    def display(self) -> str:
        """The person as an answer names them: 佐藤花子議員(3番), 総務課長(佐藤花子), A委員."""
        if self.seat:
            return f"{self.name}議員({self.seat})" if self.name else f"{self.seat}の議員"
        if not self.name:
            return self.office or self.label
        if re.fullmatch(rf"{MEMBER_TITLE}|{CHAIR_TITLE}", self.office):
            return f"{self.name}{self.office}" if self.name not in self.office else self.office
        return f"{self.office}({self.name})" if self.office else self.label or self.name


@lru_cache(maxsize=8192)
def read_person(label: str) -> Person | None:
    """Return the person whom a label names, None if it is none; the label is one line without marks and colons."""
    text = _SIDE_BEFORE.sub("", nfkc(label).strip())
    compact = remove_spaces(text)
    if not compact or len(compact) > _MAX_LABEL_LENGTH or _REMARK.search(compact):
        return None
    if match := _PARTLY_NAMED.fullmatch(compact):
        return Person(
            text, SpeakerRole.MEMBER, match["family"] + match["given"], match["family"], office=match["title"]
        )
    for labels, role in ((_QUESTION_LABEL, SpeakerRole.MEMBER), (_REPLY_LABEL, SpeakerRole.OFFICE)):
        if re.fullmatch(rf"(?:{labels})\d*", compact):
            return Person(text, role)
    if match := _WITH_BRACKET.fullmatch(compact):
        return _read_bracketed(text, match["main"], match["inside"])
    return _read_main(text, compact)


def family_name(name: str) -> str:
    """Return the family name at the beginning of a full name, the whole name if Sudachi finds no boundary."""
    parts = morphemes(name)
    if len(parts) > 1 and parts[0].pos[1:2] == ("固有名詞",):
        return parts[0].surface
    return name


def _read_bracketed(label: str, main: str, inside: str) -> Person | None:
    outer = _read_main(label, main)
    if outer and outer.name and outer.role is SpeakerRole.MEMBER and not _NO_DESCRIPTION.fullmatch(inside):
        # What members represent distinguishes those of one name: 山田委員(保護者).
        return Person(label, outer.role, f"{outer.name}({inside})", outer.name, outer.seat, outer.office)
    inner = _without_honorific(inside)
    if _NAME.fullmatch(inner) and not _NOT_A_NAME.fullmatch(inner):
        if outer is None:
            return None
        return Person(label, outer.role, inner, family_name(inner), outer.seat, outer.office)
    title = _read_main(label, inner)
    if title and not title.name and _NAME.fullmatch(main) and not _read_main(label, main):  # 小川(委員長)
        return Person(label, title.role, main, family_name(main), title.seat, title.office)
    return outer


def _read_main(label: str, text: str) -> Person | None:
    if match := _SEAT.fullmatch(text):
        name = _without_honorific(match["name"])
        return Person(
            label, SpeakerRole.MEMBER, name, family_name(name), f"{match['seat']}番", match["title"] or "議員"
        )
    if match := _LETTERED.fullmatch(text):
        return Person(label, SpeakerRole.MEMBER, match["name"], match["name"], office=match["title"])
    if match := _TITLED.fullmatch(text):
        return _read_titled(label, match["name"], match["title"])
    if _OFFICE.fullmatch(text) and (officer := _read_office(label, text)):
        return officer
    if (match := _HONOURED.fullmatch(text)) and _NAME.fullmatch(match["name"]):
        return Person(label, SpeakerRole.MEMBER, match["name"], family_name(match["name"]))
    return None


def _read_titled(label: str, name: str, title: str) -> Person | None:
    is_chair = re.fullmatch(CHAIR_TITLE, title) and not title.startswith("副")
    role = SpeakerRole.CHAIR if is_chair else SpeakerRole.MEMBER
    if name in _MEMBER_KINDS or name.endswith(_ENDS_OF_MEMBER_KINDS):
        is_kind = role is SpeakerRole.CHAIR or len(name + title) <= _MAX_KIND_LENGTH
        return Person(label, role, office=name + title) if is_kind else None
    if name and not (_NAME.fullmatch(name) and len(name) <= _MAX_NAME_LENGTH):
        return None
    return Person(label, role, name, family_name(name) if name else "", office=title)


def _read_office(label: str, text: str) -> Person | None:
    parts = morphemes(text)
    is_person = bool(parts) and parts[0].pos[1:3] == ("固有名詞", "人名")
    if is_person and len(parts) == 1:  # a family name such as 長
        return None
    end = 0
    for part in parts:
        if part.pos[1:3] != ("固有名詞", "人名") and not (not end and part.pos[1:2] == ("固有名詞",)):
            break
        end = part.end
    if end and text[end:] and (is_person or _BARE_TITLE.fullmatch(text[end:])):
        name = text[:end]
        return Person(label, SpeakerRole.OFFICE, name, family_name(name), office=text[end:])
    return Person(label, SpeakerRole.OFFICE, office=text)


def _without_honorific(text: str) -> str:
    return re.sub(r"(?:君|くん|さん|様|氏|議員|委員)$", "", text)
