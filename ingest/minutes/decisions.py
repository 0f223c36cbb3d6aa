"""Finds the matters of a meeting, and what was decided: outcomes, votes and agreed proposals."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.japanese import nfkc
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.sentences import split_document_sentences
from ingest.minutes.model import PassageSpan, Speech, sentence_spans
from ingest.minutes.people import SpeakerRole

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
# Characters between a vote and the decision after it.
_MAX_DISTANCE = 80
# Characters of a proposal (よろしいですか。) about the sentence before it.
_MAX_SHORT_PROPOSAL = 14


def with_matters(speeches: Sequence[Speech], title: str) -> Iterator[Speech]:
    """Yield the speeches with their matter: headings without the document's `title`, and what the chair opened last."""
    opened = ""
    debate = ""
    for speech in speeches:
        item = speech.item.replace(title, "").strip()
        yield replace(speech, item=" ".join(filter(None, (item, "" if opened in item else opened, debate))))
        if speech.person is None or speech.person.role is not SpeakerRole.MEMBER:
            for sentence in split_document_sentences(nfkc(speech.text)):
                if matter := opened_matter(sentence):
                    opened = matter
                    debate = ""
                if _DEBATE.search(sentence):
                    debate = "討論"
                elif "採決" in sentence:
                    debate = ""


def opened_matter(sentence: str) -> str:
    """Return the matter that a sentence opens, "" for none; a part of the procedure (採決) is no matter."""
    match = _OPENS.search(sentence)
    item = _BEFORE_ITEM.sub("", match["item"]).strip(" 、") if match else ""
    return "" if _PROCEDURE.search(item) else item


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided.

    Attributes:
        spans: the words that state it, with the vote before them.
        item: the matter that it is about.
        outcome: the word of the outcome (可決), "" if only a proposal met with agreement.
        vote: how it was voted, "" if unknown.
        discussion: the words since the decision before it.
    """

    spans: tuple[PassageSpan, ...]
    item: str
    outcome: str
    vote: str = ""
    discussion: str = ""

    @property
    def text(self) -> str:
        """The words as written."""
        return " ".join(span.text.strip() for span in self.spans)


def find_decisions(speeches: Sequence[Speech]) -> list[Decision]:
    """Return the decisions in order: each matter's last statement of an outcome."""
    numbered = _list_numbered(speeches)
    decisions = list[Decision]()
    for decision in _merge(_DecisionReader().read(speeches)):
        numbers = (match[match.lastindex or 0] for match in _NUMBER.finditer(nfkc(f"{decision.text} {decision.item}")))
        items = (*(numbered[number] for number in numbers if number in numbered), decision.item)
        decisions.append(replace(decision, item=" ".join(dict.fromkeys(items))))
    return list(_with_discussions(decisions, speeches))


def _list_numbered(speeches: Sequence[Speech]) -> dict[str, str]:
    """Return the matters by their numbers, as headings and the agenda name them."""
    names = [speech.item for speech in speeches]
    for speech in speeches:
        if speech.person is None:
            lines = (nfkc(span.text).strip() for span in sentence_spans(speech))
            names += (line for line in lines if len(line) < _MAX_ENTRY_LENGTH and "。" not in line)
    return {match[match.lastindex or 0]: name for name in sorted(names, key=len) if (match := _NUMBER.search(name))}


class _DecisionReader:
    """Reads the sentences of a meeting; votes and a proposal wait for the decision after them."""

    def __init__(self) -> None:
        self._votes: list[PassageSpan] = []
        self._proposed: PassageSpan | None = None
        self._item = ""
        self._opened = ""

    def read(self, speeches: Iterable[Speech]) -> Iterator[Decision]:
        for speech in speeches:
            if speech.person and speech.person.role is SpeakerRole.MEMBER and speech.person.label:
                continue
            previous: PassageSpan | None = None
            for span in sentence_spans(speech):
                if decision := self._take(span, previous, speech):
                    self._votes = list(decision.spans[-1:])
                    self._proposed = None
                    yield decision
                previous = span

    def _take(self, span: PassageSpan, previous: PassageSpan | None, speech: Speech) -> Decision | None:
        """Return the decision that a sentence completes."""
        text = nfkc(span.text).strip()
        is_remark = text.startswith(_REMARK_MARKS)
        opened = opened_matter(text)
        self._opened = opened or (self._opened if speech.item == self._item else "")
        self._item = speech.item
        if opened:
            self._votes = []
            self._proposed = None
        elif is_remark:
            if self._proposed and _AGREEMENT.search(text):
                return self._decide((self._proposed, span), nfkc(self._proposed.text), text)
            if _VOTE.search(text):
                self._votes.append(span)
        elif _PROPOSAL_WITH_AGREEMENT.search(text):
            return self._decide((span,), text, "")
        elif _PROPOSAL.search(text):
            is_short = len(text) <= _MAX_SHORT_PROPOSAL
            is_about_previous = previous is not None and is_short and _is_near(previous, span)
            self._proposed = replace(previous, end=span.end) if previous and is_about_previous else span
        elif _states_outcome(text, speech):
            votes = (vote for vote in self._votes if _is_near(vote, span))
            return self._decide((*votes, span), text, "")
        elif _VOTE.search(text):
            self._votes.append(span)
        return None

    def _decide(self, spans: tuple[PassageSpan, ...], text: str, agreement: str) -> Decision:
        item = self._item if self._opened in self._item else f"{self._item} {self._opened}".strip()
        outcomes = _OUTCOME.findall(text)
        votes = (match[0] for span in spans for match in _VOTE.finditer(nfkc(span.text)))
        return Decision(spans, item, outcomes[-1] if outcomes else "", "、".join(votes) or agreement)


def _states_outcome(text: str, speech: Speech) -> bool:
    is_result = speech.person is None and any(map(_HEADING_OF_DECISIONS.search, speech.spans[0].passage.path[-1:]))
    is_result_of_vote = speech.person is not None and _VOTE.search(text) and _RESULT_OF_VOTE.search(text)
    return bool(_STATED_OUTCOME.search(text) or is_result_of_vote or (is_result and text.endswith("。")))


def _merge(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """Yield the decisions, a proposal or vote together with the outcome that follows it."""
    pending: Decision | None = None
    for decision in decisions:
        if pending and pending.item == decision.item and pending.outcome in {"", decision.outcome}:
            spans = (*(span for span in pending.spans if _is_near(span, decision.spans[0])), *decision.spans)
            pending = replace(decision, spans=tuple(dict.fromkeys(spans)), vote=decision.vote or pending.vote)
            continue
        yield from [pending] if pending else []
        pending = decision
    yield from [pending] if pending else []


def _with_discussions(decisions: list[Decision], speeches: Iterable[Speech]) -> Iterator[Decision]:
    """Yield the decisions, each with the words since the previous decision, below the same first heading."""
    waiting = list(decisions)
    discussion = list[Speech]()
    for speech in speeches:
        while waiting and any(part.contains(waiting[0].spans[-1]) for part in speech.spans):
            first = speech.spans[0].passage.path[:1]
            texts = (speech.text for speech in discussion if speech.spans[0].passage.path[:1] == first)
            yield replace(waiting.pop(0), discussion=" ".join(texts))
            discussion = []
        discussion.append(speech)
    yield from waiting


def _is_near(span: PassageSpan, following: PassageSpan) -> bool:
    return span.passage is following.passage and 0 <= following.start - span.end < _MAX_DISTANCE
