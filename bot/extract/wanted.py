"""What a question wants, closer than its kind: how it asks, for which noun, in which place of the sentence."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.understand.asked import Asked
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes

_COUNTERS = (
    "[%人つ回度個本台歳倍円名隻機位番件代万億千百匹頭点]|パーセント|か[国月所]|カ国|年間|時間|分|秒|日間|種類|世紀"
    "|[mkt]|キロ|メートル|ドル"
)
# The ways of asking; the first that is found decides, its last occurrence counts.
_WAYS = tuple(
    (way, re.compile(wording))
    for way, wording in (
        ("year", r"何年(?!間)"),
        ("day", r"何月|何日(?!間)"),
        ("when", r"いつ"),
        ("who", r"誰|だれ|どなた|何者"),
        ("which of", r"どちら|どっち|どれ(?!くらい|ぐらい|ほど|だけ)"),
        ("where", r"どこ"),
        ("why", r"なぜ|なんで(?!す|しょ)|どうして|何故"),
        ("amount", rf"いくつ|いくら|ど(?:の|れ)(?:くらい|ぐらい|程度)|どれ(?:ほど|だけ)|何(?:{_COUNTERS})"),
        ("how", r"どのように|どうやって|どう"),
        ("called", r"何(?:と|という|って)"),
        ("which", r"何の|どの|どんな|どういう|何[一-龥ァ-ヶA-Za-z]"),
        ("what", r"何|なに|なん"),
    )
)
_NOUN = r"[一-龥々ァ-ヶーA-Za-z0-9]+"
_NOUN_BEHIND = re.compile(
    rf"(?:何という|何の|どの(?:ような|よう)?|どんな|どういう(?:ような)?|どういった|どこの)((?:{_NOUN}|の(?=[一-龥]))+)"
    r"|何((?![年月日人])[一-龥ァ-ヶーA-Za-z]{1,8})"
)
_NOUN_BEFORE = re.compile(rf"({_NOUN})(?:とは|って|は|が|も|、|,)*\s*(?:主に|一体)?$")
_NOUN_AT_END = re.compile(rf"({_NOUN})(?:とは|って|は|を|が)?(?:です)?[か。?\s]*$")
_CASES = frozenset({"を", "が", "に", "で", "へ", "から", "まで", "より"})
# What the noun that is asked for tells of the answer; the end of a Japanese compound is its head.
_HEADS = tuple(
    (kind, re.compile(rf"(?:{ends})$"))
    for kind, ends in (
        ("person", r"人物?|者|家|王|帝|長|氏|士|大臣|師|官|手|監督|父|母|妻|夫|子|娘|兄|弟|役"),
        ("place", r"国|県|市|町|村|地|場所?|州|地域|地方|島|川|山|都|府|区|所|城|寺|駅|港|海"),
        ("year", r"年"),
        ("time", r"日|月|時期?|年代|世紀|時代"),
        ("amount", r"[数率量額値]|割合|人口|面積|長さ|高さ|距離|期間|速度|温度|重さ|年齢"),
        ("reason", r"理由|原因|目的|要因|きっかけ"),
        ("body", r"会社|企業|団体|機関|組織|大学|[党軍社局省会]"),
        ("title", r"言葉|名前?|名称|呼称|[語曲書法]|タイトル|作品|映画|本|条約"),
    )
)
# …and the interrogative that it stands for: 橋が架かった年は? is 橋が架かったのは何年?
_ASKED_BY = {
    "person": "who",
    "place": "where",
    "year": "year",
    "time": "when",
    "amount": "amount",
    "reason": "why",
}
_CHOICE = re.compile(r"どちら|どっち|どれ|のうち|の中で")
# What joins the options of a choice, what stands before the first of them, and behind the last.
_JOINTS, _BEFORE_FIRST, _BEHIND_LAST = ("、", "と", "や", "か"), "はの「", ("の", "で", "は")
# The noun that is asked for rarely stands beside its answer as it does beside the question.
_HALF = 0.5


@dataclass(frozen=True)
class Wanted:
    """A question as the search for its answer needs it.

    `way` is how it asks ("none" where neither an interrogative nor the noun asked for tells), `head` that noun,
    `head_kind` what its end tells, `particle` what stands behind the interrogative. `words` are the content words with
    their weights, `predicate`, `before` and `after` those of the topic's predicate and beside the interrogative.
    """

    asked: Asked
    way: str
    head: str
    head_kind: str
    unit: str
    particle: str
    words: dict[str, float]
    predicate: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]

    @property
    def is_choice(self) -> bool:
        """Whether the question names the answers to choose from."""
        return bool(_CHOICE.search(self.asked.text))

    def offers(self, answer: str) -> bool:
        """Whether the question names `answer` as one to choose from (AとBのどちら)."""
        text = self.asked.text.replace(" ", "")
        start = text.find(answer) if self.is_choice else -1
        if start < 0:
            return False
        before, end = text[max(0, start - 1) : start], start + len(answer)
        goes_on, comes_last = text.startswith(_JOINTS, end), text.startswith(_BEHIND_LAST, end)
        return (goes_on and before in _BEFORE_FIRST) or ((goes_on or comes_last) and before in _JOINTS)


def want(asked: Asked, rarity: Callable[[str], float]) -> Wanted:
    """Return what `asked` wants; `rarity` weighs a word in normal form (its idf)."""
    text = asked.text
    way, place = _way(text)
    ms = morphemes(text)
    particle = _particle(ms, place)
    head = _head(text, place, particle)
    head_kind = next((kind for kind, pattern in _HEADS if pattern.search(head)), "other") if head else ""
    content = [m for m in ms if m.is_content and m.normal not in LIGHT_WORDS and not m.normal.startswith("何")]
    words = {m.normal.lower(): rarity(m.normal.lower()) for m in content}
    verbs = {m.normal for m in morphemes(text, "C") if m.pos[0] == "動詞"} - LIGHT_WORDS
    words |= {verb: rarity(verb) for verb in verbs if verb not in words}
    words |= {m.normal.lower(): words[m.normal.lower()] * _HALF for m in content if m.surface and m.surface in head}
    return Wanted(
        asked,
        _ASKED_BY.get(head_kind, way) if way in {"none", "what"} else way,
        head,
        head_kind,
        asked.unit or _counter(text, place),
        particle,
        words,
        frozenset(_predicate(ms)),
        frozenset(m.normal.lower() for m in [m for m in content if m.end <= place.start][-2:]),
        frozenset(m.normal.lower() for m in [m for m in content if m.start >= place.stop][:2]),
    )


def _way(text: str) -> tuple[str, range]:
    """Return how the question asks, and where."""
    for way, pattern in _WAYS:
        if found := list(pattern.finditer(text)):
            return way, range(*found[-1].span())
    return "none", range(len(text), len(text))


def _particle(ms: Sequence[Morpheme], place: range) -> str:
    """Return the particle behind the interrogative and its noun (どの国が), or an empty string."""
    behind = next((m for m in ms if place and m.start >= place.stop and not m.is_noun), None)
    return behind.surface if behind and behind.pos[0] == "助詞" and behind.surface != "か" else ""


def _head(text: str, place: range, particle: str) -> str:
    """Return the noun asked for: どの国, 何語, 国はどこ, …した国は; an empty string where there is none."""
    if not place:
        match = _NOUN_AT_END.search(text)
        return match[1] if match else ""
    if match := _NOUN_BEHIND.match(text, place.start):
        return match[1] or match[2]
    match = _NOUN_BEFORE.search(text[: place.start]) if particle not in _CASES else None
    return match[1] if match else ""


def _counter(text: str, place: range) -> str:
    match = re.compile(r"何([一-龥ァ-ヶA-Za-z%]+)").match(text, place.start)
    return match[1] if match else ""


def _predicate(ms: Sequence[Morpheme]) -> list[str]:
    """Return the last predicate before は (…を設計したのは誰), or else the last one."""
    found: list[str] = []
    for m in ms:
        if (m.pos[0] == "動詞" or m.pos[2:3] == ("サ変可能",)) and m.normal not in LIGHT_WORDS:
            found = [m.normal.lower()]
        if found and m.surface == "は":
            break
    return found
