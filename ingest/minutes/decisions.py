"""Finds the matters of a meeting, and what was decided: outcomes, votes and agreed proposals."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.minutes.model import Decision, Sentence, Speech

# The chair opens a matter: 議案第5号、…についてを議題とします; 次に、(2)…に移ります.
_OPENS = re.compile(
    r"(?P<item>(?:議案|陳情|請願|報告|発議|意見書案?|諮問|同意|認定|承認|日程|議題|協議事項|案件)[^。]{0,80}?|[^。、]{2,60}?)"
    r"(?:(?:の件|について)?を(?:一括)?(?:議題と|上程)"
    r"|(?:の件|について)?(?:の(?:審議|協議|審査|説明))?[にへ](?:入り|移り))"
)
_BEFORE_ITEM = re.compile(r"^(?:次に|続いて|続きまして|それでは|では|これより)、?")
_PROCEDURE = re.compile(r"^(?:[^。]{0,6}(?:討論|採決|質疑|休憩|審議|審査|表決|議事|説明))$")
_DEBATE = re.compile(r"討論(?:に入|を(?:行|許|始))")
_NUMBER = re.compile(r"第(\d+)号|(?:議題|議事|案件|協議事項|報告事項|議案)\s*[(第]?(\d+)|(?:^|(?<=[\s・]))\((\d+)\)")
# Characters of an entry of the agenda; a longer line is none.
_MAX_ENTRY_LENGTH = 80


_LEXICON = load_lexicon("minutes")
_OUTCOME = re.compile(any_of(_LEXICON["outcome"]))
_COUNTED_VOTES = (
    r"(?:賛成|反対|挙手|起立|可とする|否とする)[^。、\d]{0,6}\d+\s*(?:名|人|票)",
    r"\d+\s*(?:名|人|票)(?:の)?(?:賛成|反対)",
    r"(?:賛成|反対|可|否|保留|棄権|白票)\s*\d+(?!\d*[号条項番年月日回])",
    r"\d+\s*対\s*\d+",
)
_VOTE = re.compile(any_of((*_LEXICON["vote"], *_COUNTED_VOTES)))
# A sentence that asks for a decision instead of stating it.
_PROPOSAL = re.compile(r"か[。?？]?[)）]?$|お諮り|諮り|求めます|願います|よろしい|いかが|採決し(?:ます|たい)|採決に")
_AGREEMENT = re.compile(r"異議なし|異議(?:は)?な[いく]|賛成|全会一致|全員|多数|了承|はい")
_PROPOSAL_WITH_AGREEMENT = re.compile(r"か。?\s*[(〔「][^)〕」]*(?:異議なし|了承|賛成|はい)")
_HEADING_OF_DECISIONS = re.compile(r"決定(?:事項|内容)|結果$|結論|まとめ$|審議結果|議決")
# A sentence ends in what was decided, it does not only mention it.
_STATED_OUTCOME = re.compile(rf"{_OUTCOME.pattern}(?:|[^。、]{{0,14}}(?:た|る|す|もの|方向))(?:[。(（)）]|$)")
_RESULT_OF_VOTE = re.compile(r"(?:により|で(?:す|あり)|と認め|につき|をもって)")
_REMARK_MARKS = ("(", "〔", "[", "【")
# Characters of a proposal (よろしいですか。) about the sentence before it.
_MAX_SHORT_PROPOSAL = 14


def with_matters(speeches: Sequence[Speech], title: str) -> Iterator[Speech]:
    """Yield the speeches with their matter: headings without the document's `title`, and what the chair opened last."""
    opened = debate = ""
    for speech in speeches:
        item = speech.item.replace(title, "").strip()
        yield replace(speech, item=" ".join(filter(None, (item, "" if opened in item else opened, debate))))
        for sentence in () if speech.is_by_member else speech.sentences:
            text = nfkc(sentence.text)
            if matter := opened_matter(text):
                opened, debate = matter, ""
            if _DEBATE.search(text):
                debate = "討論"
            elif "採決" in text:
                debate = ""


def opened_matter(sentence: str) -> str:
    """Return the matter that a sentence opens, "" for none; a part of the procedure (採決) is no matter."""
    match = _OPENS.search(sentence)
    item = _BEFORE_ITEM.sub("", match["item"]).strip(" 、") if match else ""
    return "" if _PROCEDURE.search(item) else item


def find_decisions(speeches: Sequence[Speech], passages: Sequence[Passage]) -> Iterator[Decision]:
    """Yield the decisions in order, each matter's last statement of an outcome, with the discussion before it."""
    numbered = _list_numbered(speeches)
    first = 0
    for n, decision in _merge(_DecisionReader(passages).read(speeches)):
        numbers = (match[match.lastindex or 0] for match in _NUMBER.finditer(nfkc(f"{decision.text} {decision.item}")))
        items = (*(numbered[number] for number in numbers if number in numbered), decision.item)
        section = passages[speeches[n].sentences[0].passage].path[:1]
        discussed = (i for i in range(first, n) if passages[speeches[i].sentences[0].passage].path[:1] == section)
        yield replace(decision, item=" ".join(dict.fromkeys(items)), context=tuple(discussed))
        first = n


def _list_numbered(speeches: Sequence[Speech]) -> dict[str, str]:
    """Return the matters by their numbers, as headings and the agenda name them."""
    unspoken = (sentence for speech in speeches if speech.person is None for sentence in speech.sentences)
    lines = [nfkc(sentence.text) for sentence in unspoken if "。" not in sentence.text]
    names = (*(speech.item for speech in speeches), *(line for line in lines if len(line) < _MAX_ENTRY_LENGTH))
    return {match[match.lastindex or 0]: name for name in sorted(names, key=len) if (match := _NUMBER.search(name))}


class _DecisionReader:
    """Reads the sentences of a meeting; votes and a proposal wait for the decision after them."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._votes: list[Sentence] = []
        self._proposed: list[Sentence] = []
        self._item = ""
        self._opened = ""

    def read(self, speeches: Iterable[Speech]) -> Iterator[tuple[int, Decision]]:
        """Yield the decisions with the numbers of the speeches that end with them."""
        for n, speech in enumerate(speeches):
            if speech.is_by_member and speech.person and speech.person.label:
                continue
            previous: Sentence | None = None
            for sentence in speech.sentences:
                if decision := self._take(sentence, previous, speech):
                    self._votes = list(decision.sentences[-1:])
                    self._proposed = []
                    yield n, decision
                previous = sentence

    def _take(self, sentence: Sentence, previous: Sentence | None, speech: Speech) -> Decision | None:
        """Return the decision that a sentence completes."""
        text = nfkc(sentence.text)
        opened = opened_matter(text)
        self._opened = opened or (self._opened if speech.item == self._item else "")
        self._item = speech.item
        if opened:
            self._votes = []
            self._proposed = []
        elif text.startswith(_REMARK_MARKS):
            if self._proposed and _AGREEMENT.search(text):
                return self._decide((*self._proposed, sentence), agreement=text)
            if _VOTE.search(text):
                self._votes.append(sentence)
        elif _PROPOSAL_WITH_AGREEMENT.search(text):
            return self._decide((sentence,))
        elif _PROPOSAL.search(text):
            is_short = len(text) <= _MAX_SHORT_PROPOSAL
            is_about_previous = previous is not None and is_short and previous.is_near(sentence)
            self._proposed = [previous, sentence] if previous and is_about_previous else [sentence]
        elif self._states_outcome(text, speech):
            return self._decide((*(vote for vote in self._votes if vote.is_near(sentence)), sentence))
        elif _VOTE.search(text):
            self._votes.append(sentence)
        return None

    def _decide(self, sentences: tuple[Sentence, ...], *, agreement: str = "") -> Decision:
        item = self._item if self._opened in self._item else f"{self._item} {self._opened}".strip()
        stating = sentences[:-1] if agreement else sentences[-1:]
        outcomes = _OUTCOME.findall(nfkc(" ".join(sentence.text for sentence in stating)))
        votes = (match[0] for sentence in sentences for match in _VOTE.finditer(nfkc(sentence.text)))
        return Decision(sentences, item, outcomes[-1] if outcomes else "", "、".join(votes) or agreement)

    def _states_outcome(self, text: str, speech: Speech) -> bool:
        heading = self._passages[speech.sentences[0].passage].path[-1:]
        is_result = speech.person is None and any(map(_HEADING_OF_DECISIONS.search, heading))
        is_result_of_vote = speech.person is not None and _VOTE.search(text) and _RESULT_OF_VOTE.search(text)
        return bool(_STATED_OUTCOME.search(text) or is_result_of_vote or (is_result and text.endswith("。")))


def _merge(decisions: Iterable[tuple[int, Decision]]) -> Iterator[tuple[int, Decision]]:
    """Yield the decisions, a proposal or vote together with the outcome that follows it."""
    pending: tuple[int, Decision] | None = None
    for n, decision in decisions:
        if pending and pending[1].item == decision.item and pending[1].outcome in {"", decision.outcome}:
            before = (sentence for sentence in pending[1].sentences if sentence.is_near(decision.sentences[0]))
            sentences = tuple(dict.fromkeys((*before, *decision.sentences)))
            pending = n, replace(decision, sentences=sentences, vote=decision.vote or pending[1].vote)
            continue
        yield from [pending] if pending else []
        pending = n, decision
    yield from [pending] if pending else []
