"""Proposes the title, date and issuer that a file states plainly, and reads its kind from the title.

A value is sure where one place says it. Everything else is left to the person who confirms the manifest.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from ingest.blocks.model import SourceDocument, TypesetLine, part_lines
from ingest.corpus import printable_name
from ingest.errors import UnreadableDocumentError
from ingest.japanese import Time, dates, nfkc, normalise_without_spaces
from ingest.japanese.lexicon import ASSOCIATION, DEPARTMENT, MINISTRY, MUNICIPALITY, PREFECTURE, any_of, load_lexicon
from ingest.japanese.notation import ERA, KANJI_ONE_TO_TEN
from ingest.japanese.today import today
from ingest.readers import read_source
from ingest.sandbox import ChildEndedError, Limits, run_in_child

# Lines of a file without pages that count as its first page, and those that may have its subject.
_BEGINNING_LINES = 40
_SUBJECT_LINES = 10
_TITLE_CHARACTERS = range(4, 91)
_MAX_TITLE_LINES = 4
# Minimum ratio of a title's type size to that of the text, and within which lines have the same size.
_TITLE_SIZE = 1.1
_SAME_SIZE = 1.25
# Distance of two lines of a title, in line heights.
_MAX_LINE_DISTANCE = 3.0
# Maximum lines of a page that has little more than the title.
_MAX_COVER_LINES = 14
# Characters beside a date or a name that is alone in its line; lengths of lines with a date or an issuer.
_MAX_OTHER_CHARACTERS = 3
_MAX_DATED_LINE = 30
_MAX_ISSUER_LINE = 30
_EXCERPT_CHARACTERS = 24

_PLAN_WORDS = load_lexicon("plans")
_PLAN = any_of(_PLAN_WORDS["plans"] + _PLAN_WORDS["in_titles"])
# Labels, letterheads and names of offices, which are no titles even in the largest type.
_NO_TITLE = re.compile(
    rf"[(（【\[]?(?:(?:別紙|別添|別冊|参考|(?:参考|補足|配布)?資料|添付|様式)[\d\-{KANJI_ONE_TO_TEN}]*|(?:素|原)?案|概要版?|本文|本編|資料編"
    rf"|目次|はじめに|記|抜粋|報道発表(?:資料)?|プレスリリース)[)）】\]]?|.*(?:殿|様|御中|各位|[。、])|第?\S{{0,14}}第[\d\-]+号|[\d\-/.:%()]+"
    rf"|.*(?:{MINISTRY}|{DEPARTMENT}|{MUNICIPALITY}|[都道府県]|委員会|審議会|協議会)(?:長)?",
)
_SENTENCE_END = re.compile(r"(?:です|ます|である|した|する|ください|こと)$|。")
_CHAPTER = re.compile(rf"第[\d{KANJI_ONE_TO_TEN}]+[編章節部回]|[\d一二三IVXⅠ-Ⅻ]+[.、．)） ]|[①-⑳]")
_SUBJECT_LINE = re.compile(r"について(?:[(（][^()（）]+[)）])?$")
_KINDS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("faq", re.compile(r"Q\s?&\s?A|FAQ|よくある(?:ご)?質問|質疑応答|質問と回答", re.IGNORECASE)),
    ("meeting", re.compile(r"議事(?:録|要旨|概要|次第)|会議録|会議資料|第\d+回.{0,99}会|会議?\s*第\d+回")),
    ("rule", re.compile(r"(?:条例|規則|要綱|要領|規程|細則|要項|内規)$")),
    ("plan", re.compile(rf"{_PLAN}|アクション|ロードマップ|展望")),
    ("notice", re.compile(r"広報|[市町村区]報(?!告)|だより|について$|お知らせ|通知|募集|報道発表|案内$|公示|告示")),
)
# Spaces that only the layout puts into dates: 令和 5 年 3 月 1 0 日.
_LAYOUT_SPACE = re.compile(rf"(?<=[\d年月元]) (?=[\d年月日])|(?<={ERA}) (?=[\d元])")
_AROUND_DATE = re.compile(r"[\s()\[\]【】〔〕:・、,]")
_PUBLICATION = re.compile(r"策定|改定|改訂|制定|公表|公布|公開|発表|発行|作成|決定|施行|更新")
_OTHER_DATE = re.compile(r"現在|時点|から|まで|以降|以前|締切|期限|開催|未満|予定|第\d+号")
_TOWN = rf"[一-龥ヶヵケ々ぁ-んァ-ヴ]{{1,7}}?(?:{PREFECTURE}|{MUNICIPALITY})"
_LEGAL_FORM = r"(?:独立行政法人|国立研究開発法人|(?:一般|公益)(?:社団|財団)法人|社会福祉法人)"
# An issuing body at the beginning of a line; a town ends its line or is followed by its departments.
_ISSUER = re.compile(
    rf"(?:内閣府|内閣官房|[一-龥]{{2,6}}[省庁]|{_TOWN}(?=$|[^一-龥]|[一-龥]*(?:[部局課室係長所]|委員会|議会)$)"
    rf"|{_LEGAL_FORM}[一-龥ァ-ヴー・A-Za-z]{{2,24}}|[一-龥ァ-ヴー・]{{2,20}}(?:協議会|{ASSOCIATION}|広域連合))"
)
_NO_ISSUER = re.compile(
    r"(?:都市|市町村|市区町村|自治体|全国|都?道府県|市街|地区|官庁|省庁|府省|[県市本]庁|関係省|各省|担当省)$|^[本当同各他全貴][市省町村県]$"
)
_ISSUER_LABEL = re.compile(r"^(?:発行者?|編集|編集・発行|作成|策定|発行元|企画・編集|お?問い?合わ?せ先?|担当)[:：]?")
_TOWN_IN_TITLE = re.compile(r"^[一-龥ヶヵケ々]{2,5}?[市町村](?![場街民営道長税])")


@dataclass(frozen=True, slots=True)
class ProposedValue:
    """A value proposed for a manifest entry.

    Attributes:
        value: a text or a list of texts, as TOML and JSON have them.
        source: its place in the file, in Japanese.
        sure: whether the value needs no check by a person.
    """

    value: Any
    source: str
    sure: bool


@dataclass(frozen=True, slots=True)
class FileBeginning:
    """What is read of a file: the lines of its `first`, `second` and `last` page, its heading."""

    first: Sequence[TypesetLine]
    second: Sequence[TypesetLine] = ()
    last: Sequence[TypesetLine] = ()
    heading: str = ""


def propose_with_limits(path: Path, limits: Limits) -> dict[str, ProposedValue]:
    """Return the proposed manifest values of the file at `path`, read in a process with limits; none if it fails."""
    with suppress(ChildEndedError):  # reading the document itself reports why
        return run_in_child(propose_from_file, path, limits=limits)
    return {}


def propose_from_file(path: Path, source: SourceDocument | None = None) -> dict[str, ProposedValue]:
    """Return the proposed values, read in this process; `source` is what `read_source` has returned for the file.

    Raises UnreadableDocumentError, OSError.
    """
    if source is None and path.suffix.lower() == ".pdf":
        from ingest.readers.pdf.pdf_reader import read_cover  # noqa: PLC0415 -- PDFium takes 0.1 s

        source = read_cover(path)
    source = source or read_source(path)
    if (cover := source.cover_lines) is not None:
        first, second = ([line for line in cover if line.page == number] for number in (1, 2))
        beginning = FileBeginning(first, second, [line for line in cover if line.page > 2])
    else:
        texts = (line.text.strip() for line in part_lines(source.parts))
        lines = [TypesetLine(text.lstrip("#").strip()) for text in texts if text]
        beginning = FileBeginning(lines[:_BEGINNING_LINES], last=lines[-5:], heading=source.title)
    title = _propose_title(beginning) or ProposedValue(
        nfkc(path.stem), "ファイル名（題名は読み取れませんでした）", sure=False
    )
    kind = next((kind for kind, pattern in _KINDS if pattern.search(nfkc(str(title.value)))), None)
    values = {
        "title": title,
        "kind": ProposedValue(kind or "other", "題名から" if kind else "題名からは分かりませんでした", sure=bool(kind)),
        "issuer": _propose_issuer(beginning, str(title.value)),
        "published": _propose_date(beginning),
    }
    return {key: value for key, value in values.items() if value}


def find_fields(path: Path, source: SourceDocument | None = None) -> dict[str, Any]:
    """Return the fields of `Document` that are certain from the file at `path`: `kind`, `date_in_text` and `title`.

    `source` is what `read_source` has returned for it. Without a certain title it is the file name. A date after the
    current day is not the document's date.
    """
    certain: dict[str, Any] = {}
    with suppress(UnreadableDocumentError):  # reported when the document itself is read
        certain = {key: value.value for key, value in propose_from_file(path, source).items() if value.sure}
    fields = {"title": printable_name(path.stem)} | {key: certain[key] for key in ("title", "kind") if key in certain}
    if certain.get("published", "9") <= today().isoformat():
        fields["date_in_text"] = certain["published"]
    return fields


def _propose_title(beginning: FileBeginning) -> ProposedValue | None:
    if beginning.heading:
        return ProposedValue(beginning.heading, "最初の見出し", sure=True)
    lines = beginning.first or beginning.second
    has_sizes = any(line.size for line in lines)
    possible = []
    for line in lines if has_sizes else lines[:_SUBJECT_LINES]:
        text = normalise_without_spaces(line.text)
        is_word = len(text) > 1 and re.search(r"[ぁ-ヿ一-龥A-Za-z]", text) and not _NO_TITLE.fullmatch(text)
        if is_word and all(len(_text_around(text, mention)) > _MAX_OTHER_CHARACTERS for mention in dates(text)):
            possible.append(line)
    sizes = [line.size for line in (*beginning.first, *beginning.second) for _ in line.text]
    largest = max((line.size for line in possible), default=0.0)
    if largest and (largest >= _TITLE_SIZE * median(sizes) or len(lines) <= _MAX_COVER_LINES):
        return _largest_title(possible, largest, max(line.size for line in lines))
    for line in possible:
        if _SUBJECT_LINE.search(normalise_without_spaces(line.text)) and not _CHAPTER.match(nfkc(line.text)):
            return ProposedValue(line.text, f"{_place(line)}の件名", sure=has_sizes)
    if possible and not has_sizes and possible[0] is lines[0] and len(possible[0].text) in _TITLE_CHARACTERS:
        return ProposedValue(possible[0].text, "はじめの行", sure=False)
    return None


def _largest_title(possible: Sequence[TypesetLine], largest: float, largest_of_page: float) -> ProposedValue:
    start = next(index for index, line in enumerate(possible) if line.size * _TITLE_SIZE > largest)
    first = possible[start]
    text = first.text
    for above, line in pairwise(possible[start : start + _MAX_TITLE_LINES]):
        is_same_size = max(above.size, line.size) < _SAME_SIZE * min(above.size, line.size)
        if not is_same_size or line.down - above.down >= _MAX_LINE_DISTANCE * above.size:
            break
        text += line.text if re.search(r"[ぁ-ん・、ー(（「]$", text) else f" {line.text}"
    text = re.sub(r"^[「『【](.+)[」』】]$", r"\1", text)
    compact = normalise_without_spaces(text)
    is_title = len(compact) in _TITLE_CHARACTERS and not (_SENTENCE_END.search(compact) or _CHAPTER.match(nfkc(text)))
    is_largest = first.size * _SAME_SIZE > largest_of_page
    return ProposedValue(text, f"{first.page}ページ目の一番大きい文字", sure=is_title and is_largest)


def _propose_issuer(beginning: FileBeginning, title: str) -> ProposedValue | None:
    compact_title = normalise_without_spaces(title)
    for line in (*beginning.first, *beginning.last):
        text = normalise_without_spaces(line.text)
        office = _ISSUER_LABEL.sub("", text)
        match = _ISSUER.match(office)
        name = match[0] if match and not _NO_ISSUER.search(match[0]) else ""
        is_alone = name and (
            len(office) - len(name) <= _MAX_OTHER_CHARACTERS or re.search(r"[部局課室係長所]$", office)
        )
        if is_alone and len(text) <= _MAX_ISSUER_LINE and not re.search(r"(?:殿|様|御中|宛て?)$", office):
            return ProposedValue(name, f"{_place(line)}の「{line.text[:_EXCERPT_CHARACTERS]}」", sure=line.page == 1)
    if (match := _TOWN_IN_TITLE.match(compact_title)) and not _NO_ISSUER.search(match[0]):
        return ProposedValue(match[0], "題名のはじめ", sure=False)
    return None


def _propose_date(beginning: FileBeginning) -> ProposedValue | None:
    for lines in (beginning.first, beginning.last):
        found = []
        for line in lines:
            text = _LAYOUT_SPACE.sub("", nfkc(line.text)).strip()
            is_labelled = len(text) <= _MAX_DATED_LINE and _PUBLICATION.search(text)
            for mention in () if _OTHER_DATE.search(text) else dates(text):
                is_alone = len(_text_around(text, mention)) <= _MAX_OTHER_CHARACTERS
                if (is_alone or is_labelled) and mention.month:
                    source = f"{_place(line)}の「{text[:_EXCERPT_CHARACTERS]}」"
                    found.append((mention.first, mention.iso_text, source))
        if found:
            return ProposedValue(max(found)[1], max(found)[2], sure=lines is beginning.first)
    return None


def _text_around(text: str, mention: Time) -> str:
    return _AROUND_DATE.sub("", text[: mention.start] + text[mention.end :])


def _place(line: TypesetLine) -> str:
    return f"{line.page}ページ目" if line.size else "本文"
