"""Creates candidate suggestions from section headings and table rows.

Headings with a polite ending and names of persons are excluded.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.languages import catalogue
from bot.question.subject_words import is_vague
from ingest.chunking.column_roles import Role, roles_of
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.characters import KANJI
from ingest.japanese.markers import LEADING_MARK
from ingest.japanese.tokenise import Morpheme, morphemes

# Longest question in characters that fits on two lines of a phone.
_MAX_CHARS = 44
# Length in characters: a shorter heading is too vague for a question, a longer one is a sentence.
_HEADING_LENGTHS = range(4, 29)
# Marks and numbers before a heading: ■, ▶, (1), 1.2., 第3. Not the 3 of 3歳児.
_NUMBERING = re.compile(rf"^(?:\s+|{LEADING_MARK}|[(（]\d{{1,2}}[)）]\s*|第?\d+(?:[.．]\d+)*[.．、\s]\s*)+")
# Additions after the name in a heading: telephone numbers, (new).
_SUFFIX = re.compile(r"\s*(?:【(?:電話|FAX|HP|メール|Eメール)】.*|[\[［][^\]］]{1,6}[\]］])$")
_FIGURE_START = re.compile(r"(?:約|計|延べ|[△▲+-])?\s?\d")
# Labels in a section, by the form of question that the text after them answers.
_LABELLED = {
    "when": re.compile(r"(?:日時|とき|開催日|期日|実施日)(?::|\s)"),
    "where": re.compile(r"(?:場所|会場|ところ)(?::|\s)"),
    "cost": re.compile(r"(?:費用|参加費|受講料|料金|入場料|観覧料)(?::|\s)"),
    "apply": re.compile(r"(?:申し?込み?|申込方法|応募方法)(?::|\s)"),
    "whom": re.compile(r"(?:対象|応募資格)(?::|\s)"),
}
# Kinds of headings whose sections state a date or an amount without a label.
_TIME_HEADING = re.compile(r"(?:期間|期限|締切|締め切り)$")
_MONEY_HEADING = re.compile(r"(?:費|料|料金|税|手当|給付金?|補助(?:金|制度)?|助成金?|奨励金|支援金|貸付|券|減免)$")
_DAY = re.compile(r"\d\s?[年月日]")
_AMOUNT = re.compile(r"\d[\d,]*(?:万|億)?円")
_APPLYING = re.compile(r"申し?込[みむん]|申請(?:書|方法|先|して|が必要)|応募(?:用紙|方法|して)|届け出")
_ITEM = re.compile(r"^\s*(?:[-・●○◎◆◇]|[(（]\d{1,2}[)）]|[①-⑳])", re.MULTILINE)
# A list has at least this many items.
_MIN_ITEMS = 3
_PLURAL_HEADING = re.compile(
    r"(?:指針|方針|方向性|施策|取組|取り組み|事業|制度|種類|項目|分野|視点|目標|サービス|書類|施設|窓口|支援|対策)$"
)
# A heading of a FAQ that is itself a question.
_QUESTION = re.compile(r".{4,}(?:か|\?)[。?]?$")
_IN_NAMES = {"名詞", "接頭辞", "接尾辞", "補助記号", "記号", "空白"}
_KANJI = re.compile(f"[{KANJI}々﨑]+")
# A name in two words (森 颯太), or an age (7歳).
_TWO_WORDS = re.compile(r"^[一-龥々髙﨑]{1,3}\s[一-龥々ぁ-ん]{1,4}(?![一-龥々ぁ-んァ-ヶ])|[(（]\d{1,3}歳[)）]")
_MIN_LABEL_LENGTH = 2
_TITLES = frozenset({"さん", "君", "くん", "ちゃん", "氏", "様"})
_COMMON_NOUNS = frozenset({"普通名詞", "副詞"})
# Suffixes that turn a name into a place.
_PLACE_SUFFIXES = frozenset("市町村区県郡駅")
# Forms that citizens ask first; the other forms list or explain.
_FORMS_ASKED_FIRST = ("apply", "cost", "amount", "when", "until", "where", "whom")


def question_candidates(document: Document, passages: Sequence[Passage]) -> Iterator[tuple[str, Passage]]:
    """Yield questions, each with its passage; headings of minutes are skipped because they are speakers' names."""
    texts: dict[tuple[str, ...], list[str]] = {}
    for passage in passages:
        texts.setdefault(passage.path, []).append(nfkc(passage.text))
    asked_sections: set[tuple[str, ...]] = set()
    form_counts = Counter[str]()
    for passage in passages:
        question = None
        if passage.kind == "row":
            question = _row_question(passage)
        elif passage.path not in asked_sections and document.kind != "meeting":
            asked_sections.add(passage.path)
            question = _section_question(document, passage, "\n".join(texts[passage.path]), form_counts)
        if question and len(question) <= _MAX_CHARS and not names_person(question):
            yield question, passage


def names_person(text: str) -> bool:
    """Whether a text may contain a person's name.

    Signs are a name in SudachiDict, a kanji word unknown to it (琉生), a name in two words, or a title after a word
    that is not a common noun.
    """
    if _TWO_WORDS.search(nfkc(text)):
        return True
    tokens = morphemes(nfkc(text), "C")
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if following and following.normal in _TITLES and token.pos[1] not in _COMMON_NOUNS:
            return True
        is_place = following is not None and following.surface in _PLACE_SUFFIXES
        if not is_place and (token.pos[2] == "人名" or _is_unknown_kanji(token)):
            return True
    return False


def _is_unknown_kanji(token: Morpheme) -> bool:
    return bool(_KANJI.fullmatch(token.surface)) and (not token.reading or bool(_KANJI.search(token.reading)))


def is_asked_first(question: str) -> bool:
    """Whether a question is about a procedure, money, a date, a place or eligibility: what citizens ask first."""
    return any(question.endswith(catalogue()["offered"][form].removeprefix("{name}")) for form in _FORMS_ASKED_FIRST)


def _section_question(document: Document, passage: Passage, text: str, form_counts: Counter[str]) -> str | None:
    heading = _SUFFIX.sub("", _NUMBERING.sub("", nfkc(passage.section))).strip()
    if document.kind == "faq" and _QUESTION.fullmatch(heading):
        return heading
    if len(heading) not in _HEADING_LENGTHS or heading in nfkc(document.title):
        return None
    if not all(m.pos[0] in _IN_NAMES or m.surface == "の" for m in morphemes(heading)):
        return None
    if document.kind == "notice" and is_vague(heading):
        return None  # 施設概要 is ambiguous among the notices of a year
    forms = _forms(heading, text)
    if not forms and document.kind != "notice":
        forms = _fallback_forms(heading, text)
    if not forms:
        return None
    form = min(forms, key=lambda candidate: form_counts[candidate])  # alternate between forms
    form_counts[form] += 1
    return str(catalogue()["offered"][form]).format(name=heading)


def _forms(heading: str, text: str) -> list[str]:
    has_content = {
        "until": _TIME_HEADING.search(heading) and _DAY.search(text),
        "amount": _MONEY_HEADING.search(heading) and _AMOUNT.search(text),
        "apply": _APPLYING.search(text),
    }
    forms = [form for form, label in _LABELLED.items() if label.search(text)]
    return forms + [form for form, has in has_content.items() if has and form not in forms]


def _fallback_forms(heading: str, text: str) -> list[str]:
    has_list = len(_ITEM.findall(text)) >= _MIN_ITEMS
    last = morphemes(heading)[-1]
    if has_list and _PLURAL_HEADING.search(heading):
        return ["parts"]
    if has_list and (last.pos[2] == "サ変可能" or last.normal == "作り"):
        return ["does"]
    return ["meaning"] if re.search(rf"(?:^|[。\n]){re.escape(heading)}(?:とは|は)", text) else []


def _row_question(passage: Passage) -> str | None:
    if not passage.cells:
        return None
    label = nfkc(passage.cells[0].value).strip()
    columns = [
        nfkc(c.column).strip() for c in passage.cells[1:] if c.column and _FIGURE_START.match(nfkc(c.value).strip())
    ]
    if not columns or label.isdigit() or len(label) < _MIN_LABEL_LENGTH:
        return None
    column = next((c for c in columns if {Role.TARGET, Role.RESULT} & {*roles_of(c)}), columns[0])
    return str(catalogue()["offered"]["what"]).format(name=f"{label}の{column}")
