"""Formats answers, passages and reports for a terminal of 80 columns."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.answering.rendering.cited_sections import render_sources
from bot.answering.state import Answer
from bot.channels.api.schemas import SearchResults
from bot.running.commands.doctor import Report

# Shown of a passage in a ranked list.
_MAX_EXCERPT_CHARS = 160


def show_answer(console: Console, answer: Answer) -> None:
    """Print the answer with its notices and sources or related passages, and suggestions."""
    console.print(Text(f"{answer.answer}{render_sources(answer)}"))
    if answer.suggestions:
        console.print(Text("\n次の質問の例", "bold"))
        console.print(Text("\n".join(f"・{suggestion}" for suggestion in answer.suggestions)))


def show_search_results(console: Console, results: SearchResults) -> None:
    """Print ranked passages with their scores and the parts of the scores."""
    if not results.passages:
        console.print("近い箇所は見つかりませんでした。")
    for rank, passage in enumerate(results.passages, 1):
        page = f"（{passage.page}ページ）" if passage.page else ""
        heading = f"{passage.title}「{passage.section}」{page}"
        console.print(Text.assemble((f"{rank:2}. ", "bold"), heading, (f" {passage.score:.3f}", "cyan")))
        is_long = len(passage.text) > _MAX_EXCERPT_CHARS
        console.print(_indent_text(passage.text[:_MAX_EXCERPT_CHARS] + "…" if is_long else passage.text))
        scores = " ".join(f"{name}={value:.3f}" for name, value in passage.scores.items())
        console.print(_indent_text(f"{passage.passage_id}  {scores}", "dim"))


def show_report(console: Console, report: Report) -> None:
    """Print the settings, then each check with advice if it failed."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for setting in report.settings:
        value = (setting.shown or "（なし）", "bold" if setting.changed else "")
        source = "  指定" if setting.changed else "  既定"
        table.add_row(setting.name, Text.assemble(value, (source, "cyan"), "\n", (setting.description, "dim")))
    console.print(table)
    for check in report.checks:
        mark, style = ("○", "green") if check.well else ("×", "red")
        console.print(Text.assemble((f"{mark} {check.name}: ", style), check.found))
        if not check.well:
            console.print(_indent_text(f"→ {check.mend}"))
    console.print(Text("\nすべて使えます。" if report.well else "\n×の項目を直してください。", "bold"))


def _indent_text(text: str, style: str = "") -> Padding:
    return Padding(Text(text, style), (0, 0, 0, 4), expand=False)
