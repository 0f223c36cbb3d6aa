"""Creates candidate suggestions from section headings and table rows.

None is a heading with a polite ending, and none names a person.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.conversation import is_vague
from bot.languages import catalogue
from ingest.chunking.column_roles import Role, roles_of
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.tokenise import morphemes

# Longer ones do not fit on one or two lines of a phone.
_LONGEST = 44
# A shorter heading names too little to be asked for by itself, a longer one is a sentence.
_HEADING = range(4, 29)
# Marks and numbers before a heading: ■, ▶, (1), 1.2., 第3. The 3 of 3歳児 is none.
_NUMBERING = re.compile(r"^(?:[^\w「『（(《【〔]+|[(（]\d{1,2}[)）]\s*|第?\d+(?:[.．]\d+)*[.．、\s]\s*)+")
# What stands behind a name in a heading and is none of it: telephone numbers, (new).
_BEHIND = re.compile(r"\s*(?:【(?:電話|FAX|HP|メール|Eメール)】.*|[\[［][^\]］]{1,6}[\]］])$")
_FIGURE = re.compile(r"(?:約|計|延べ|[△▲+-])?\s?\d")
# What a section says behind labels, by the form in which that is asked for.
_LABELLED = {
    "when": re.compile(r"(?:日時|とき|開催日|期日|実施日)(?::|\s)"),
    "where": re.compile(r"(?:場所|会場|ところ)(?::|\s)"),
    "cost": re.compile(r"(?:費用|参加費|受講料|料金|入場料|観覧料)(?::|\s)"),
    "apply": re.compile(r"(?:申し?込み?|申込方法|応募方法)(?::|\s)"),
    "whom": re.compile(r"(?:対象|応募資格)(?::|\s)"),
}
# What it says without a label, where its heading is of that kind.
_OF_TIME = re.compile(r"(?:期間|期限|締切|締め切り)$")
_OF_MONEY = re.compile(r"(?:費|料|料金|税|手当|給付金?|補助(?:金|制度)?|助成金?|奨励金|支援金|貸付|券|減免)$")
_DAY = re.compile(r"\d\s?[年月日]")
_AMOUNT = re.compile(r"\d[\d,]*(?:万|億)?円")
_APPLYING = re.compile(r"申し?込[みむん]|申請(?:書|方法|先|して|が必要)|応募(?:用紙|方法|して)|届け出")
_ITEM = re.compile(r"^\s*(?:[-・●○◎◆◇]|[(（]\d{1,2}[)）]|[①-⑳])", re.MULTILINE)
_ITEMS = 3
_OF_MANY = re.compile(
    r"(?:指針|方針|方向性|施策|取組|取り組み|事業|制度|種類|項目|分野|視点|目標|サービス|書類|施設|窓口|支援|対策)$"
)
# A heading of a collection of questions that is one.
_QUESTION = re.compile(r".{4,}(?:か|\?)[。?]?$")
_IN_NAMES = {"名詞", "接頭辞", "接尾辞", "補助記号", "記号", "空白"}
_KANJI = re.compile("[一-龥々髙﨑]+")
# 森 颯太, and who is so old: (7歳).
_TWO_WORDS = re.compile(r"^[一-龥々髙﨑]{1,3}\s[一-龥々ぁ-ん]{1,4}(?![一-龥々ぁ-んァ-ヶ])|[(（]\d{1,3}歳[)）]")
_SHORTEST_LABEL = 2
_TITLES = frozenset({"さん", "君", "くん", "ちゃん", "氏", "様"})
_COMMON = frozenset({"普通名詞", "副詞"})
# What makes a place of a name.
_PLACES = frozenset("市町村区県郡駅")
# What citizens ask for first; what remains lists and explains.
_FIRST = ("apply", "cost", "amount", "when", "until", "where", "whom")


def question_candidates(document: Document, passages: Sequence[Passage]) -> Iterator[tuple[str, Passage]]:
    """Yield questions with the passage that each is about; minutes are not asked for by their speakers' names."""
    texts: dict[tuple[str, ...], list[str]] = {}
    for passage in passages:
        texts.setdefault(passage.path, []).append(nfkc(passage.text))
    asked: set[tuple[str, ...]] = set()
    ways = Counter[str]()
    for passage in passages:
        question = None
        if passage.kind == "row":
            question = _row_question(passage)
        elif passage.path not in asked and document.kind != "meeting":
            asked.add(passage.path)
            question = _of_section(document, passage, "\n".join(texts[passage.path]), ways)
        if question and len(question) <= _LONGEST and not names_person(question):
            yield question, passage


def names_person(text: str) -> bool:
    """Whether a text may have a person's name.

    It has one for SudachiDict, a word in kanji that this does not know (琉生), a name in two words, or a title behind
    what is no common noun.
    """
    ms = morphemes(nfkc(text), "C")
    pairs = [*zip(ms, [*ms[1:], None], strict=True)]
    no_places = [m for m, behind in pairs if not (behind and behind.surface in _PLACES)]
    return (
        any(m.pos[2] == "人名" for m in no_places)
        or any(_KANJI.fullmatch(m.surface) and (not m.reading or _KANJI.search(m.reading)) for m in no_places)
        or any(behind and behind.normal in _TITLES and m.pos[1] not in _COMMON for m, behind in pairs)
        or bool(_TWO_WORDS.search(nfkc(text)))
    )


def is_retired(question: str) -> bool:
    """Whether a question of an earlier index is offered no more: it names a person, or is a heading politely ended."""
    before, behind = str(catalogue()["offered"]["about"]).split("{name}")
    return (question.startswith(before) and question.endswith(behind)) or names_person(question)


def is_asked_first(question: str) -> bool:
    """Whether a question is for a procedure, money, a date, a place or who may: what citizens ask first."""
    return any(question.endswith(catalogue()["offered"][form].removeprefix("{name}")) for form in _FIRST)


def _of_section(document: Document, passage: Passage, text: str, ways: Counter[str]) -> str | None:
    heading = _BEHIND.sub("", _NUMBERING.sub("", nfkc(passage.section))).strip()
    if document.kind == "faq" and _QUESTION.fullmatch(heading):
        return heading
    if len(heading) not in _HEADING or heading in nfkc(document.title) or not _is_name(heading):
        return None
    if document.kind == "notice" and is_vague(heading):
        return None  # among the notices of a year nobody knows what 施設概要 is of
    forms = _forms(heading, text)
    if not forms and document.kind != "notice":
        forms = _lesser_forms(heading, text)
    if not forms:
        return None
    way = min(forms, key=lambda one: ways[one])  # in turns
    ways[way] += 1
    return _question_text(way, heading)


def _forms(heading: str, text: str) -> list[str]:
    """Return the forms in which citizens may ask for a section, by what it tells."""
    told = {
        "until": _OF_TIME.search(heading) and _DAY.search(text),
        "amount": _OF_MONEY.search(heading) and _AMOUNT.search(text),
        "apply": _APPLYING.search(text),
    }
    forms = [form for form, label in _LABELLED.items() if label.search(text)]
    return forms + [form for form, tells in told.items() if tells and form not in forms]


def _lesser_forms(heading: str, text: str) -> list[str]:
    """Return the form in which a list, a plan's work or an explanation is asked for."""
    listed, last = len(_ITEM.findall(text)) >= _ITEMS, morphemes(heading)[-1]
    if listed and _OF_MANY.search(heading):
        return ["parts"]
    if listed and (last.pos[2] == "サ変可能" or last.normal == "作り"):
        return ["does"]
    return ["meaning"] if re.search(rf"(?:^|[。\n]){re.escape(heading)}(?:とは|は)", text) else []


def _question_text(form: str, name: str) -> str:
    asked: str = catalogue()["offered"][form]
    return asked.format(name=name)


def _is_name(heading: str) -> bool:
    """Whether a heading is a compound noun, with の at most; any other is quoted."""
    return all(m.pos[0] in _IN_NAMES or m.surface == "の" for m in morphemes(heading))


def _row_question(passage: Passage) -> str | None:
    """Return a question for a figure of a row, by its label and column: a target or a result before others."""
    if not passage.cells:
        return None
    label = nfkc(passage.cells[0].value).strip()
    columns = [nfkc(c.column).strip() for c in passage.cells[1:] if c.column and _FIGURE.match(nfkc(c.value).strip())]
    if not columns or label.isdigit() or len(label) < _SHORTEST_LABEL:
        return None
    column = next((c for c in columns if {Role.TARGET, Role.RESULT} & {*roles_of(c)}), columns[0])
    return _question_text("what", f"{label}の{column}")
