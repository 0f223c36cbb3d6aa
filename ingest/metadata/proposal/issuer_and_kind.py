"""Proposes issuer, kind and aliases of a document."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.name_endings import ASSOCIATION, MUNICIPALITY, PREFECTURE
from ingest.japanese.notation import ERA
from ingest.japanese.tokenise import morphemes
from ingest.metadata.amending_titles import RULE_TITLE
from ingest.metadata.proposal.file_evidence import FileEvidence, ProposedValue

# An issuing body, as a line or its beginning: 沢口市, 沢口市環境課, 〇〇省〇〇局〇〇課長.
_PLANS = load_lexicon("plans")
_PLAN = any_of(_PLANS["plans"] + _PLANS["in_titles"])
_TOWN = rf"[一-龥ヶヵケ々ぁ-んァ-ヴ]{{1,7}}?(?:{PREFECTURE}|{MUNICIPALITY})"
_MINISTRY = r"内閣府|内閣官房|[一-龥]{1,6}[省庁]|[一-龥]{2,5}委員会|人事院|会計検査院"
_BODY = (
    r"(?:独立行政法人|国立研究開発法人|地方独立行政法人|(?:一般|公益)(?:社団|財団)法人|社会福祉法人|学校法人|株式会社)[一-龥ァ-ヴー・A-Za-z]{2,24}"
    rf"|[一-龥ァ-ヴー・]{{2,20}}(?:協議会|{ASSOCIATION}|研究班|研究会|検討会|広域連合|振興局)"
)
_ISSUER = re.compile(rf"(?:{_MINISTRY}|{_TOWN}(?=$|[^一-龥]|[\s一-龥]*(?:[部局課室係長所]|委員会|市長|議会))|{_BODY})")
_NO_TOWN = re.compile(
    r"(?:都市|市町村|[本当同各他全貴]市|市区町村|本[町県]|自治体|全国|都?道府県|県市|市街|地区|区町村|官庁|省庁|府省|[県市本]庁"
    r"|関係省|各省|担当省|[本同]省)$"
)
_BY = re.compile(r"^(?:発行者?|編集|編集・発行|作成|策定|発行元|企画・編集|お?問い?合わ?せ先?|担当)[:：]?\s*")
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
_CALLED = re.compile(
    r"(?P<before>[^。、()]{2,60})[」』]?\s*\((?:以下|以降)[、,]?\s*[「『](?P<alias>[^「」『』]{2,30})[」』]\s*"
    r"(?:という|と(?:い|称|略|す|記)[^)]{0,8})?。?\)"
)
# Generic short names, which every text uses for itself.
_GENERIC = re.compile(
    r"^(?:本|当|この|同|各|旧|前|新|現行?|次期)(?!町|市|県)"
    rf"|^(?:{_PLAN}|法|市|町|国|県|省|条例|ガイドライン|要領|要綱)$"
)
_LONGEST_SHARED = 4
_MOST_ALIASES = 5
# A town in a title, also one that the dictionary lacks: 霧原市 in 霧原市防災訓練のお知らせ.
# Wards are excluded: 防災区域, 通学区.
_TOWN_IN_TITLE = re.compile(r"(?<![一-龥ヶヵケ々])[一-龥ヶヵケ々]{2,5}?[市町村](?!場|街|民|営|道|長|税)")
_YEAR = re.compile(rf"(?:{ERA})?(?:\d+|元)年度?")
_KIND_OF_TOWN = re.compile(f"{PREFECTURE}|{MUNICIPALITY}")
# First lines that are searched for a town.
_FIRST_LINES = 10
# Minimum score of a proposed issuer.
_LEAST = 1.0
# Minimum score of an issuer that needs no check.
_SURE = 2.0
# Minimum count of the issuing town's name in the text.
_OFTEN = 5
# Displayed characters of a line.
_EXCERPT = 24
# Maximum other characters in a line that is only a name.
_OTHER_TEXT = 2
# Minimum characters of a sentence.
_SENTENCE = 30


def issuer(evidence: FileEvidence, title: str) -> ProposedValue | None:
    """Return the issuer: a name where issuers are printed, else the first town in title or first lines, unsure.

    None if no town is named there.
    """
    ranked = sorted(_issuers(evidence, title), key=lambda candidate: -candidate[0])
    if not ranked or ranked[0][0] < _LEAST:
        return _town_named(evidence, title)
    score, name, source = ranked[0]
    is_confirmed = any(other == name and where != source for _, other, where in ranked)
    return ProposedValue(name, source, sure=score + 0.5 * is_confirmed >= _SURE)


def _town_named(evidence: FileEvidence, title: str) -> ProposedValue | None:
    for where, line in (("題名", title), *(("はじめの行", line.text) for line in evidence.first[:_FIRST_LINES])):
        text = nfkc(line).strip()
        if town := next(_known_towns(text), None):
            return ProposedValue(town, f"{where}の「{text[:_EXCERPT]}」", sure=False)
    if (match := _TOWN_IN_TITLE.search(_YEAR.sub(" ", nfkc(title)))) and not _NO_TOWN.search(match[0]):
        return ProposedValue(match[0], "題名", sure=False)
    return None


def _known_towns(text: str) -> Iterator[str]:
    """Yield the towns in the dictionary: a place name followed by the kind of municipality."""
    for name, suffix in pairwise(morphemes(text)):
        if "地名" in name.pos and _KIND_OF_TOWN.fullmatch(suffix.surface):
            yield f"{name.surface}{suffix.surface}"


def _issuers(evidence: FileEvidence, title: str) -> Iterator[tuple[float, str, str]]:
    recorded = nfkc(evidence.metadata.get("Author", ""))
    author = _office_name(recorded) if normalise_without_spaces(recorded) == (_office_name(recorded) or "") else None
    for lines, bonus in ((evidence.first, 0.6), (evidence.last, 0.0)):
        for line in lines:
            text = normalise_without_spaces(_BY.sub("", nfkc(line.text).strip()))
            name = _office_name(text)
            if not name or _ADDRESSEE.search(text) or (text != name and text in normalise_without_spaces(title)):
                continue
            is_alone = len(text) - len(name) <= _OTHER_TEXT or bool(re.search(r"[部局課室係長所]$", text))
            score = bonus + (1.0 if is_alone and len(text) < _SENTENCE else -1.0)
            score += bool(_BY.match(nfkc(line.text).strip())) + (name == author)
            score += 0.4 if evidence.width and line.left > evidence.width / 2 else 0.0
            score += 0.6 if evidence.is_cover and line.page == 1 else 0.0
            where = f"{line.page}ページ目" if line.size else "本文"
            yield score, name, f"{where}の「{nfkc(line.text).strip()[:_EXCERPT]}」"
    if (town := _office_name(normalise_without_spaces(title))) and normalise_without_spaces(title).startswith(town):
        yield 1.8, town, "題名のはじめ"
    if author:
        text = normalise_without_spaces("".join(evidence.text))
        yield (2.0 if author in text else 1.2), author, "PDF の属性（作成者）"
    counts = Counter(name for line in evidence.text[:400] for name in _towns(line))
    if counts and counts.most_common(1)[0][1] >= _OFTEN:
        name, times = counts.most_common(1)[0]
        yield 1.1, name, f"本文にいちばん多い名前（{times}回）"


def _office_name(text: str) -> str | None:
    """Return the office at the beginning of a line, without its department."""
    match = _ISSUER.match(text)
    return match[0] if match and not _NO_TOWN.search(match[0]) else None


def _towns(line: str) -> Iterator[str]:
    for match in re.finditer(r"(?<![一-龥])[一-龥ヶヵケ々]{2,5}[市町村県区](?![一-龥])", nfkc(line)):
        if not _NO_TOWN.search(match[0]):
            yield match[0]


def kind(evidence: FileEvidence, title: str) -> ProposedValue:
    """Return the kind by the title, else by the first lines, else `other`."""
    for name, form in _KINDS:
        if form.search(nfkc(title)):
            return ProposedValue(name, "題名から", sure=True)
    head = " ".join(nfkc(line.text) for line in evidence.first[:6])
    for name, form in _KINDS[:2]:
        if form.search(head):
            return ProposedValue(name, "1ページ目から", sure=False)
    return ProposedValue("other", "題名からは分かりませんでした", sure=False)


def aliases(evidence: FileEvidence, title: str) -> ProposedValue | None:
    """Return the short names that the text defines for the document: 沢口市緑の基本計画（以下「緑の計画」という。）."""
    text = "".join(nfkc(line).strip() for line in evidence.text)
    own, names = normalise_without_spaces(title), []
    for match in _CALLED.finditer(text):
        before, alias = normalise_without_spaces(match["before"]), match["alias"].strip()
        if _GENERIC.search(alias) or normalise_without_spaces(alias) == own:
            continue
        if _ends_alike(before, own) and alias not in names:
            names.append(alias)
    return (
        ProposedValue(names[:_MOST_ALIASES], "本文の「（以下「…」という。）」", sure=len(names) == 1) if names else None
    )


def _ends_alike(before: str, own: str) -> bool:
    """Whether the words before a bracket are the title or its end."""
    before = before.rpartition("「")[2]
    shared = next((n for n in range(min(len(before), len(own)), 0, -1) if before.endswith(own[-n:])), 0)
    return shared >= _LONGEST_SHARED and shared * 2 >= len(own)
