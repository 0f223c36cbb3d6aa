"""Whether a piece names a member of the class that a question asks for one of: どの地区, どこの学校, ブランドはどれ."""

import re
from functools import lru_cache

from bot.find.evidence import Evidence
from ingest.normalise import nfkc

_CLASS = re.compile(
    r"(?:どこの|(?<!な)どの|何という|なんという|何の)(?P<which>(?!何)[一-龥ァ-ヶー]{2,6}+(?!でも(?!ら))|[町村県国駅島](?![一-龥]))"
    r"|(?P<named>[一-龥ァ-ヶー]{2,6})は(?:どれ|どことどこ)(?:です|でしょう|になり|$|[?。])"
)
# What is no class of things with names of their own: measures, places; papers are found by their titles.
_NO_CLASS = re.compile(
    r"(?:程度|年度|時期|時点|時間|期間|段階|場合|場所|方法|会場|部分|意味|目的|理由|名前|名称|役割|担当|仕事|責任|もの|こと)$"
    r"|(?:計画|プラン|戦略|指針|方針|資料|文書)$|^程度"
    # Bodies, houses and papers each have a name of their own kind: the 窓口 is a 税務課, the 施設 a 体育館.
    r"|(?:窓口|部署|施設|団体|組織|機関|会社|業者|建物|書類|手続|曜日|人物)$"
)
# What stands before the class in a text without naming a member of it.
_NO_NAME = re.compile(r"(?:各|全|同|両|他|当|本|次|対象|複数|すべての|[\d一二三四五六七八九十])$")
# How a name is read stands between it and its class: 北入(きたいり)地区.
_READING = re.compile(r"\([ぁ-ゖー・\s]{1,16}\)")
_LETTERS = r"[一-龥々ァ-ヶーA-Za-z\d]"


@lru_cache(maxsize=1_000)
def class_asked(question: str) -> str:
    """Return the class of which normalised `question` asks for a member (地区), or an empty string."""
    match = _CLASS.search(question)
    name = (match["which"] or match["named"]) if match else ""
    return "" if _NO_CLASS.search(name) else name


def names_member(evidence: Evidence, of: str) -> bool:
    """Whether the piece names one: in quotes, as a compound that ends in the class, or under a head that is it."""
    heads = (*(cell.column for cell in evidence.passage.cells), evidence.lead, *evidence.passage.path[-2:])
    if "「" in evidence.normal or any(of in nfkc(head) for head in heads):
        return True
    said = _READING.sub("", evidence.normal)
    before = (match[1] for match in re.finditer(rf"({_LETTERS}+){re.escape(of)}", said))
    return any(not _NO_NAME.search(name) for name in before)
