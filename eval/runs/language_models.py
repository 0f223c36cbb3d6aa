"""Selects the language model of a run, and sets runs with different models side by side."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from eval.command import figure_table
from eval.dataset.case_labels import STATUS_LABELS
from eval.errors import UnknownModelError
from eval.metrics.run_metrics import BY_NAME, model_calls, model_times, pass_rate, rejected_sentence_count
from eval.scoring.run_record import Run
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings

NO_MODEL = "none"
"""The name that means: no language model."""


def with_language_model(wanted_model: str | None, settings: Settings) -> Settings:
    """Return `settings` with only the model `wanted_model`; unchanged if it is None.

    `wanted_model` is the name of a model in the settings, NAME=URL (used without a key, because the keys in the
    settings must not be sent elsewhere), or "none". Raises UnknownModelError.
    """
    if wanted_model is None:
        return settings
    name, is_at, url = wanted_model.partition("=")
    chosen = _model_settings(name, url if is_at else None, settings)
    return settings.model_copy(update={"llm": (), "llm_gguf": None} | chosen)


def _model_settings(name: str, url: str | None, settings: Settings) -> dict[str, Any]:
    if url:
        return {"llm": (LanguageModel(base_url=url, model=name),)}
    if configured := [model for model in settings.llm if model.model == name]:
        return {"llm": tuple(configured[:1])}
    if settings.llm_gguf and settings.llm_gguf.stem == name:
        return {"llm_gguf": settings.llm_gguf}
    if name == NO_MODEL and url is None:
        return {}
    raise UnknownModelError(
        f"言語モデル「{name}」は設定にありません。設定にある名前か、名前=URL（例: qwen=http://127.0.0.1:8080/v1）か、"
        f"{NO_MODEL}（言語モデルなし）を指定してください。"
    )


def summarise_models(runs: Mapping[str, Run]) -> list[dict[str, Any]]:
    """Return the figures of each run by the name of its model, as JSON; times are in milliseconds.

    Cases and those passed, facts shown (mean and error), answers by status, answers written by the model, its calls and
    failed ones, rejected sentences, tokens, cost (None without a price or a call), `model_times`.
    """
    return [{"model": name, **_summarise_run(run)} for name, run in runs.items()]


def _summarise_run(run: Run) -> dict[str, Any]:
    rate = pass_rate(run.rows)
    facts = BY_NAME["facts_shown"].mean_over(run.rows)
    calls = [call for row in run.rows for call in model_calls(row)]
    answers = [row.answer for row in run.rows if row.answer]
    writers = {call["model"] for call in calls}
    costs = [call["cost"] for call in calls]
    return {
        "n": rate.n,
        "passed": rate.passed,
        "rate": rate.rate,
        "rate_se": rate.se,
        "facts_shown": facts.value if facts.n else None,
        "facts_shown_se": facts.se,
        "statuses": dict(Counter(answer["status"] for answer in answers).most_common()),
        "written": sum(answer.get("generator") in writers for answer in answers),
        "calls": len(calls),
        "failed_calls": sum(call["outcome"] != "answered" for call in calls),
        "stopped": sum(rejected_sentence_count(row) or 0 for row in run.rows),
        "tokens": sum(call["tokens"]["prompt"] + call["tokens"]["completion"] for call in calls),
        "cost": sum(costs) if costs and None not in costs else None,
        **model_times(run.rows),
    }


Figures = Mapping[str, Any]


def _rate(figures: Figures, name: str) -> str:
    return "-" if figures[name] is None else f"{100 * figures[name]:.1f}±{100 * figures[f'{name}_se']:.1f}"


def _times(figures: Figures, name: str) -> str:
    return f"{figures[f'{name}_p50_ms']:.0f} / {figures[f'{name}_p95_ms']:.0f}" if f"{name}_p50_ms" in figures else "-"


LINES: dict[str, Callable[[Figures], str]] = {
    "合格": lambda figures: f"{figures['passed']}/{figures['n']}",
    "合格の率(% ± 標準誤差)": lambda figures: _rate(figures, "rate"),
    "事実がすべて見える(%)": lambda figures: _rate(figures, "facts_shown"),
    "回答のしかた": lambda figures: "\n".join(
        f"{STATUS_LABELS.get(name, name)} {n}" for name, n in figures["statuses"].items()
    ),
    "モデルが書いた回答": lambda figures: str(figures["written"]),
    "呼び出し(うち失敗)": lambda figures: f"{figures['calls']}({figures['failed_calls']})",
    "止めた文": lambda figures: str(figures["stopped"]),
    "トークン": lambda figures: f"{figures['tokens']:,}",
    "費用": lambda figures: "-" if figures["cost"] is None else f"{figures['cost']:.4f}",
    "モデルの時間 p50 / p95(ミリ秒)": lambda figures: _times(figures, "model"),
    "ほかの時間 p50 / p95(ミリ秒)": lambda figures: _times(figures, "own"),
}
"""The rows of the table: title and cell text of a model."""


def show_models(console: Console, models: Sequence[Figures]) -> None:
    """Print the figures of several models as a table."""
    table = figure_table([""], (escape(figures["model"]) for figures in models), title="言語モデルごとの結果")
    for title, of_model in LINES.items():
        table.add_row(title, *map(of_model, models))
    console.print(table)
