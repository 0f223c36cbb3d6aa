"""Rows that a table grades (A, B, C; ◎, ○, △, ×), and what a question wants of them: the best, the worst, one grade."""

import re
from collections.abc import Sequence

from bot.find.evidence import content_terms_cached
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from ingest.documents import Cell, Passage
from ingest.normalise import nfkc

# Scales, each from its best grade to its worst.
_SCALES: tuple[tuple[str, ...], ...] = (
    ("S", "A", "B", "C", "D", "E"),
    ("◎", "○", "△", "▲", "×"),
    ("優", "良", "可", "不可"),
)
_GRADES = frozenset(grade.lower() for scale in _SCALES for grade in scale)
_ALIKE = {"〇": "○", "◯": "○", "✕": "×", "✖": "×", "X": "×"}
_HEAD = re.compile(r"評価|評定|判定|ランク|達成度|進捗|状況|区分|結果")
_NAMES_GRADES = re.compile(r"評価|評定|判定|ランク")
_FIRST = r"(?:最も|もっとも|一番|いちばん|1番)\s?[^\s、。?]{0,8}?"
_BEST = re.compile(rf"{_FIRST}(?:良|よ[かい]|高)\S{{0,3}}|最高|最良")
_WORST = re.compile(rf"{_FIRST}(?:悪|低|下の)\S{{0,2}}|最低|最悪")
_NAMED = re.compile(r"(?<![A-Za-z])([SA-E]|[◎○△▲×〇◯])(?![A-Za-z])")
_WHICH = re.compile(r"どれ|どの|どんな|もの|項目|指標|何が|何か|何です|一覧|すべて|全て|全部|教えて|いくつ|挙げ")
_MEANING = re.compile(r"意味|基準|とは|何を表|違い|どう(?:いう|決|や)")
# Words by which such a question speaks of any table of grades.
_OF_ANY = frozenset(
    {
        "評価",
        "評定",
        "判定",
        "ランク",
        "項目",
        "指標",
        "取り組み",
        "施策",
        "事業",
        "計画",
        "一番",
        "最も",
        "最高",
        "最低",
    }
    | {"悪い", "良い", "高い", "低い", "下", "成績", "付く", "受ける", "なる", "全部", "もの"}
)


def grade_cell(row: Passage) -> Cell | None:
    """Return the cell that grades the row: a letter or sign of a scale under a head that says so; None without one."""
    return next((c for c in row.cells[1:] if _HEAD.search(nfkc(c.column)) and scale_of(grade_of(c))), None)


def grade_of(cell: Cell) -> str:
    """Return what a cell says as a grade, its signs in one form."""
    text = nfkc(cell.value).strip()
    return _ALIKE.get(text, text)


def scale_of(grade: str) -> tuple[str, ...]:
    """Return the scale that has the grade, or an empty one."""
    return next((scale for scale in _SCALES if grade in scale), ())


def chosen_grade(text: str, given: Sequence[str]) -> str:
    """Return which of the grades `given` normalised `text` asks for the rows of, or "" where it asks for none."""
    if not _NAMES_GRADES.search(text) or not _WHICH.search(text) or _MEANING.search(text):
        return ""
    ordered = [grade for scale in _SCALES for grade in scale if grade in given and scale == scale_of(given[0])]
    if _WORST.search(text):
        return ordered[-1] if ordered else ""
    if _BEST.search(text):
        return ordered[0] if ordered else ""
    named = [_ALIKE.get(found, found) for found in _NAMED.findall(text)]
    return named[0] if len(set(named)) == 1 and named[0] in ordered else ""


def over_grades(sought: Sought, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Return the rows of tables of grades where the question asks for those of one grade and names nothing else."""
    rows = [w for w in weighed if w.evidence.kind == "row" and grade_cell(w.evidence.passage)]
    given = [grade_of(cell) for w in rows if (cell := grade_cell(w.evidence.passage))]
    if not given or not chosen_grade(sought.asked.text, given):
        return []
    return [w for w in rows if names_nothing_else(sought, w.evidence.passage)]


def names_nothing_else(sought: Sought, row: Passage) -> bool:
    """Whether the question has no word that names a thing besides tables of grades and what the row's headings name."""
    heads = " ".join((*row.path, *(cell.column for cell in row.cells)))
    return sought.strong <= content_terms_cached(heads) | _OF_ANY | _GRADES
