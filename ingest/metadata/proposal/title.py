"""Proposes a document's title from size, position and wording of its first lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2
from statistics import median

from ingest.japanese import dates, nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.name_endings import (
    ASSOCIATION,
    COMMITTEE,
    CORPORATION,
    DEPARTMENT,
    MINISTRY,
    MUNICIPALITY,
    STUDY_GROUP,
)
from ingest.japanese.notation import ERA, KANJI_ONE_TO_TEN, WEEKDAY
from ingest.metadata.proposal.file_evidence import FileEvidence, ProposedValue, SetLine

# Minimum characters of a title.
_MIN_TITLE_CHARACTERS = 4
# Maximum characters of a title.
_MAX_TITLE_CHARACTERS = 90
# Minimum characters of one of its lines.
_MIN_LINE_CHARACTERS = 2
# First lines that are searched for the title from the metadata.
_METADATA_TITLE_LINES = 40
# First lines that are searched for a title in formats without pages.
_FIRST_LINES = 10
# Nouns that end a title.
_PLAN_WORDS = load_lexicon("plans")
_PLAN = any_of(_PLAN_WORDS["plans"] + _PLAN_WORDS["in_titles"])
_TITLE_END = re.compile(
    rf"(?:{_PLAN}|要領|要綱|規程|規定|規則|規格|条例|基準|協定|宣言|憲章|展望|白書|年報"
    r"|報告|報告書|報告会|調査|結果|資料|資料集|概要|要旨|要点|解説|案内|手引|手引き|手引書|ガイド|ガイドライン|ガイドブック"
    r"|マニュアル|ハンドブック|テキスト|モデル|ロードマップ|パンフレット|リーフレット|だより|便り|ニュース|通信|お知らせ|通知"
    r"|名簿|一覧|一覧表|様式|議事録|会議録|議事要旨|議事概要|次第|会議|について|とりまとめ|取りまとめ|まとめ|在り方|あり方"
    r"|に向けて|状況|現状|課題|事例集|事例|統計|推移|質問|回答|Q&A|FAQ|予算|決算|目標|評価|検証|対策|事項|考え方|運用|制度"
    r"|案|版)$",
    re.IGNORECASE,
)
# Additions after the final noun of a title: (案), 概要版, 第2版, 令和5年3月改定.
_AFTER_TITLE_END = re.compile(
    r"(?:[(（【〔\[〈<][^()（）【】〔〕\[\]〈〉<>]*[)）】〕\]〉>]|\d+(?:\.\d+)?|[IVXⅠ-Ⅻ]+|概要版|本編|資料編)+$"
)
# Labels that state the sort of a document, not its subject.
_SORT_LABEL = re.compile(
    r"(?:[(（【\[〔《<]?(?:"
    rf"(?:別紙|別添|別表|別冊|別記|参考|(?:参考|補足|配布)?資料|添付|様式)[\d\-－―ー{KANJI_ONE_TO_TEN}.・の]*"
    rf"|案|素案|原案|抜粋|概要|概要版|概要資料|本文|本編|資料編|目次|もくじ|はじめに|記|以上|第[\d{KANJI_ONE_TO_TEN}]+版|初版"
    r"|取扱注意|機密性\d.*|非公開|公開|未定稿|暫定版|確定版|報道発表(?:資料)?|報道資料|記者発表資料|プレスリリース"
    r"|PressRelease|NewsRelease|Confidential|ご清聴ありがとうございました"
    r")[)）】\]〕》>]?)+",
    re.IGNORECASE,
)
_OUTER_MARKS = re.compile(r"^[※*＊○◯●◎■□◆◇▼▲・•>\-~\s]+|[※*＊○◯●◎■□◆◇▼▲•\-~\s]+$")
# Parts of a letterhead: addressee, number, note that the seal is omitted.
_LETTERHEAD = re.compile(
    r"(?:殿|様|御中|各位|あて|宛て?)$|^第?\S{0,14}第[\d\-]+号(?:の\d+)?$|公印(?:を)?省略|押印省略|^[\d\-/.:]+$"
    r"|^TEL|^電話|@|https?:"
)
_OFFICE_NAME = re.compile(
    rf"(?:{MINISTRY}|{DEPARTMENT}|[市町村県都府]|{COMMITTEE}|{STUDY_GROUP}|{ASSOCIATION}|{CORPORATION}|研究所|グループ|チーム"
    rf"|センター|(?:[都県]|{MUNICIPALITY}|{DEPARTMENT})長|大臣|長官|知事)(?:[(（].*[)）])?$"
)
_DATE_LABEL = re.compile(r"[(（]?(?:制定|改正|最終改正|一部改正|改定|改訂|策定|施行|公表|作成|発行|更新)[:：]")
_AROUND_DATE = re.compile(
    r"[\s()（）\[\]【】〔〕,、.・~-]*"
    rf"(?:現在|付け?|策定|改定|改訂|公表|発表|作成|発行|版|時点|第\d+号|[(（]{WEEKDAY}[)）])*[\s()（）\[\]【】]*"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_CHAPTER_NUMBER = re.compile(rf"^(?:第[\d{KANJI_ONE_TO_TEN}IVXⅠ-Ⅻ]+[編章節部回]|[\d一二三IVXⅠ-Ⅻ]+[.、．)）]|[①-⑳])")
# 令和5年度, 第3期: a smaller line above the title that belongs to it.
_EDITION_LINE = re.compile(rf"(?:(?:{ERA}|R|H)\S{{1,4}}年度?(?:版)?|\d{{4}}年度?(?:版)?|第\S{{1,3}}[期次回])")
# The end of a line that the title continues.
_CONTINUED = re.compile(r"(?:における|に向けた|のための|に関する|に係る|の|を)$")
# Default titles of programs, and file names.
_PLACEHOLDER = re.compile(
    r"^(?:powerpoint\s*プレゼンテーション|presentation\d*|powerpoint presentation"
    r"|スライド\s*\d*|slide\s*\d*|untitled|無題"
    r"|名称未設定|タイトルなし|no title|document\d*|文書\s*\d*|book\d*|sheet\d*|[\w\-. ]+|<[0-9a-f]+>)$",
    re.IGNORECASE | re.ASCII,
)
_PROGRAM_PREFIX = re.compile(r"^Microsoft (?:Office )?(?:Word|PowerPoint|Excel)\s*-\s*|^一太郎\s*-\s*", re.IGNORECASE)
_FILE_SUFFIX = re.compile(r"\.(?:docx?|xlsx?|pptx?|pdf|indd|jtd|ai|pwd|xdw)$", re.IGNORECASE)
_BRACKETS_AROUND_TITLE = re.compile(r"^[(【][^()【】]*[)】]\s*|\s*【[^【】]*】$")
_QUOTED = re.compile(r"^[「『【](.+)[」』】]$")

# Maximum ratio of type sizes within a title.
_MAX_SIZE_RATIO = 1.25
# Maximum gap between lines of a title, in line heights.
_MAX_LINE_GAP = 1.7
# Minimum size of an opening line as a share of the title's.
_MIN_OPENING_SIZE = 0.5
# Maximum gap below an opening line, in line heights.
_MAX_OPENING_GAP = 2.6
# Maximum lines of a title.
_MAX_TITLE_LINES = 4
# Maximum distance of a centred line from the middle, as a share of the width.
_MAX_OFF_CENTRE = 0.05
# Minimum indent of a centred line, as a share of the width.
_MIN_INDENT = 0.05
# Lines of this share of the text width are body text.
_FULL_LINE = 0.9
# Minimum score of a title that needs no check.
_CERTAIN_SCORE = 2.5
# Minimum score of a title.
_MIN_SCORE = 1.0
# Minimum lead of such a title over the next candidate.
_MIN_LEAD = 0.3
# Minimum size above the body's to count as larger, in doublings.
_MIN_LARGER = 0.2
# Maximum size above the body's that counts, in doublings.
_MAX_LARGER = 1.5
# Minimum size of a centred title as a share of the body's.
_MIN_CENTRED_SIZE = 0.95
# Points: type sizes that differ less are the same.
_SIZE_TOLERANCE = 0.1
# What each feature of a group of lines adds to its score as a title.
_FEATURE_SCORES = {
    "doublings of the body's size": 1.6,
    "ends like a title": 1.2,
    "cover page": 0.6,
    "centred": 1.2,
    "neither centred nor larger": -0.4,
    "upper half of the page": 0.5,
    "name of an office": -2.5,
    "full line of body size": -1.5,
    "wrong length or a sentence": -3.0,
}
# Score of the first line in formats without pages.
_FIRST_LINE_SCORE = 2.0
# Lines over which that score falls by 1.
_LINES_PER_POINT = 10
# Score of the title in the metadata, without a title's ending and without the same words in the text.
_METADATA_SCORE = 1.2
# Minimum number of wide lines to infer the margins.
_MIN_WIDE_LINES = 3


@dataclass(frozen=True, slots=True)
class _TitleCandidate:
    text: str
    score: float
    source: str


def propose_title(evidence: FileEvidence) -> ProposedValue:
    """Return the title found in a file, else the file name, marked as unsure."""
    if evidence.heading and not evidence.width:
        return ProposedValue(evidence.heading, "最初の見出し", sure=True)
    ranked = sorted(_candidates(evidence), key=lambda candidate: -candidate.score)
    if not ranked or ranked[0].score < _MIN_SCORE:
        return ProposedValue(nfkc(evidence.path.stem), "ファイル名（題名は読み取れませんでした）", sure=False)
    best, *others = ranked
    best_text = normalise_without_spaces(best.text)
    next_best = next((other for other in others if normalise_without_spaces(other.text) not in best_text), None)
    leads = next_best is None or best.score - next_best.score > _MIN_LEAD
    is_chapter = _CHAPTER_NUMBER.match(nfkc(best.text))
    return ProposedValue(best.text, best.source, sure=best.score >= _CERTAIN_SCORE and leads and not is_chapter)


def _candidates(evidence: FileEvidence) -> Iterator[_TitleCandidate]:
    recorded = _metadata_title(evidence)
    if not evidence.width:  # a format without layout: the first lines with the ending of a title
        for index, line in enumerate(evidence.first[:_FIRST_LINES]):
            if _is_possible_title(line) and _ends_like_title(line.text):
                yield _TitleCandidate(line.text, _FIRST_LINE_SCORE - index / _LINES_PER_POINT, f"{index + 1}行目")
    for page, lines in ((1, evidence.first), (2, evidence.second)):
        if page == 1 or not evidence.first:
            for group in _group_title_lines(lines, evidence):
                yield _score_group(group, lines, evidence)
    if recorded:
        in_text = normalise_without_spaces(recorded) in normalise_without_spaces(
            "".join(evidence.text[:_METADATA_TITLE_LINES])
        )
        score = _METADATA_SCORE + bool(_ends_like_title(recorded)) + in_text
        yield _TitleCandidate(recorded, score, "PDF の属性（題名）")


def _metadata_title(evidence: FileEvidence) -> str:
    recorded = nfkc(evidence.metadata.get("Title", "")).strip()
    recorded = _FILE_SUFFIX.sub("", _PROGRAM_PREFIX.sub("", recorded)).strip()
    recorded = _BRACKETS_AROUND_TITLE.sub("", recorded)
    is_label = _PLACEHOLDER.match(recorded) or _SORT_LABEL.fullmatch(normalise_without_spaces(recorded))
    return "" if is_label or len(recorded) < _MIN_TITLE_CHARACTERS else recorded


def _is_possible_title(line: SetLine) -> bool:
    text = normalise_without_spaces(_OUTER_MARKS.sub("", line.text))
    if (
        len(text) < _MIN_LINE_CHARACTERS
        or len(text) > _MAX_TITLE_CHARACTERS
        or not re.search(r"[ぁ-ヿ一-龥A-Za-z]", text)
    ):
        return False
    if _SORT_LABEL.fullmatch(text) or _LETTERHEAD.search(text) or re.search(r"[。、]$", text):
        return False
    return not _is_date(text)


def _is_date(text: str) -> bool:
    other_text = text
    for mention in reversed(dates(text)):
        other_text = other_text[: mention.start] + other_text[mention.end :]
    is_only_date = other_text != text and _AROUND_DATE.fullmatch(other_text)
    return bool(_DATE_LABEL.match(text) or is_only_date or _YEAR.fullmatch(text))


def _group_title_lines(lines: Sequence[SetLine], evidence: FileEvidence) -> Iterator[list[SetLine]]:
    left, right = _text_margins(lines, evidence)
    full_width = _FULL_LINE * (right - left)
    possible = [line for line in lines if _is_possible_title(line) or _is_edition(line)]
    used: set[int] = set()
    for index, first in enumerate(possible):
        if index in used or not _is_possible_title(first):
            continue
        group = [first]
        for following, line in enumerate(possible[index + 1 :], index + 1):
            if len(group) == _MAX_TITLE_LINES:
                break
            if following not in used and _continues_title(group[-1], line, evidence.body, full_width):
                group.append(line)
                used.add(following)
        yield group


def _is_edition(line: SetLine) -> bool:
    return bool(_EDITION_LINE.fullmatch(normalise_without_spaces(line.text)))


def _continues_title(above: SetLine, below: SetLine, body_size: float, full_width: float) -> bool:
    size = max(above.size, below.size)
    if size > _MAX_SIZE_RATIO * min(above.size, below.size):
        return False
    is_body_size = size < _MAX_SIZE_RATIO * body_size
    if is_body_size and (abs(above.middle - below.middle) > size or below.right - below.left > full_width):
        return False  # lines of body size form one title only when centred
    gap = above.bottom - below.top
    is_adjacent = -size / 2 < gap < _MAX_LINE_GAP * size
    return _overlaps_horizontally(above, below) and is_adjacent and not _names_office(below)


def _names_office(line: SetLine) -> bool:
    return bool(_OFFICE_NAME.search(normalise_without_spaces(line.text)))


def _with_opening_line(group: list[SetLine], lines: Sequence[SetLine]) -> list[SetLine]:
    top = group[0]
    min_size = _MIN_OPENING_SIZE * top.size
    above = [line for line in lines if line.bottom >= top.bottom + top.size / 2 and line.size >= min_size]
    if not above:
        return group
    opening = min(above, key=lambda line: line.bottom)
    is_near = opening.bottom - top.top < _MAX_OPENING_GAP * top.size and _overlaps_horizontally(opening, top)
    is_smaller = opening.size < top.size * _MAX_SIZE_RATIO
    if not is_near or not is_smaller:
        return group
    is_continued = _CONTINUED.search(normalise_without_spaces(opening.text))
    is_opening = is_continued or _is_edition(opening) or (_is_possible_title(opening) and not _names_office(opening))
    return [opening, *group] if is_opening else group


def _overlaps_horizontally(above: SetLine, below: SetLine) -> bool:
    return above.left < below.right and below.left < above.right


def _score_group(group: list[SetLine], lines: Sequence[SetLine], evidence: FileEvidence) -> _TitleCandidate:
    top = group[0]
    size = max(line.size for line in group)
    body_size = evidence.body or top.size
    doublings = min(log2(size / body_size), _MAX_LARGER) if body_size else 0.0
    is_larger = doublings >= _MIN_LARGER
    left, right = _text_margins(lines, evidence)
    is_centred = _is_centred(group, left, right)
    title_lines = _with_opening_line(group, lines) if doublings > _MIN_LARGER else group
    text = _join_title_lines(title_lines)
    compact = normalise_without_spaces(text)
    ends_like_title = _ends_like_title(text)
    is_centred_title = is_centred and size >= body_size * _MIN_CENTRED_SIZE
    has_title_length = _MIN_TITLE_CHARACTERS <= len(compact) <= _MAX_TITLE_CHARACTERS
    features = {
        "doublings of the body's size": doublings,
        "ends like a title": ends_like_title,
        "cover page": evidence.is_cover,
        "centred": is_centred_title,
        "neither centred nor larger": not is_centred_title and not is_larger,
        "upper half of the page": evidence.height > 0 and top.bottom > evidence.height / 2,
        "name of an office": bool(_OFFICE_NAME.search(compact)) and not ends_like_title,
        "full line of body size": not is_larger and top.right - top.left > _FULL_LINE * (right - left),
        "wrong length or a sentence": not has_title_length or _is_sentence(text),
    }
    score = 0.0
    for feature, feature_score in _FEATURE_SCORES.items():
        score += feature_score * features[feature]
    if doublings > _MIN_LARGER and size >= max(line.size for line in lines) - _SIZE_TOLERANCE:
        description = "一番大きい文字"
    else:
        description = "中央の行" if is_centred else "見出しらしい行"
    return _TitleCandidate(text, score, f"{top.page}ページ目の{description}")


def _text_margins(lines: Sequence[SetLine], evidence: FileEvidence) -> tuple[float, float]:
    wide = [line for line in lines if line.right - line.left > evidence.width / 2]
    if len(wide) < _MIN_WIDE_LINES:
        return 0.0, evidence.width
    return median(line.left for line in wide), median(line.right for line in wide)


def _is_centred(group: Sequence[SetLine], left: float, right: float) -> bool:
    width = right - left
    middle = (left + right) / 2
    return width > 0 and all(
        abs(line.middle - middle) < _MAX_OFF_CENTRE * width and line.left > left + _MIN_INDENT * width for line in group
    )


def _ends_like_title(text: str) -> bool:
    without_marks = normalise_without_spaces(_OUTER_MARKS.sub("", text))
    without_additions = _AFTER_TITLE_END.sub("", without_marks)
    return bool(_TITLE_END.search(without_additions) or _TITLE_END.search(normalise_without_spaces(text)))


def _is_sentence(text: str) -> bool:
    return bool(re.search(r"(?:です|ます|である|した|する|ください|こと)[。.]?$|。", normalise_without_spaces(text)))


def _join_title_lines(group: Sequence[SetLine]) -> str:
    """Return the lines of a title as one text, with a space unless a line continues in the next."""
    text = ""
    for line in group:
        part = _OUTER_MARKS.sub("", line.text).strip()
        runs_on = bool(re.search(r"[ぁ-ん・、ー(（「]$", text)) or not text
        text += part if runs_on else f" {part}"
    quoted = _QUOTED.match(text)
    return quoted[1] if quoted else text
