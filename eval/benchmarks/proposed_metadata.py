"""Titles, issuers and dates that are proposed for PDFs."""

import re
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from eval.benchmarks.judged_sets import pdf_files
from eval.command import OUT, Measurement, command
from eval.errors import SetFileError
from eval.metrics.statistics import sample_figures
from eval.storage.numbered_lines import read_models
from ingest.cli.command_line import path_option
from ingest.errors import UnreadableDocumentError
from ingest.japanese.normal_forms import comparison_key, normalise_without_spaces
from ingest.metadata.proposal import propose_from_file

_BRACKETED = re.compile(r"[(\[【〔《<][^()\[\]【】〔〕《》<>]*[)\]】〕》>]")
_BRACKETS = re.compile(r"[()\[\]【】〔〕《》<>「」『』]")
# Subtitles: ～…～, ―…―, and text after a colon.
_SUBTITLE = re.compile(r"[~―—][^~―—]+[~―—]?$|:.+$")
_TITLES = {"title": "題名", "issuer": "発行者", "published": "日付"}


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


def judge_proposals(truths: Sequence[TrueMetadata], pdfs: Mapping[str, Path]) -> Iterator[dict[str, Any]]:
    """Yield a row for each true value; an unreadable file has no proposed values."""
    for truth in truths:
        try:
            proposals = propose_from_file(pdfs[truth.file])
        except UnreadableDocumentError:
            proposals = {}
        for key, true in (("title", truth.title), ("issuer", truth.publisher), ("published", truth.published)):
            if not true:
                continue
            proposal = proposals.get(key)
            value = str(proposal.value) if proposal else ""
            if key == "title":
                is_right = any(is_same_title(value, form) for form in (true, *truth.also))
            else:
                is_right = normalise_without_spaces(value) == normalise_without_spaces(true)
            row = {"file": truth.file, "key": key, "wanted": true, "proposed": value or None, "right": is_right}
            yield row | {"sure": bool(proposal and proposal.sure)}


@command(
    "manifest",
    "PDF から読み取った題名・発行者・日付の案が正しいかを測る",
    path_option("--pdfs", "DIR", "PDF のあるフォルダー", required=True),
    path_option(
        "--truth",
        "FILE",
        "正解(1行に1件の JSON: file、title、publisher、published。無いものは測らない)",
        required=True,
    ),
    OUT,
)
def manifest(options: Namespace) -> Measurement:
    """Measure the proposed values against the true ones: the rate of right ones, also of those proposed as sure."""
    pdfs = pdf_files(options.pdfs)
    rows = list(judge_proposals(load_truth(options.truth, pdfs), pdfs))
    figures: dict[str, Any] = {"files": len({row["file"] for row in rows})}
    for key in _TITLES:
        for name, chosen in ((key, rows), (f"{key}_sure", [row for row in rows if row["sure"]])):
            if values := [float(row["right"]) for row in chosen if row["key"] == key]:
                figures |= sample_figures(name, values) | {f"{name}_n": len(values)}
    titles = _TITLES | {f"{key}_sure": f"{title}（「確か」のうち）" for key, title in _TITLES.items()}
    return Measurement(figures, rows, {"pdfs": str(options.pdfs), "truth": str(options.truth)}, titles)
