"""Proposes issuer, kind and aliases of a document."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.name_endings import ASSOCIATION, MUNICIPALITY, PREFECTURE
from ingest.japanese.notation import ERA
from ingest.japanese.tokenise import morphemes
from ingest.metadata.amending_titles import RULE_TITLE
from ingest.metadata.proposal.file_evidence import FileEvidence, ProposedValue

_PLAN_WORDS = load_lexicon("plans")
_PLAN = any_of(_PLAN_WORDS["plans"] + _PLAN_WORDS["in_titles"])
_TOWN = rf"[一-龥ヶヵケ々ぁ-んァ-ヴ]{{1,7}}?(?:{PREFECTURE}|{MUNICIPALITY})"
_MINISTRY = r"内閣府|内閣官房|[一-龥]{1,6}[省庁]|[一-龥]{2,5}委員会|人事院|会計検査院"
_LEGAL_FORM = (
    r"(?:独立行政法人|国立研究開発法人|地方独立行政法人|(?:一般|公益)(?:社団|財団)法人|社会福祉法人|学校法人|株式会社)"
)
_OTHER_BODY = (
    rf"{_LEGAL_FORM}[一-龥ァ-ヴー・A-Za-z]{{2,24}}"
    rf"|[一-龥ァ-ヴー・]{{2,20}}(?:協議会|{ASSOCIATION}|研究班|研究会|検討会|広域連合|振興局)"
)
# A town at the end of a line, before other characters than kanji, or before its departments.
_TOWN_OR_ITS_OFFICE = rf"{_TOWN}(?=$|[^一-龥]|[\s一-龥]*(?:[部局課室係長所]|委員会|市長|議会))"
# An issuing body, as a line or its beginning: 沢口市, 沢口市環境課, 〇〇省〇〇局〇〇課長.
_ISSUER = re.compile(rf"(?:{_MINISTRY}|{_TOWN_OR_ITS_OFFICE}|{_OTHER_BODY})")
_NO_TOWN = re.compile(
    r"(?:都市|市町村|[本当同各他全貴]市|市区町村|本[町県]|自治体|全国|都?道府県|県市|市街|地区|区町村|官庁|省庁|府省|[県市本]庁"
    r"|関係省|各省|担当省|[本同]省)$"
)
_ISSUER_LABEL = re.compile(r"^(?:発行者?|編集|編集・発行|作成|策定|発行元|企画・編集|お?問い?合わ?せ先?|担当)[:：]?\s*")
_ADDRESSEE = re.compile(r"(?:殿|様|御中|各位|宛て?)$|^各")
_KINDS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("faq", re.compile(r"Q\s?&\s?A|FAQ|よくある(?:ご)?質問|質疑応答|一問一答|質問と回答", re.IGNORECASE)),
    (
        "meeting",
        re.compile(
            r"議事(?:録|要旨|概要|次第)|会議録|会議資料|第\d+回.*(?:会|会議)"
            r"|(?:委員会|審議会|検討会|協議会|部会|会議|懇談会|研究会)\s*(?:第\d+回|資料|次第)"
        ),
    ),
    ("rule", RULE_TITLE),
    ("plan", re.compile(rf"{_PLAN}|アクション|ロードマップ|展望")),
    (
        "notice",
        re.compile(r"広報|[市町村区]報(?!告)|だより|について$|お知らせ|通知|募集|報道発表|案内$|のご案内|公示|告示"),
    ),
)
_ALIAS_DEFINITION = re.compile(
    r"(?P<before>[^。、()]{2,60})[」』]?\s*\((?:以下|以降)[、,]?\s*[「『](?P<alias>[^「」『』]{2,30})[」』]\s*"
    r"(?:という|と(?:い|称|略|す|記)[^)]{0,8})?。?\)"
)
# Generic short names, which every text uses for itself.
_GENERIC_NAME = re.compile(
    r"^(?:本|当|この|同|各|旧|前|新|現行?|次期)(?!町|市|県)"
    rf"|^(?:{_PLAN}|法|市|町|国|県|省|条例|ガイドライン|要領|要綱)$"
)
# Minimum characters that the end of the title and the words before a short name have in common.
_MIN_COMMON_END = 4
_MAX_ALIASES = 5
# A town in a title, also one that the dictionary lacks: 霧原市 in 霧原市防災訓練のお知らせ.
# Wards are excluded: 防災区域, 通学区.
_TOWN_IN_TITLE = re.compile(r"(?<![一-龥ヶヵケ々])[一-龥ヶヵケ々]{2,5}?[市町村](?!場|街|民|営|道|長|税)")
_TOWN_IN_TEXT = re.compile(r"(?<![一-龥])[一-龥ヶヵケ々]{2,5}[市町村県区](?![一-龥])")
_DEPARTMENT_END = re.compile(r"[部局課室係長所]$")
_YEAR = re.compile(rf"(?:{ERA})?(?:\d+|元)年度?")
_KIND_OF_TOWN = re.compile(f"{PREFECTURE}|{MUNICIPALITY}")
# First lines that are searched for a town.
_FIRST_LINES = 10
# Minimum score of a proposed issuer.
_MIN_SCORE = 1.0
# Minimum score of an issuer that needs no check.
_CERTAIN_SCORE = 2.0
# Minimum count of the issuing town's name in the text.
_MIN_OCCURRENCES = 5
# Displayed characters of a line.
_EXCERPT_CHARACTERS = 24
# Maximum other characters in a line that is only a name.
_MAX_OTHER_CHARACTERS = 2
# Minimum characters of a sentence.
_SENTENCE_CHARACTERS = 30
# First lines that are searched for the kind.
_KIND_LINES = 6
# Lines of the text in which towns are counted.
_COUNTED_LINES = 400
# Scores of a name alone in its line, and in other text.
_ALONE_SCORE = 1.0
_IN_TEXT_SCORE = -1.0
# What each feature of a line adds to the score of the name in it.
_FEATURE_SCORES = {
    "first page": 0.6,
    "label of an issuer": 1.0,
    "author in the metadata": 1.0,
    "right half of the page": 0.4,
    "cover page": 0.6,
}
# Scores of names in other places.
_TITLE_SCORE = 1.8
_AUTHOR_IN_TEXT_SCORE = 2.0
_AUTHOR_SCORE = 1.2
_FREQUENT_NAME_SCORE = 1.1
# What a second place adds to the score of a name.
_CONFIRMATION_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class _IssuerCandidate:
    name: str
    score: float
    source: str


def propose_issuer(evidence: FileEvidence, title: str) -> ProposedValue | None:
    """Return the issuer: a name at a place of issuers, else the first town in title or first lines, unsure.

    None if no town is named there.
    """
    ranked = sorted(_issuer_candidates(evidence, title), key=lambda candidate: -candidate.score)
    if not ranked or ranked[0].score < _MIN_SCORE:
        return _named_town(evidence, title)
    best = ranked[0]
    is_confirmed = any(other.name == best.name and other.source != best.source for other in ranked)
    score = best.score + _CONFIRMATION_SCORE * is_confirmed
    return ProposedValue(best.name, best.source, sure=score >= _CERTAIN_SCORE)


def _named_town(evidence: FileEvidence, title: str) -> ProposedValue | None:
    places = [("題名", title), *(("はじめの行", line.text) for line in evidence.first[:_FIRST_LINES])]
    for place, line in places:
        text = nfkc(line).strip()
        if town := next(_known_towns(text), None):
            return ProposedValue(town, f"{place}の「{text[:_EXCERPT_CHARACTERS]}」", sure=False)
    if (match := _TOWN_IN_TITLE.search(_YEAR.sub(" ", nfkc(title)))) and not _NO_TOWN.search(match[0]):
        return ProposedValue(match[0], "題名", sure=False)
    return None


def _known_towns(text: str) -> Iterator[str]:
    for name, suffix in pairwise(morphemes(text)):
        if "地名" in name.pos and _KIND_OF_TOWN.fullmatch(suffix.surface):
            yield f"{name.surface}{suffix.surface}"


def _issuer_candidates(evidence: FileEvidence, title: str) -> Iterator[_IssuerCandidate]:
    author = _author(evidence)
    yield from _printed_issuers(evidence, title, author)
    compact_title = normalise_without_spaces(title)
    if (town := _office_name(compact_title)) and compact_title.startswith(town):
        yield _IssuerCandidate(town, _TITLE_SCORE, "題名のはじめ")
    if author:
        is_in_text = author in normalise_without_spaces("".join(evidence.text))
        score = _AUTHOR_IN_TEXT_SCORE if is_in_text else _AUTHOR_SCORE
        yield _IssuerCandidate(author, score, "PDF の属性（作成者）")
    counts = Counter(name for line in evidence.text[:_COUNTED_LINES] for name in _towns(line))
    for name, count in counts.most_common(1):
        if count >= _MIN_OCCURRENCES:
            yield _IssuerCandidate(name, _FREQUENT_NAME_SCORE, f"本文にいちばん多い名前（{count}回）")


def _author(evidence: FileEvidence) -> str | None:
    recorded = nfkc(evidence.metadata.get("Author", ""))
    name = _office_name(recorded)
    return name if name == normalise_without_spaces(recorded) else None


def _printed_issuers(evidence: FileEvidence, title: str, author: str | None) -> Iterator[_IssuerCandidate]:
    compact_title = normalise_without_spaces(title)
    places = [(True, line) for line in evidence.first] + [(False, line) for line in evidence.last]
    for is_first_page, line in places:
        line_text = nfkc(line.text).strip()
        text = normalise_without_spaces(_ISSUER_LABEL.sub("", line_text))
        name = _office_name(text)
        if not name or _ADDRESSEE.search(text) or (text != name and text in compact_title):
            continue
        features = {
            "first page": is_first_page,
            "label of an issuer": bool(_ISSUER_LABEL.match(line_text)),
            "author in the metadata": name == author,
            "right half of the page": evidence.width > 0 and line.left > evidence.width / 2,
            "cover page": evidence.is_cover and line.page == 1,
        }
        is_alone = len(text) - len(name) <= _MAX_OTHER_CHARACTERS or bool(_DEPARTMENT_END.search(text))
        score = _ALONE_SCORE if is_alone and len(text) < _SENTENCE_CHARACTERS else _IN_TEXT_SCORE
        for feature, feature_score in _FEATURE_SCORES.items():
            score += feature_score * features[feature]
        place = f"{line.page}ページ目" if line.size else "本文"
        yield _IssuerCandidate(name, score, f"{place}の「{line_text[:_EXCERPT_CHARACTERS]}」")


def _office_name(text: str) -> str | None:
    match = _ISSUER.match(text)
    return match[0] if match and not _NO_TOWN.search(match[0]) else None


def _towns(line: str) -> Iterator[str]:
    for match in _TOWN_IN_TEXT.finditer(nfkc(line)):
        if not _NO_TOWN.search(match[0]):
            yield match[0]


def propose_kind(evidence: FileEvidence, title: str) -> ProposedValue:
    """Return the kind by the title, else by the first lines, else `other`."""
    for kind, pattern in _KINDS:
        if pattern.search(nfkc(title)):
            return ProposedValue(kind, "題名から", sure=True)
    beginning = " ".join(nfkc(line.text) for line in evidence.first[:_KIND_LINES])
    for kind, pattern in _KINDS[:2]:
        if pattern.search(beginning):
            return ProposedValue(kind, "1ページ目から", sure=False)
    return ProposedValue("other", "題名からは分かりませんでした", sure=False)


def propose_aliases(evidence: FileEvidence, title: str) -> ProposedValue | None:
    """Return the short names that the text defines for the document: 沢口市緑の基本計画（以下「緑の計画」という。）."""
    text = "".join(nfkc(line).strip() for line in evidence.text)
    compact_title = normalise_without_spaces(title)
    aliases: list[str] = []
    for match in _ALIAS_DEFINITION.finditer(text):
        alias = match["alias"].strip()
        if _GENERIC_NAME.search(alias) or normalise_without_spaces(alias) == compact_title or alias in aliases:
            continue
        if _ends_like_title(normalise_without_spaces(match["before"]), compact_title):
            aliases.append(alias)
    if not aliases:
        return None
    return ProposedValue(aliases[:_MAX_ALIASES], "本文の「（以下「…」という。）」", sure=len(aliases) == 1)


def _ends_like_title(text: str, compact_title: str) -> bool:
    words = text.rpartition("「")[2]
    longest = min(len(words), len(compact_title))
    common = next((length for length in range(longest, 0, -1) if words.endswith(compact_title[-length:])), 0)
    return common >= _MIN_COMMON_END and common * 2 >= len(compact_title)
