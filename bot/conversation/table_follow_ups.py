"""Rewrites follow-ups about the table or list of the last answer: 2番目は, 4月と比べると, 合計は, じゃあ8月は."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from bot.question.listed_things import find_listed_things
from bot.question.operation import Operator, parse_operation
from bot.state import Exchange, TableRows
from ingest.chunking.table import Column, Row, Table
from ingest.japanese import nfkc, parse_number
from ingest.japanese.notation import KANJI_ONE_TO_TEN

FindTables = Callable[[Collection[str]], Sequence[Table]]
_CONNECTIVE = re.compile(r"^(?:じゃあ?|では|それでは|それなら|なら|逆に|反対に|今度は|ちなみに|あと(?=は)|で)、?")
_TAIL = (
    r"(?:の?(?:場合|とき|時|ほう|方|分|もの|やつ|ところ))?(?:は|だと|では|なら|って|も|で)?、?"
    r"(?:どう|いくら|いくつ|何[^\s、。?]{0,4}?|どれくらい|どのくらい|どこ|どれ)?"
    r"(?:です|でした|だった|でしょう|なの|になり|なり|に?なる)?(?:ます|ました)?(?:の|ん)?(?:です)?か?[ね。?!]*"
)
_ADJECTIVE = r"(?:多|大き|高|長|広|重|少な|小さ|低|短|狭|軽|安|新し|古|早|遅)(?:い|かった)"
_NUMERAL = rf"(?:\d{{1,3}}|[{KANJI_ONE_TO_TEN}])"
_SUPERLATIVE = (
    rf"(?:(?:最も|もっとも|一番(?!目)|いちばん|{_NUMERAL}番目に)\s?{_ADJECTIVE}|最(?:多|少|大|小|高|低|長|短))"
)
_ASKS_SUPERLATIVE = re.compile(rf"(?P<phrase>{_SUPERLATIVE})(?:の|[^\s、。?はが]{{1,6}})?{_TAIL}")
_ASKS_POSITION = re.compile(
    rf"(?P<n>{_NUMERAL})(?:番目|番手|位)(?:に)?(?P<adjective>{_ADJECTIVE})?(?:の|[^\s、。?はが]{{1,6}})?{_TAIL}"
)
_ASKS_NEXT = re.compile(rf"(?:その)?次(?:に(?:{_ADJECTIVE})?(?:の)?)?{_TAIL}")
_ASKS_LAST = re.compile(rf"(?:最下位|ワースト(?:1|一)?位?|ビリ){_TAIL}")
_ASKS_SUM = re.compile(
    rf"(?:全部|全体|合計|総計|総数|トータル|合わせ(?:る|た)?)(?:で|と|すると|したら|の[^\s、。?はが]{{1,8}})?{_TAIL}"
)
_ASKS_AVERAGE = re.compile(rf"(?:{_NUMERAL}(?:年度?|[かヶ]年|[かヶ]?月)間?の)?平均(?:値|すると|したら|だと)?{_TAIL}")
_ASKS_SHARE = re.compile(rf"(?:全体の|全体に占める)?(?:割合|何(?:%|パーセント|割)|構成比|比率)(?:を占め)?{_TAIL}")
_COMPARES = re.compile(
    r"(?P<other>[^、。?]+?)(?:(?:と|に|とも)(?:比べ|くらべ|比較)[^。?]*|(?:の(?:分|とき))?より(?:は|も)?(?:どれ|何|いくら|多|増|少|減|高|安|どの)[^。?]*"
    r"|と(?:の|は)?(?:差|違い|ちがい)[^。?]*)[。?!]*"
)
_PREVIOUS = re.compile(r"(?:その)?(?:前の?(?:月|年度?|回|日|週)|先月|昨年度?|去年)(?:度)?")
_YEARS_BEFORE = re.compile(rf"(?P<n>{_NUMERAL})年(?:度)?前|(?P<two>一昨年度?|おととし)")
_CHANGED = {
    "増": "増えました",
    "減": "減りました",
    "上が": "上がりました",
    "下が": "下がりました",
    "伸び": "伸びました",
}
_NEXT = re.compile(r"(?:その)?(?:次の|翌)(?:月|年度?|回|日|週)|来月")
_ASKS_MEMBERS = re.compile(
    r"(?:それ(?:は|ら)?|それぞれ(?:は)?)?、?(?:どこ|何|なに|どれ|誰|だれ|名前|名称|一覧)(?:が|を|は|か)?(?:あり|い)?(?:ます|る)?(?:です|でしょう)?(?:教えて|見せて)?(?:ください)?か?[?。]*"
)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What the last answer was about: its table, the rows of the result, the column, and the operation."""

    question: str
    table: Table
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    operator: str

    @property
    def row(self) -> Row | None:
        """The first row of the result, or the one that the question names."""
        return self.rows[0] if self.rows else None

    @property
    def measure(self) -> str:
        """The head of the column; where the answer used several, or a list has one without name, ""."""
        name = self.columns[0].head if len(self.columns) == 1 else ""
        return "" if name.startswith("値") else name

    @property
    def things(self) -> str:
        """What the rows are called."""
        return self.table.label or "もの"

    @property
    def is_ranking(self) -> bool:
        return self.operator in {Operator.MOST, Operator.LEAST}

    @property
    def names_several_rows(self) -> bool:
        """Whether the question named several rows, none of which is meant alone; a longer label contains a shorter."""
        labels = [nfkc(row.label) for row in self.rows]
        longest = [one for one in labels if not any(one != other and one in other for other in labels)]
        return not self.is_ranking and sum(_is_in(label, self.question) for label in longest) > 1

    def find_row(self, name: str) -> Row | None:
        """Return the row of this name."""
        return next((row for row in self.table.items if nfkc(row.label) == name), None)

    def find_column(self, name: str) -> Column | None:
        """Return the column of this name, or the only one that contains it."""
        exact = [column for column in self.table.columns if name in {nfkc(column.name), nfkc(column.head)}]
        containing = [column for column in self.table.columns if len(name) > 1 and name in nfkc(column.name)]
        return exact[0] if exact else containing[0] if len(containing) == 1 else None

    def neighbour(self, step: int) -> Row | None:
        """Return the row `step` rows after the row of the result."""
        items = self.table.items
        if self.row not in items:
            return None
        position = items.index(self.row) + step
        return items[position] if 0 <= position < len(items) else None

    def about(self, row: Row) -> str:
        """Return the question of the last answer for another row."""
        if self.row and nfkc(self.row.label) in self.question and not self.is_ranking:
            return self.question.replace(nfkc(self.row.label), nfkc(row.label))
        return f"{row.label}の{self.measure}は?" if self.measure else f"{row.label}は?"


class TableFollowUps:
    """Rewrites a follow-up about the table or list of the last answer; `find_tables` returns those of passage ids."""

    def __init__(self, find_tables: FindTables) -> None:
        self._find_tables = find_tables

    def __call__(self, text: str, before: Exchange) -> str | None:
        """Return the question that `text` means after `before`; None where it asks nothing of that table."""
        core = _CONNECTIVE.sub("", text).strip()
        if members := _ask_members(core, before):
            return members
        subject = self._find_subject(before)
        if subject is None or not core:
            return None
        rewriters = (_ask_ranking, _ask_aggregate, _ask_comparison, _ask_row_or_column)
        return next(filter(None, (rewrite(core, subject) for rewrite in rewriters)), None)

    def _find_subject(self, before: Exchange) -> _Subject | None:
        tables = self._find_tables(before.passages)
        part = next((part for part in reversed(before.parts) if isinstance(part, TableRows)), None)
        question = nfkc(before.understood)
        shown = {nfkc(cell) for row in part.rows for cell in row[:2]} if part else set[str]()
        best = max(tables, key=lambda one: sum(nfkc(row.label) in shown for row in one.rows), default=None)
        if best is None:
            return None
        labels = [nfkc(cell) for row in part.rows for cell in row[:2]] if part else []
        answered = [row for label in labels for row in best.items if nfkc(row.label) == label]
        named = sorted((row for row in best.items if _is_in(row.label, question)), key=lambda row: -len(row.label))
        operator = part.operator if part else ""
        is_ranking = operator in {Operator.MOST, Operator.LEAST}
        rows = tuple(answered or named) if is_ranking else tuple(named or answered)
        used = [column for column in best.columns if part and column.name in part.used]
        columns = used or [column for column in best.columns if _is_in(column.head, question)]
        if not columns and len(best.measured) == 1:
            columns = [*best.measured]
        return _Subject(question, best, rows, tuple(columns), operator)


def _is_in(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"(?<!\d){re.escape(nfkc(name))}", text) is not None


def _ask_members(text: str, before: Exchange) -> str | None:
    """Return the question which things they are, after one how many there are."""
    listed = find_listed_things(nfkc(before.understood))
    if listed is None or not listed.asks_count or not listed.kind or not _ASKS_MEMBERS.fullmatch(text):
        return None
    question = nfkc(before.understood)
    end = question.rfind(listed.kind) + len(listed.kind)
    return f"{question[:end]}は何がありますか?"


def _ask_ranking(text: str, subject: _Subject) -> str | None:
    """Return the question for another place in a ranking: 2番目は, 一番少ないのは."""
    operation = parse_operation(subject.question)
    adjective = operation.adjective if operation and subject.is_ranking else "多い"
    if match := _ASKS_SUPERLATIVE.fullmatch(text):
        return _rank(subject, match["phrase"])
    if (match := _ASKS_POSITION.fullmatch(text)) and (subject.is_ranking or match["adjective"]):
        return _rank(subject, f"{int(parse_number(match['n']))}番目に{match['adjective'] or adjective}")
    if subject.is_ranking and operation and _ASKS_NEXT.fullmatch(text):
        return _rank(subject, f"{operation.position + 1}番目に{adjective}")
    if subject.is_ranking and _ASKS_LAST.fullmatch(text):
        return _rank(subject, "一番少ない" if adjective == "多い" else "一番小さい")
    return None


def _rank(subject: _Subject, phrase: str, measure: str = "") -> str | None:
    """Return the last question with another superlative; without one there, the question for the measure."""
    if not measure and re.search(_SUPERLATIVE, subject.question):
        return re.sub(_SUPERLATIVE, phrase, subject.question, count=1)
    measure = measure or subject.measure
    return f"{measure}が{phrase}{subject.things}は?" if measure else None


def _ask_aggregate(text: str, subject: _Subject) -> str | None:
    """Return the question for the sum, average or share of what the last answer was about."""
    is_over_times = sum(bool(column.times) or column.is_month for column in subject.table.columns) > 1
    row = subject.row.label if subject.row else ""
    of_what = row if is_over_times and not subject.is_ranking and row else subject.measure
    if _ASKS_SHARE.fullmatch(text) and row:
        return f"{row}の{subject.measure}は全体の何%?" if subject.measure else f"{row}は全体の何%?"
    for pattern, name in ((_ASKS_SUM, "合計"), (_ASKS_AVERAGE, "平均")):
        if pattern.fullmatch(text):
            where = f"{subject.table.section}の" if subject.table.is_list and subject.table.section else ""
            return f"{where}{of_what}の{name}は?" if of_what else f"{_kind(subject)}の{name}は?"
    return None


def _kind(subject: _Subject) -> str:
    return subject.table.section


def _ask_comparison(text: str, subject: _Subject) -> str | None:
    """Return the question for the difference to another row or column, or to the time before."""
    match = _COMPARES.fullmatch(text)
    row = subject.row
    if match is None or row is None or subject.names_several_rows:
        return None
    other = match["other"].strip().removesuffix("分").removesuffix("の")
    of_measure = f"の{subject.measure}" if subject.measure else ""
    if _PREVIOUS.fullmatch(other):
        return (
            f"{row.label}{of_measure}は、前の月と比べて差はいくつ?"
            if "月" in other
            else f"{row.label}{of_measure}は、前の年度と比べて差はいくつ?"
        )
    if (years := _YEARS_BEFORE.fullmatch(other)) and (pair := _columns_apart(subject, years)):
        changes = re.search(r"増|減|上が|下が|伸び", text)
        verb = {
            "増": "増えました",
            "減": "減りました",
            "上が": "上がりました",
            "下が": "下がりました",
            "伸び": "伸びました",
        }
        end = f"何{pair[2]}{verb[changes[0]]}か" if changes else "差は何" + pair[2]
        return f"{row.label}の{pair[0].name}と{pair[1].name}を比べて{end}?"
    if (compared := subject.find_row(other)) and compared is not row:
        return f"{row.label}と{compared.label}{of_measure}の差は?"
    if column := subject.find_column(other):
        return f"{row.label}{of_measure}と{column.name}の差は?"
    return None


def _columns_apart(subject: _Subject, years: re.Match[str]) -> tuple[Column, Column, str] | None:
    """Return the column that many years before the one of the last answer, that one, and their unit."""
    n = int(parse_number(years["n"])) if years["n"] else 2
    dated = [column for column in subject.table.columns if column.times]
    later = next((column for column in dated if column in subject.columns), None)
    if later is None or subject.row is None:
        return None
    first = later.times[0].first
    same_kind = (c for c in dated if (c.times[0].first.year, c.times[0].first.month) == (first.year - n, first.month))
    value = subject.row.value(later)
    earlier = next(same_kind, None)
    return (earlier, later, value.unit) if earlier and value else None


def _ask_row_or_column(text: str, subject: _Subject) -> str | None:
    """Return the question for another row or column: 8月は, 前の月は, 来館者数は."""
    name = _strip_tail(text)
    step = partial(subject.neighbour)
    is_next = _NEXT.fullmatch(name) or (_ASKS_NEXT.fullmatch(text) and not subject.is_ranking)
    moved = step(-1) if _PREVIOUS.fullmatch(name) else step(1) if is_next else None
    if row := moved or subject.find_row(name):
        return subject.about(row)
    column = subject.find_column(name)
    if column is None:
        return None
    if subject.is_ranking and not (column.times or column.is_month):
        superlative = re.search(_SUPERLATIVE, subject.question)
        return _rank(subject, superlative[0] if superlative else "一番多い", column.head)
    return f"{subject.row.label}の{name}は?" if subject.row else None


def _strip_tail(text: str) -> str:
    """Return the shortest beginning of a text after which only a question's end follows."""
    match = re.fullmatch(rf"(?P<name>.+?){_TAIL}", text)
    return match["name"] if match else text
