"""Titles, issuers, dates and periods that are proposed for PDFs."""

import re
from argparse import Namespace
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from eval.benchmarks.judged_sets import pdf_files
from eval.command import OUT, Measurement, command, one_of, path_option
from eval.errors import SetFileError
from eval.metrics.statistics import sample_figures
from eval.storage.numbered_lines import read_models, read_numbered_lines
from ingest.errors import UnreadableDocumentError
from ingest.japanese.normal_forms import comparison_key, normalise_without_spaces
from ingest.metadata.proposal import ProposedValue, propose_from_file

_BRACKETED = re.compile(r"[(\[【〔《<][^()\[\]【】〔〕《》<>]*[)\]】〕》>]")
_BRACKETS = re.compile(r"[()\[\]【】〔〕《》<>「」『』]")
# Subtitles: ～…～, ―…―, and text after a colon.
_SUBTITLE = re.compile(r"[~―—][^~―—]+[~―—]?$|:.+$")


class TrueMetadata(BaseModel):
    """The true metadata of a PDF. Missing and null values are not judged.

    Attributes:
        also: titles as good as `title`, such as one with an unmarked subtitle.
        publisher: the issuer.
    """

    model_config = ConfigDict(frozen=True)

    file: str = Field(min_length=1)
    title: str | None = None
    also: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    period: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class JudgedValue:
    """A proposed value and the true one.

    Attributes:
        key: the field of the manifest.
        wanted: the true value.
        proposed: the proposed value, None without one.
        right: whether the proposed value is as good as the true one.
        sure: whether it was proposed as sure.
    """

    file: str
    key: str
    wanted: Any
    proposed: Any
    right: bool
    sure: bool


def load_truth(file: Path, pdfs: Collection[str]) -> tuple[TrueMetadata, ...]:
    """Return the lines of `file` about one of the `pdfs`; raises SetFileError for an invalid line or without any."""
    lines = read_models(file, TrueMetadata, '{"file", "title", "publisher"} の JSON ')
    truths = tuple(truth for _, truth in lines if truth.file in pdfs)
    if not truths:
        raise SetFileError(f"{file}: --pdfs のフォルダーにある文書の正解がありません。")
    return truths


def title_forms(title: str) -> frozenset[str]:
    """Return the equivalent forms of a title, without white space.

    Without brackets, without bracketed text, and each of both without a subtitle.
    """
    text = comparison_key(title)
    forms = {_BRACKETS.sub("", text), _BRACKETED.sub("", text)}
    forms |= {_SUBTITLE.sub("", form) for form in forms}
    return frozenset(filter(None, forms))


def is_same_title(proposed: str, true: str) -> bool:
    """Whether two titles are equal apart from white space, brackets and a subtitle."""
    return bool(title_forms(proposed) & title_forms(true))


def is_same_issuer(proposed: str, true: str) -> bool:
    """Whether two names of an office are equal apart from white space."""
    return normalise_without_spaces(proposed) == normalise_without_spaces(true)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "title": is_same_title,
    "issuer": is_same_issuer,
    "published": lambda proposed, true: proposed == true,
    "period": lambda proposed, true: tuple(proposed) == tuple(true),
}


def measure_manifest(truths: Sequence[TrueMetadata], pdfs: Mapping[str, Path]) -> list[JudgedValue]:
    """Return a row for each true value; an unreadable file has no proposed values."""
    rows = []
    for truth in truths:
        try:
            proposed = propose_from_file(pdfs[truth.file])
        except UnreadableDocumentError:
            proposed = {}
        true_values: dict[str, tuple[Any, ...]] = {
            "title": (truth.title, *truth.also),
            "issuer": (truth.publisher,),
            "published": (truth.published,),
            "period": (truth.period,),
        }
        for key, values in true_values.items():
            if values[0]:
                rows.append(_judge_value(truth.file, key, values, proposed.get(key)))
    return rows


def _judge_value(file: str, key: str, true_values: Sequence[Any], proposed: ProposedValue | None) -> JudgedValue:
    return JudgedValue(
        file=file,
        key=key,
        wanted=true_values[0],
        proposed=proposed.value if proposed else None,
        right=proposed is not None and any(_COMPARISONS[key](proposed.value, true) for true in true_values),
        sure=bool(proposed and proposed.sure),
    )


def manifest_figures(rows: Sequence[JudgedValue]) -> dict[str, Any]:
    """Return for each key the rate of right values with its standard error, and the rate of those proposed as sure."""
    figures: dict[str, Any] = {"files": len({row.file for row in rows})}
    for key in _COMPARISONS:
        right = [float(row.right) for row in rows if row.key == key]
        sure = [float(row.right) for row in rows if row.key == key and row.sure]
        if right:
            figures |= sample_figures(key, right) | {f"{key}_n": len(right)}
            figures |= {f"{key}_sure": fmean(sure) if sure else None, f"{key}_sure_n": len(sure)}
    return figures


@command(
    "manifest",
    "PDF から読み取った題名・発行者・日付の案が正しいかを測る",
    path_option("--pdfs", "DIR", "PDF のあるフォルダー", required=True),
    path_option(
        "--truth",
        "FILE",
        "正解(1行に1件の JSON: file、title、publisher、published、period。無いものは測らない)",
        required=True,
    ),
    one_of(
        path_option("--only", "FILE", "この一覧(1行に1ファイル名)の文書だけを測る"),
        path_option("--but", "FILE", "この一覧の文書のほかを測る"),
    ),
    OUT,
)
def manifest(options: Namespace) -> Measurement:
    """Measure the proposed values against the true ones."""
    pdfs = pdf_files(options.pdfs)
    for chosen, is_included in ((options.only, True), (options.but, False)):
        if chosen:
            names = {line.strip() for _, line in read_numbered_lines(chosen)}
            pdfs = {name: path for name, path in pdfs.items() if (name in names) is is_included}
    rows = measure_manifest(load_truth(options.truth, pdfs), pdfs)
    inputs = {"pdfs": str(options.pdfs), "truth": str(options.truth)}
    titles = {"title": "題名", "issuer": "発行者", "published": "日付", "period": "期間"}
    titles |= {f"{key}_sure": f"{title}（「確か」のうち）" for key, title in titles.items()}
    return Measurement(manifest_figures(rows), map(asdict, rows), inputs, titles)
