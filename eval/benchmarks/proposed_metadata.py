"""Measures the metadata proposed for a manifest: title, issuer, date and period of each PDF."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import SetFileError
from eval.metrics.statistics import standard_error
from eval.storage.numbered_lines import read_numbered_lines
from ingest.errors import UnreadableDocumentError
from ingest.japanese.normal_forms import comparison_key, normalise_without_spaces
from ingest.metadata.proposal import ProposedValue, propose_from_file

_BRACKETED = re.compile(r"[(\[【〔《<][^()\[\]【】〔〕《》<>]*[)\]】〕》>]")
_BRACKETS = re.compile(r"[()\[\]【】〔〕《》<>「」『』]")
# Subtitles: ～…～, ―…―, and text after a colon.
_SUBTITLE = re.compile(r"[~―—][^~―—]+[~―—]?$|:.+$")


class Truth(BaseModel):
    """The true metadata of a PDF; `publisher` is the issuer. Missing and null values are not judged.

    `also` are titles as good as `title`, such as one with an unmarked subtitle.
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
    """A proposed value (None without one), whether it is `right`, and whether it was proposed as `sure`."""

    file: str
    key: str
    wanted: Any
    proposed: Any
    right: bool
    sure: bool


def load_truth(file: Path, pdfs: Collection[str]) -> tuple[Truth, ...]:
    """Return the lines of `file` about one of the `pdfs`; raises SetFileError for an invalid line or without any."""
    truths = []
    for where, line in read_numbered_lines(file):
        try:
            truth = Truth.model_validate_json(line)
        except ValidationError as error:
            raise SetFileError(
                f'{where}: {{"file", "title", "publisher"}} の JSON として読めません({error.errors()[0]["msg"]})。'
            ) from error
        truths += [truth] if truth.file in pdfs else []
    if not truths:
        raise SetFileError(f"{file}: --pdfs のフォルダーにある文書の正解がありません。")
    return tuple(truths)


def title_forms(title: str) -> frozenset[str]:
    """Return the equivalent forms of a title, without white space.

    Without brackets, without bracketed text, and each of both without a subtitle.
    """
    text = comparison_key(title)
    forms = {_BRACKETS.sub("", text), _BRACKETED.sub("", text)}
    forms |= {_SUBTITLE.sub("", form) for form in forms}
    return frozenset(filter(None, forms))


def is_same_title(proposed: str, wanted: str) -> bool:
    """Whether two titles are equal apart from white space, brackets and a subtitle."""
    return bool(title_forms(proposed) & title_forms(wanted))


def is_same_issuer(proposed: str, wanted: str) -> bool:
    """Whether two names of an office are equal apart from white space."""
    return normalise_without_spaces(proposed) == normalise_without_spaces(wanted)


_SAME: Mapping[str, Callable[[Any, Any], bool]] = {
    "title": is_same_title,
    "issuer": is_same_issuer,
    "published": lambda proposed, wanted: proposed == wanted,
    "period": lambda proposed, wanted: tuple(proposed) == tuple(wanted),
}


def measure_manifest(truths: Sequence[Truth], pdfs: Mapping[str, Path]) -> list[JudgedValue]:
    """Return a row for each true value; an unreadable file has no proposed values."""
    rows = []
    for truth in truths:
        try:
            proposed = propose_from_file(pdfs[truth.file])
        except UnreadableDocumentError:
            proposed = {}
        wanted = {"title": truth.title, "issuer": truth.publisher, "published": truth.published, "period": truth.period}
        for key, value in wanted.items():
            forms = (value, *truth.also) if key == "title" else (value,)
            rows += [_judge_value(truth.file, key, forms, proposed.get(key))] if value else []
    return rows


def _judge_value(file: str, key: str, wanted: Sequence[Any], value: ProposedValue | None) -> JudgedValue:
    right = value is not None and any(_SAME[key](value.value, one) for one in wanted)
    return JudgedValue(file, key, wanted[0], value.value if value else None, right, bool(value and value.sure))


def manifest_figures(rows: Sequence[JudgedValue]) -> dict[str, Any]:
    """Return for each key the rate of right values with its standard error, and the rate of those proposed as sure."""
    figures: dict[str, Any] = {"files": len({row.file for row in rows})}
    for key in _SAME:
        right = [float(row.right) for row in rows if row.key == key]
        sure = [float(row.right) for row in rows if row.key == key and row.sure]
        if right:
            figures |= {key: fmean(right), f"{key}_se": standard_error(right), f"{key}_n": len(right)}
            figures |= {f"{key}_sure": fmean(sure) if sure else None, f"{key}_sure_n": len(sure)}
    return figures
