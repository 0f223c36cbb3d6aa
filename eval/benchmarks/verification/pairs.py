"""Loads pairs of a right sentence and a false copy as replies about their document."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.benchmarks.ranked.page_questions import pdf_files, read_pdfs
from eval.benchmarks.verification.natural_replies import NaturalReply, NaturalSentence, ReplyPassage
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines

PAIRS = Path(__file__).with_name("pairs")
# Bulletins have `?` for a lost wave dash between times.
_LOST_WAVE_DASH = re.compile(r"(?<=[\d時分日月)）歳人円半])\?")
_SITTING = re.compile(r"令和(\d+)年.*?(\d\d)月(\d\d)日")
_BEFORE_ERA = 2018


def load_pairs(shared: Path, folder: Path = PAIRS) -> tuple[NaturalReply, ...]:
    """Return the pairs of `folder`, two replies each, about articles, speeches and PDF pages in `shared`.

    Pairs without their document are skipped. Raises SetFileError if none is left.
    """
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in read_json_lines(file)]
    passages = dict(_find_reply_passages(shared, {line["unit"] for line in lines}))
    if not passages:
        raise SetFileError(
            f"{shared}: 組の文書がありません。bulletins・kiryu・pages のあるフォルダーを指定してください。"
        )
    return tuple(
        reply for line in lines if line["unit"] in passages for reply in _pair_replies(line, passages[line["unit"]])
    )


def _pair_replies(line: Mapping[str, Any], passage: ReplyPassage) -> Iterator[NaturalReply]:
    quotes = tuple(_LOST_WAVE_DASH.sub("〜", quote) for quote in line["quote"])
    for side in ("right", "wrong"):
        if side not in line:
            continue
        is_wrong = side == "wrong"
        yield NaturalReply(
            id=f"{line['id']}-{side}",
            set="pairs",
            kind=line["kind"],
            question=line["question"],
            passages=(passage,),
            reply=(NaturalSentence(text=line[side], cites=(1,), quotes=quotes),),
            right=not is_wrong,
            wrong=line["false"] if is_wrong else "",
            wrong_sentence=0 if is_wrong else None,
        )


def _find_reply_passages(shared: Path, unit_ids: Collection[str]) -> Iterator[tuple[str, ReplyPassage]]:
    for article in read_json_lines(shared / "bulletins" / "articles.jsonl"):
        if article["id"] in unit_ids:
            fields = {"title": article["issue"], "issuer": article["municipality"], "heading": article["title"]}
            text = _LOST_WAVE_DASH.sub("〜", article["body"].strip())
            yield article["id"], ReplyPassage(**fields, published=article["date"].replace(".", "-"), text=text)
    for speech in read_json_lines(shared / "kiryu" / "speeches.jsonl"):
        if speech["id"] in unit_ids:
            fields = {"title": f"{speech['meeting']} {speech['day']}", "issuer": "桐生市", "heading": speech["role"]}
            yield (
                speech["id"],
                ReplyPassage(**fields, published=_sitting_date(fields["title"]), text=speech["text"].strip()),
            )
    yield from _pdf_passages(shared / "pages" / "pdfs", unit_ids)


def _sitting_date(sitting: str) -> str:
    year, month, day = _SITTING.findall(sitting)[0]
    return f"{_BEFORE_ERA + int(year)}-{month}-{day}"


def _pdf_passages(folder: Path, unit_ids: Collection[str]) -> Iterator[tuple[str, ReplyPassage]]:
    files = {unit.rpartition("#")[0] for unit in unit_ids if ".pdf#" in unit}
    readings, _ = read_pdfs(
        [(name, file) for name, file in pdf_files(folder).items() if name in files] if files else []
    )
    for reading in readings:
        texts: dict[str, list[str]] = {}
        for passage in reading.passages:
            page = texts.setdefault(f"{reading.document.file}#{passage.page}", [])
            page.append(f"{' > '.join(passage.path)}\n{passage.text}")
        title = reading.document.title
        for unit in texts.keys() & unit_ids:
            yield unit, ReplyPassage(title=title, issuer="", published="", heading="", text="\n---\n".join(texts[unit]))
