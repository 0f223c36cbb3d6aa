"""Resolves references to list items and offered choices by position or wording."""

import re
from collections.abc import Sequence

from ingest.japanese import parse_number
from ingest.japanese.markers import BULLETS, CIRCLED
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import words

_AFTER_REFERENCE = r"(?:の?(?:方|ほう|もの|やつ|項目))?(?=[はをがのでもに、。?]|って|です|$)"
_NUMERAL = rf"\d{{1,2}}|[{KANJI_ONE_TO_TEN}]"
_REFERENCES = tuple(
    (re.compile(pattern + _AFTER_REFERENCE), position)
    for pattern, position in (
        (rf"第?\s?(?P<number>{_NUMERAL})\s?(?:つ|番|個|件|点|項)?\s?(?:目|め)", None),
        (rf"(?P<number>{_NUMERAL})番?", None),
        (r"(?:最初|(?:一番)?上|前者)", 0),
        (r"(?:最後|(?:一番)?下|後者)", -1),
    )
)
# An item of a list.
_ITEM = re.compile(
    rf"^\s*(?:(?P<mark>[{BULLETS}*\-])|[{CIRCLED}]|[(（]?\d{{1,2}}[.)）．])\s*(?P<item>\S.*)$", re.MULTILINE
)
_LABEL = re.compile(r"([^::。、]{1,24})[::]\s*\S")

# Requests for what a list has beyond what was shown: ほかには?, 残りも教えて, これで全部ですか.
_REST = re.compile(
    r"(?:(?:それ|これ|その|この)?(?:以外|ほか|他|外)(?:の(?P<kind>[^\s、。?はがを]{1,12}?))?|残り|のこり|続き|つづき|あと(?=[はに何]|$|[?。]))"
    r"(?:に|は|も|には|にも|では|の分|を)*(?:、)?(?:何|なに|どこ|誰|だれ|どんな[^\s、。?]{1,8}|どれ)?(?:が|か|は)?"
    r"(?:あり|い|おり|ある|いる|示し|見せ|教え|続け|知りた)?(?:て)?(?:ください|くださ|ほしい|欲しい|い)?"
    r"(?:ます|る|りますか)?(?:の|ん)?(?:です|でしょう)?か?[ね。?!]*"
    r"|(?:もう|まだ)(?:ほか|他)?(?:に|は|には)?(?:ない|あり(?:ます|ません)|ある)(?:の|ん)?(?:です)?か?[?。]*"
    r"|(?:これ|それ)(?:で|だけで?|が)(?:全部|すべて|全て|以上|おしまい)?(?:なの|です|でしょう)*か?[?。]*"
)


def asks_for_rest(text: str) -> bool:
    """Whether normalised `text` only asks for what was not shown yet, or whether that was all."""
    return bool(text) and _REST.fullmatch(text) is not None


def find_choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the choice that `text` names by its position or its words, None for none.

    By words it is the one that has most of them and at least half; None if two have equally many.
    """
    if reference := _resolve_position(text, choices):
        return reference[0]
    text_words = set(words(text))
    shared = [len(text_words & set(words(choice))) for choice in choices]
    best = max(shared, default=0)
    is_clear = best and best * 2 >= len(text_words) and shared.count(best) == 1
    return choices[shared.index(best)] if is_clear else None


def question_about_item(text: str, answer_texts: Sequence[str]) -> str | None:
    """Return the question about the list item in `answer_texts` that `text` names by its position; else None."""
    outer_items, all_items = _listed_items(answer_texts)
    reference = _resolve_position(text, outer_items) or _resolve_position(text, all_items)
    if not reference:
        return None
    item, remainder = reference
    if re.match(r"[のでにが]\S{2}", remainder):
        return f"{item}{remainder}"
    request = re.sub(r"^(?:は|を|って|について)?、?", "", remainder).strip("。?")
    return f"「{item}」について、{request or '教えてください'}"


def _resolve_position(text: str, items: Sequence[str]) -> tuple[str, str] | None:
    for pattern, position in _REFERENCES:
        if match := pattern.match(text):
            index = int(parse_number(match["number"])) - 1 if position is None else position
            return (items[index], text[match.end() :]) if items and index < len(items) else None
    return None


def _listed_items(answer_texts: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    for text in answer_texts:
        items = [(match["mark"] or "1", match["item"].strip()) for match in _ITEM.finditer(text)]
        marks = [mark for mark, _ in items]
        if outer_mark := next((mark for mark in marks if marks.count(mark) > 1), ""):
            names = [label[1].strip() if (label := _LABEL.match(item)) else item.rstrip("。") for _, item in items]
            return [name for name, mark in zip(names, marks, strict=True) if mark == outer_mark], names
    return (), ()
