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
from ingest.japanese import nfkc
from ingest.metadata.proposal import Value, propose_from_file

_BRACKETED = re.compile(r"[(\[【〔《<][^()\[\]【】〔〕《》<>]*[)\]】〕》>]")
_BRACKETS = re.compile(r"[()\[\]【】〔〕《》<>「」『』]")
# A title behind its title: ～…～, ―…―, and what stands behind a colon.
_SUBTITLE = re.compile(r"[~―—][^~―—]+[~―—]?$|:.+$")


class Truth(BaseModel):
    """A line of the truth; `publisher` is the issuer. What it leaves out, or gives as null, is not judged.

    `also` are titles that are as good as `title`: as printed elsewhere, with a subtitle that brackets do not mark.
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
    """One value of one file: `right`, and whether it was proposed as `sure`; `proposed` is None for none."""

    file: str
    key: str
    wanted: Any
    proposed: Any
    right: bool
    sure: bool


def load_truth(file: Path, pdfs: Collection[str]) -> tuple[Truth, ...]:
    """Return the lines of `file` that are of one of the `pdfs`; raises SetFileError for a broken one, and for none."""
    found = []
    for where, line in read_numbered_lines(file):
        try:
            truth = Truth.model_validate_json(line)
        except ValidationError as error:
            raise SetFileError(
                f'{where}: {{"file", "title", "publisher"}} の JSON として読めません({error.errors()[0]["msg"]})。'
            ) from error
        found += [truth] if truth.file in pdfs else []
    if not found:
        raise SetFileError(f"{file}: --pdfs のフォルダーにある文書の正解がありません。")
    return tuple(found)


def title_forms(title: str) -> frozenset[str]:
    """Return a title without white space in each form that counts as the same.

    They are: without the brackets, without what stands in them, and each of both without a subtitle.
    """
    text = re.sub(r"\s+", "", nfkc(title)).casefold()
    forms = {_BRACKETS.sub("", text), _BRACKETED.sub("", text)}
    forms |= {_SUBTITLE.sub("", form) for form in forms}
    return frozenset(filter(None, forms))


def is_same_title(proposed: str, wanted: str) -> bool:
    """Whether two titles are equal but for white space, brackets and a subtitle."""
    return bool(title_forms(proposed) & title_forms(wanted))


def is_same_issuer(proposed: str, wanted: str) -> bool:
    """Whether two names of an office are equal but for white space."""
    return re.sub(r"\s+", "", nfkc(proposed)) == re.sub(r"\s+", "", nfkc(wanted))


_SAME: Mapping[str, Callable[[Any, Any], bool]] = {
    "title": is_same_title,
    "issuer": is_same_issuer,
    "published": lambda proposed, wanted: proposed == wanted,
    "period": lambda proposed, wanted: tuple(proposed) == tuple(wanted),
}


def measure_manifest(truths: Sequence[Truth], pdfs: Mapping[str, Path]) -> list[JudgedValue]:
    """Return a row for each value that the truth gives; a file that cannot be read has no values proposed."""
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


def _judge_value(file: str, key: str, wanted: Sequence[Any], value: Value | None) -> JudgedValue:
    """Judge a value against the first of `wanted` and what counts as much."""
    right = value is not None and any(_SAME[key](value.value, one) for one in wanted)
    return JudgedValue(file, key, wanted[0], value.value if value else None, right, bool(value and value.sure))


def figures(rows: Sequence[JudgedValue]) -> dict[str, Any]:
    """Return for each key the rate of right values with its standard error, and that of those proposed as sure."""
    told: dict[str, Any] = {"files": len({row.file for row in rows})}
    for key in _SAME:
        right = [float(row.right) for row in rows if row.key == key]
        sure = [float(row.right) for row in rows if row.key == key and row.sure]
        if right:
            told |= {key: fmean(right), f"{key}_se": standard_error(right), f"{key}_n": len(right)}
            told |= {f"{key}_sure": fmean(sure) if sure else None, f"{key}_sure_n": len(sure)}
    return told
