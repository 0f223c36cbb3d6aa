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
    """A sentence or an item of a list; `lead` is what stands over an item, `items` what stands under a lead.

    `wrong` is what is found wrong with it, `verdict` what a model is still asked of its sense, `suspected` what counts
    where that model does not answer, `rejected` what the part was before.
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
        """Its words with their marks."""
        return self.sentence.text

    @property
    def said(self) -> list[Statement]:
        """What it states."""
        return sentence_statements(self.sentence, self.lead, self.items)

    @property
    def is_certain(self) -> bool:
        """Whether nothing is found wrong with it, or still asked of it."""
        if self.verdict is not None and self.verdict.done():
            self.settle()
        return not self.wrong and self.verdict is None

    def settle(self) -> None:
        """Wait for what is still asked of the part's sense."""
        if self.verdict is not None:
            why = self.verdict.result()
            self.wrong = self.suspected if why is None else (why,) if why else ()
            self.verdict = None


@dataclass
class _Paragraph:
    """The parts of one unit of the reply: sentences, and the items that the last of them leads."""

    sentences: list[AnswerPart]
    items: list[AnswerPart] = field(default_factory=list)

    @property
    def parts(self) -> list[AnswerPart]:
        return [*self.sentences, *self.items]


class AnswerWriter:
    """Takes the units of a reply from `passages`; `tell` hears what is certain from the beginning on.

    Its marks are numbered anew in their order. Without `sense` nobody is asked for the sense of a sentence. `model` is
    who writes.
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
        """Judge what the model says next, and tell what is certain by now."""
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
        """Hold the part against the passages, and begin to ask for its sense where nothing is wrong so far."""
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
        """Wait for what is still asked of the parts' sense, and return those with which something is wrong."""
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
        """Tell what holds of all that has not been told, without what does not."""
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
        """Yield the texts that stand: none that leans on one that was dropped, no list without its lead or items."""
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
        """Whether any sentence with a source holds."""
        return bool(self._order)

    @property
    def abstains(self) -> bool:
        """Whether all that is said is that the documents do not tell."""
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
        """Return what was stopped, and what stands in its place."""
        wrong = [part for part in self._parts() if part.rejected or part.wrong]
        return tuple(part.rejected or RejectedSentence(part.text.strip(), " / ".join(part.wrong)) for part in wrong)

    def _sources(self) -> tuple[Source, ...]:
        """Return what the marks of the text name, each with the words of it that carry what is said."""
        said = split_statements("".join(self._text))
        quoted = [q for part in self._parts() if not part.wrong for q in part.sentence.quotes]
        found = []
        for n, number in enumerate(self._order, 1):
            passage = self._passages[number - 1]
            own = locate_quotes(passage, quoted) or best_quote(passage, [s.text for s in said if n in s.cited])
            found.append(Source(passage, own))
        return tuple(found)


def _is_count_consistent(lead: str, items: int, kept: int) -> bool:
    """Whether a list may stand under its lead with `kept` of its `items`: not where the lead tells their number."""
    told = [figure.value for one in split_statements(lead) for figure in figures(one.text) if figure.unit in ANY_THING]
    return kept == items or items not in told


def format_faulty_parts(parts: Sequence[AnswerPart]) -> str:
    """Return the parts as the model is told of what is wrong with them."""
    return "\n".join(f"{n}: 「{part.text.strip()}」\n理由: {'。'.join(part.wrong)}" for n, part in enumerate(parts, 1))
