"""Reads references to provisions (第3条第2項, 同号ア, 別表第1) and writes their numbers in the style of a document."""

import re
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from ingest.japanese import nfkc, parse_number
from ingest.japanese.notation import KANJI_DIGITS, KANJI_ONE_TO_TEN

LEVELS = ("章", "節", "条", "項", "号", "ア", "行")
"""Kinds of provisions below the whole text, outer before inner; 行 is a line or table row."""
ROOTS = ("附則", "別表", "様式")
"""Kinds of parts after the articles, which have provisions of their own."""
Part = Literal["", "題名", "見出し", "ただし書", "見出しを含む"]

COUNT = rf"[\d{KANJI_DIGITS}十百]{{1,6}}"
"""A number of a provision, as a pattern."""
BRANCH = rf"(?:の{COUNT}){{0,5}}"
"""Its branches (第2条の3の2), as a pattern."""
KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホ"
IROHA = "イロハニホヘトチリヌル"
_WIDE_DIGITS = "０１２３４５６７８９"
_NUMBER_OR_LETTER = re.compile(rf"{COUNT}{BRANCH}|[ア-ン]")
# Longer kanji numbers do not occur as labels.
_MAX_KANJI_NUMBER = 99
# 第3号から第200号まで is the longest range that is read.
_MAX_RANGE = 200


class Step(NamedTuple):
    """One step of an address: its kind, and its number as canonical text (3, 4の2, ア)."""

    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Address:
    """A provision of a document by its steps from the outermost, or a part or a table row of it, each "" for none."""

    steps: tuple[Step, ...] = ()
    part: Part = ""
    row: str = ""

    def starts_with(self, other: "Address") -> bool:
        """Whether this place is the other one or within it; a paragraph number 1 may be left out."""
        pairs = zip(self.steps, other.steps, strict=False)
        if any(step != other_step and step.kind == other_step.kind == "項" for step, other_step in pairs):
            return False
        steps, other_steps = ([step for step in side.steps if step != Step("項", "1")] for side in (self, other))
        return steps[: len(other_steps)] == other_steps

    @property
    def text(self) -> str:
        """The address as a text: 第3条第2項第1号ア."""
        steps = "".join(map(format_step, self.steps))
        row = f"「{self.row}」の項" if self.row else ""
        return f"{steps}{row}{'' if self.part == '見出しを含む' else self.part}"


def format_step(step: Step) -> str:
    """Return a step as references write it."""
    head, _, branch = step.number.partition("の")
    suffix = f"の{branch}" if branch else ""
    if step.kind in {"章", "節", "条", "項", "号"}:
        return f"第{head}{step.kind}{suffix}"
    if step.kind == "様式":
        return f"様式第{head}号{suffix}" if head else "様式"
    if step.kind == "別表":
        return f"別表第{head}{suffix}" if head else "別表"
    return step.number if step.kind == "ア" else step.kind


def read_number(text: str) -> str:
    """Return a number with its branches in canonical form (四の二 → 4の2), 0 for one that cannot be read."""
    try:
        return "の".join(str(parse_number(part)) for part in nfkc(text).split("の") if part)
    except ValueError:
        return "0"


def next_number(kind: str, number: str, by: int = 1) -> str:
    """Return the number `by` further in the same series; raises ValueError at the end of a series of letters."""
    if kind == "ア":
        series = KATAKANA if number in KATAKANA else IROHA
        position = series.index(number) + by
        if not 0 <= position < len(series):
            raise ValueError(number)
        return series[position]
    *branches, last = number.split("の")
    return "の".join([*branches, str(int(last) + by)])


def restyle_label(label: str, step: Step) -> str:
    """Return the printed label of a provision with another number, in the same width and numerals."""
    for first, last in (("⑴", "⒇"), ("①", "⑳")):
        if len(label) == 1 and first <= label <= last:
            is_in_series = step.number.isdigit() and 1 <= int(step.number) <= ord(last) - ord(first) + 1
            return chr(ord(first) + int(step.number) - 1) if is_in_series else f"({step.number})"
    is_kanji = not re.search(r"\d", nfkc(label)) and re.search(rf"[{KANJI_ONE_TO_TEN}百]", label)
    number = step.number
    if any(digit in label for digit in _WIDE_DIGITS):
        number = number.translate(str.maketrans("0123456789", _WIDE_DIGITS))
    head, *branches = map(_to_kanji, number.split("の")) if is_kanji else number.split("の")
    return "の".join((_NUMBER_OR_LETTER.sub(head, label, count=1), *branches))


def _to_kanji(number: str) -> str:
    if not number.isdigit() or int(number) > _MAX_KANJI_NUMBER:
        return number
    tens, ones = divmod(int(number), 10)
    multiple = KANJI_DIGITS[tens] if tens > 1 else ""
    return (f"{multiple}十" if tens else "") + (KANJI_DIGITS[ones] if ones else "")


_TABLE = rf"(?:別表|別記|別紙)(?:第?{COUNT}(?!条|項|号|の項){BRANCH})?"
_FORM = rf"(?:別記)?様式(?:第{COUNT}号?{BRANCH})?|第{COUNT}号{BRANCH}様式"
_TOKEN = re.compile(
    rf"(?P<root>附則|{_TABLE}|{_FORM}|本則)"
    rf"|(?P<same>同(?:条|項|号|表|様式|附則|章|ア|イ))"
    rf"|(?P<numbered>第(?P<number>{COUNT})(?P<kind>条|項|号|章|節){BRANCH})"
    r"|の?(?P<letter>(?<![ア-ンー])[ア-ン](?![ア-ンー]))"
)
_PART = re.compile(r"(?:の|中)?(?P<part>見出し|題名|ただし書)|\(見出しを含む。?\)")
_ROW = re.compile(r"(?:の)?(?:中)?(?P<row>[^、。]{1,40}?)の(?:項|款|部)(?![をの]?[次名])")
_SAME_ROW = re.compile(r"同(?P<what>項|表)(?!第)")
_CONJUNCTION = re.compile(r"(?:及び|並びに|、|・|から|と)")


def read_addresses(text: str, context: Address) -> tuple[tuple[Address, ...], int]:
    """Return the places that a normalised reference names from its start, and where it ends.

    `context` is the place named before, for 同条 and numbers without an article. 第3号から第5号まで becomes each of the
    three. No place and 0 if the text does not begin with one.
    """
    address, end = _read_address(text, 0, context)
    if address is None:
        return (), 0
    addresses = [address]
    while conjunction := _CONJUNCTION.match(text, end):
        address, address_end = _read_address(text, conjunction.end(), addresses[-1])
        if address is None:
            break
        end = address_end
        if conjunction[0] == "から":
            addresses += _expand_range(addresses[-1], address)
            end += len("まで") if text.startswith("まで", end) else 0
        else:
            addresses.append(address)
    return tuple(addresses), end


def _expand_range(first: Address, last: Address) -> list[Address]:
    if not first.steps or not last.steps or first.steps[:-1] != last.steps[:-1]:
        return [last]
    step, last_step = first.steps[-1], last.steps[-1]
    if step.kind != last_step.kind:
        return [last]
    addresses: list[Address] = []
    while step != last_step and len(addresses) < _MAX_RANGE:
        step = Step(step.kind, next_number(step.kind, step.number))
        addresses.append(replace(first, steps=(*first.steps[:-1], step)))
    return addresses if step == last_step else [last]


def _read_address(text: str, position: int, context: Address) -> tuple[Address | None, int]:
    if text.startswith("題名", position):
        return Address(part="題名"), position + len("題名")
    if context.row and (match := _SAME_ROW.match(text, position)):
        return Address(context.steps, row=context.row if match["what"] == "項" else ""), match.end()
    steps, end = _read_steps(text, position, context)
    if steps is None:
        return None, position
    is_table = text.startswith("の表", end) or (bool(steps) and steps[0].kind in {"別表", "様式"})
    end += len("の表") if text.startswith("の表", end) else 0
    row = ""
    if is_table and (match := _ROW.match(text, end)):
        row, end = match["row"].strip("「」"), match.end()
    part: Part = ""
    if match := _PART.match(text, end):
        part, end = match["part"] or "見出しを含む", match.end()  # type: ignore[assignment]
    return Address(steps, part, row), end


def _read_steps(text: str, position: int, context: Address) -> tuple[tuple[Step, ...] | None, int]:
    steps: tuple[Step, ...] | None = None
    while match := _TOKEN.match(text, position):
        is_first_only = match["root"] or match["same"]
        read = _read_token(match, context)
        if read is None or (steps is not None and (is_first_only or len(steps) > len(LEVELS))):
            break
        if steps is None and not (match["root"] or match["same"]):
            rank = LEVELS.index(read[0].kind) if read[0].kind not in {"条", "章", "節"} else 0
            outer = (step for step in context.steps if step.kind in ROOTS or LEVELS.index(step.kind) < rank)
            steps = (*outer, *read) if rank else read
        else:
            steps = (*(steps or ()), *read)
        position = match.end()
    return steps, position


def _read_token(match: re.Match[str], context: Address) -> tuple[Step, ...] | None:
    if text := match["root"]:
        numbers = re.findall(COUNT + BRANCH, text.replace("第", "").replace("号の", "の"))
        kind = "附則" if text == "附則" else "様式" if "様式" in text else "別表"
        return () if text == "本則" else (Step(kind, read_number(numbers[0]) if numbers else ""),)
    if match["same"]:
        kind = {"表": "別表", "イ": "ア"}.get(match["same"][1:], match["same"][1:])
        kinds = [step.kind for step in context.steps]
        return context.steps[: kinds.index(kind) + 1] if kind in kinds else None
    if match["numbered"]:
        number = re.sub(r"[第条項号章節]", "", match["numbered"])
        return (Step(match["kind"], read_number(number)),)
    return (Step("ア", match["letter"]),)
