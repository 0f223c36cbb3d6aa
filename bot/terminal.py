"""Answers, passages and reports for people at a terminal of 80 columns."""

from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.answer import Answer, Citation
from bot.doctor import Report
from bot.shapes import Found

# What is shown of a passage in a ranked list, in characters.
EXCERPT = 160


def show_answer(console: Console, answer: Answer) -> None:
    """Print the answer first, then where it stands, then what else there is to know."""
    console.print(Text(answer.answer))
    for notice in answer.notices:
        console.print(Text(f"※ {notice}", "yellow"))
    if answer.citations:
        console.print(Text("\n出典", "bold"))
        for citation in answer.citations:
            console.print(Text.assemble((f"[{citation.n}] ", "bold"), _place(citation), _validity(citation)))
            console.print(Padding(Text(f"「{citation.quote}」", "dim"), (0, 0, 0, 4)))
    if answer.suggestions:
        console.print(Text("\n次の質問の例", "bold"))
        for suggestion in answer.suggestions:
            console.print(Text(f"・{suggestion}"))


def _place(citation: Citation) -> str:
    page = f"（{citation.page}ページ）" if citation.page else ""
    return f"{citation.title}「{citation.section}」{page}" if citation.section else f"{citation.title}{page}"


def _validity(citation: Citation) -> tuple[str, str]:
    period = " {}〜{}".format(*citation.period) if citation.period else ""
    if citation.superseded_by:
        return f" 旧{period} → {citation.superseded_by} に置き換え", "red"
    if citation.in_force is None:
        return "", ""
    return (f" 現行{period}", "green") if citation.in_force else (f" 期間外{period}", "red")


def show_found(console: Console, found: Found) -> None:
    """Print ranked passages, each with its score and what it is made of."""
    if not found.passages:
        console.print("近い箇所は見つかりませんでした。")
    for rank, passage in enumerate(found.passages, 1):
        page = f"（{passage.page}ページ）" if passage.page else ""
        place = f"{passage.title}「{passage.section}」{page}"
        console.print(Text.assemble((f"{rank:2}. ", "bold"), place, (f" {passage.score:.3f}", "cyan")))
        text = passage.text if len(passage.text) <= EXCERPT else passage.text[:EXCERPT] + "…"
        console.print(Padding(Text(text), (0, 0, 0, 4)))
        made_of = " ".join(f"{name}={value:.3f}" for name, value in passage.scores.items())
        console.print(Padding(Text(f"{passage.passage_id}  {made_of}", "dim"), (0, 0, 0, 4)))


def show_report(console: Console, report: Report) -> None:
    """Print the settings, then each check and, where it fails, how to mend it."""
    table = Table("設定", "値", "説明", title="設定（太字は既定から変えたもの）", title_justify="left")
    for setting in report.settings:
        table.add_row(setting.name, Text(setting.shown, "bold" if setting.changed else ""), setting.description)
    console.print(table)
    for line in _checked(report):
        console.print(line)


def _checked(report: Report) -> Iterator[Text | Padding]:
    for check in report.checks:
        mark, style = ("○", "green") if check.well else ("×", "red")
        yield Text.assemble((f"{mark} {check.name}: ", style), check.found)
        if not check.well:
            yield Padding(Text(f"→ {check.mend}"), (0, 0, 0, 4))
    yield Text("\nすべて使えます。" if report.well else "\n×の項目を直してください。", "bold")
