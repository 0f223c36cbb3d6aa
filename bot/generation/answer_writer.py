"""Builds the answer while it is generated: checks, emits, revises or drops each part."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.generation.judging import ClaimJudge, EntailmentJudge, Verdict, is_dependent, sentence_statements
from bot.generation.quote import best_quote, locate_quotes
from bot.generation.reply_lines import add_marks
from bot.generation.reply_units import ReplyUnit, Sentence
from bot.state import Draft, Paragraph, RejectedSentence, Source, Status, message, paragraph
from bot.verification import MARK, Statement, parse_statements, split_statements, states_absence
from ingest.documents import Passage
from ingest.japanese.figures import figures
from ingest.japanese.quantities import ANY_THING

_log = logging.getLogger(__name__)
_COURTESY = re.compile(
    r"\s*(?:ご質問|お問い合わせ|お尋ね|以下|次のとおり|それでは|承知)[^。]{0,40}(?:ます|です|ました)(?:\[\d+\])*。"
)


@dataclass
class AnswerPart:
    """A sentence or list item; `lead` is the sentence above an item, `items` the items under a lead.

    `wrong` are the problems of the part, `verdict` the pending entailment check, `suspected` the problems that count
    where the model does not answer, `rejected` the part before revision.
    """

    sentence: Sentence
    lead: str = ""
    items: str = ""
    wrong: tuple[str, ...] = ()
    suspected: tuple[str, ...] = ()
    verdict: Verdict | None = None
    rejected: RejectedSentence | None = None

    @property
    def text(self) -> str:
        """Its text with citation marks."""
        return self.sentence.text

    @property
    def said(self) -> list[Statement]:
        """Its statements."""
        return sentence_statements(self.sentence, self.lead, self.items)

    @property
    def is_certain(self) -> bool:
        """Whether it has no problem and no pending check."""
        if self.verdict is not None and self.verdict.done():
            self.settle()
        return not self.wrong and self.verdict is None

    def settle(self) -> None:
        """Wait for the pending entailment check."""
        if self.verdict is not None:
            why = self.verdict.result()
            self.wrong = self.suspected if why is None else (why,) if why else ()
            self.verdict = None


@dataclass
class _Paragraph:
    """The parts of one unit of the reply: sentences, and the items under the last of them."""

    sentences: list[AnswerPart]
    items: list[AnswerPart] = field(default_factory=list)

    @property
    def parts(self) -> list[AnswerPart]:
        return [*self.sentences, *self.items]


class AnswerWriter:
    """Takes the units of a reply to `passages`; `tell` is called with each verified text in order.

    Citations are renumbered in order of appearance. Without `sense`, entailment is not checked. `model` is the name of
    the model that wrote the reply.
    """

    def __init__(
        self,
        judge: ClaimJudge,
        passages: Sequence[Passage],
        sense: EntailmentJudge | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._judge = judge
        self._passages = passages
        self._sense = sense
        self._tell = tell
        self.model = ""
        self._paragraphs: list[_Paragraph] = []
        self._told = 0
        self._text: list[str] = []
        self._order: list[int] = []
        self._gap = False

    def take(self, unit: ReplyUnit) -> None:
        """Check the next unit of the reply, and emit what is verified so far."""
        lead, items = unit.sentences[-1].text, "".join(item.text for item in unit.items)
        sentences = [AnswerPart(s, items=items if s is unit.sentences[-1] else "") for s in unit.sentences]
        if not self._paragraphs:
            sentences = [part for part in sentences if not _COURTESY.fullmatch(part.text)]
        paragraph = _Paragraph(sentences, [AnswerPart(item, lead) for item in unit.items])
        self._paragraphs.append(paragraph)
        for part in paragraph.parts:
            self._check(part)
        self._tell_certain()

    def _check(self, part: AnswerPart) -> None:
        """Check the part against the passages, and start the entailment check where no problem is found."""
        parts = self._parts()
        others = [s for other in parts if other is not part and not other.wrong for s in other.said]
        faults = self._judge.faults(part.said, others)
        part.wrong, part.suspected = faults.known, faults.suspected
        if not part.wrong and not any(one.cited for one in part.said) and not states_absence(part.text):
            part.wrong = (f"「{part.text.strip()}」に出典がありません",)
        if part.wrong:
            return
        if self._sense:
            before = (
                next((one.text for one, other in pairwise(parts) if other is part), "")
                if is_dependent(part.text)
                else ""
            )
            part.verdict = self._sense(part.text, part.lead or before)
        if part.verdict is None:
            part.wrong = part.suspected

    def _parts(self) -> list[AnswerPart]:
        return [part for paragraph in self._paragraphs for part in paragraph.parts]

    def wrong(self) -> list[AnswerPart]:
        """Wait for pending checks and return the parts with problems."""
        for part in self._parts():
            part.settle()
        self._tell_certain()
        return [part for part in self._parts() if part.wrong]

    def revise(self, part: AnswerPart, text: str) -> None:
        """Replace the part by `text` if that passes the checks; the rejected sentence is recorded."""
        was, why = part.sentence, part.wrong
        if text:
            if not MARK.search(text):
                text = add_marks(text, "".join(f"[{n}]" for n in MARK.findall(was.text)))
            part.sentence = Sentence(f"\n{text}" if was.text.startswith("\n") else text)
            self._check(part)
            if part.wrong:
                part.sentence, part.wrong = was, why
        part.rejected = RejectedSentence(was.text.strip(), " / ".join(why), "" if part.wrong else text)

    def close(self) -> None:
        """Emit the remaining verified parts and drop those with problems."""
        for part in self.wrong():
            _log.info("言語モデルの文を使えません: %s", " / ".join(part.wrong))
        while self._told < len(self._paragraphs):
            self._tell_next(self._paragraphs[self._told])

    def _tell_certain(self) -> None:
        while self._told < len(self._paragraphs) and all(p.is_certain for p in self._paragraphs[self._told].parts):
            self._tell_next(self._paragraphs[self._told])

    def _tell_next(self, paragraph: _Paragraph) -> None:
        text = "".join(self._kept_texts(paragraph))
        self._told += 1
        if not text.strip():
            return
        if self._told > 1 and self._paragraphs[self._told - 2].items and not text.startswith("\n"):
            text = f"\n{text}"
        self._order += [n for n in dict.fromkeys(map(int, MARK.findall(text))) if n not in self._order]
        told = MARK.sub(lambda mark: f"[{self._order.index(int(mark[1])) + 1}]", text)
        self._text.append(told if self._text else told.lstrip("\n"))
        if self._tell and self._order:
            self._tell(self._text[-1])

    def _kept_texts(self, paragraph: _Paragraph) -> Iterator[str]:
        """Yield the verified texts, without sentences that depend on a dropped one and incomplete lists."""
        items = [item for item in paragraph.items if not item.wrong]
        for part in paragraph.sentences:
            leads = bool(paragraph.items) and part is paragraph.sentences[-1]
            dropped = bool(part.wrong) or (self._gap and is_dependent(part.text))
            dropped |= leads and not (items and _is_count_consistent(part.text, len(paragraph.items), len(items)))
            self._gap = dropped
            if not dropped:
                yield part.text
            elif leads:
                return
        yield from (item.text for item in items)

    @property
    def has_grounded_text(self) -> bool:
        """Whether any verified sentence has a source."""
        return bool(self._order)

    @property
    def abstains(self) -> bool:
        """Whether the reply only states that the documents have no answer."""
        return bool(self._text) and not self._order

    def draft(self) -> Draft:
        """Return the verified sentences as the answer, with a notice where others were left out."""
        text, sources = "".join(self._text), self._sources()
        incomplete = any(part.wrong for part in self._parts())
        status = Status.PARTIAL if incomplete or states_absence(text) else Status.ANSWERED
        notices = (paragraph(message("left_out")),) if incomplete else ()
        parts = (Paragraph(parse_statements(text)),)
        return Draft(parts, sources, status, sources[0].passage.section, self.model, notices=notices)

    def rejected(self) -> tuple[RejectedSentence, ...]:
        """Return the rejected sentences with their replacements."""
        wrong = [part for part in self._parts() if part.rejected or part.wrong]
        return tuple(part.rejected or RejectedSentence(part.text.strip(), " / ".join(part.wrong)) for part in wrong)

    def _sources(self) -> tuple[Source, ...]:
        """Return the cited passages, each with the quote that supports the statements."""
        said = split_statements("".join(self._text))
        quoted = [q for part in self._parts() if not part.wrong for q in part.sentence.quotes]
        found = []
        for n, number in enumerate(self._order, 1):
            passage = self._passages[number - 1]
            own = locate_quotes(passage, quoted) or best_quote(passage, [s.text for s in said if n in s.cited])
            found.append(Source(passage, own))
        return tuple(found)


def _is_count_consistent(lead: str, items: int, kept: int) -> bool:
    """Whether a list with `kept` of its `items` still agrees with a number in its lead."""
    told = [figure.value for one in split_statements(lead) for figure in figures(one.text) if figure.unit in ANY_THING]
    return kept == items or items not in told


def format_faulty_parts(parts: Sequence[AnswerPart]) -> str:
    """Return the parts as the model is told of what is wrong with them."""
    return "\n".join(f"{n}: 「{part.text.strip()}」\n理由: {'。'.join(part.wrong)}" for n, part in enumerate(parts, 1))
