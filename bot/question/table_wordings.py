"""Words questions about a table so that `parse_operation` reads the meant operation from them.

A completed follow-up is shown, recorded and continued as text. So it is worded here and parsed as any other question;
`tests/bot/question/test_table_wordings.py` checks that each wording is read as its operation.
"""

from bot.question.operation import Operator

_AGGREGATES = {Operator.SUM: "合計", Operator.AVERAGE: "平均"}
# The verb of a change by the stem that a follow-up uses.
VERBS_OF_CHANGE = {
    "増": "増えました",
    "減": "減りました",
    "上が": "上がりました",
    "下が": "下がりました",
    "伸び": "伸びました",
}


def ask_cell(row: str, measure: str) -> str:
    """Ask for the value of a row, of its only measure if `measure` is ""."""
    return f"{_of_row(row, measure)}は?"


def ask_ranking(measure: str, superlative: str, things: str) -> str:
    """Ask which row has the greatest or least value: 貸出数が一番多い月は?."""
    return f"{measure}が{superlative}{things}は?"


def ask_aggregate(operator: Operator, measured: str, section: str = "") -> str:
    """Ask for the sum or average of a measure or row, within the section of a list if it is given."""
    of_section = f"{section}の" if section else ""
    return f"{of_section}{measured}の{_AGGREGATES[operator]}は?"


def ask_difference(row: str, other_row: str, measure: str) -> str:
    """Ask for the difference between two rows."""
    return f"{_of_row(f'{row}と{other_row}', measure)}の差は?"


def ask_difference_of_columns(row: str, measure: str, column: str) -> str:
    """Ask for the difference between two columns of a row."""
    return f"{_of_row(row, measure)}と{column}の差は?"


def ask_change(row: str, columns: tuple[str, str], unit: str, verb: str = "") -> str:
    """Ask by how much the value of a row changed from the first column to the second; `verb` says how (増えました)."""
    earlier, later = columns
    ending = f"何{unit}{verb}か" if verb else f"差は何{unit}"
    return f"{row}の{earlier}と{later}を比べて{ending}?"


def _of_row(row: str, measure: str) -> str:
    return f"{row}の{measure}" if measure else row
