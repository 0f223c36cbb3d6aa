"""The plain form: the best piece of evidence, said in a whole sentence, with what belongs to it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.compose.corpus import Corpus
from bot.compose.detail import say_row
from bot.compose.listing import counted, say_list
from bot.compose.row import read_row
from bot.compose.sentence import say
from bot.compose.statement import Statement, assemble
from bot.find.evidence import Evidence, content_terms_cached, title_of, topic_of
from bot.find.pieces import pieces
from bot.find.sought import Sought
from bot.find.told import is_told
from bot.find.weigh import Weighed
from bot.turn import Draft, Source
from bot.understand.asked import Kind
from bot.understand.thesaurus import same_meaning

# A list this long stands alone; of a section with shorter ones so many statements are given.
_MANY, _MOST_STATEMENTS = 12, 6
_SINGLE = frozenset({"item", "sentence"})
# Coverage by which items lie together.
_AS_GOOD = 0.12
# Characters of two sentences that are still read at a glance.
_LONGEST_PAIR = 150
_SENTENCES = re.compile(r"[^。]+。")
# The sentence itself and two behind it.
_REASON_WITHIN = 3
_GIVES_REASON = re.compile(r"ため|ので|ことから|により|理由|原因|要因|影響")
_CONCLUDES = re.compile(r"加えて|また、|さらに|(?:この|その)ため|こうした|これらを踏まえ|以上のことから|そこで")
# Of the paragraph above: what begins with このため may begin a paragraph.
_LAST_SENTENCE = re.compile(r"[^。\n]+。\s*$")
# What sections of plans are called in questions rather than in their headings.
_OF_PLANS = frozenset({"分野", "取り組み", "内容"})


def best_piece(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say the heaviest piece: a row's figures, a list with its members, a sentence."""
    best = fitting[0].evidence
    if best.kind == "row":
        row = read_row(best.passage)
        return assemble(say_row(row, sought), topic=row.subject)
    if best.kind == "list":
        return assemble(_lists(best, sought, corpus), topic=title_of(best.passage.section))
    if best.kind in _SINGLE and sought.asked.kind is Kind.LIST and (items := _items(fitting, corpus)):
        return assemble([items], topic=topic_of(best))
    best = _with_neighbour(_with_reason(_whole_reply(best), sought), sought)
    said = say(best)
    return assemble([replace(said, items=_headings_below(best, sought, corpus))], topic=topic_of(best))


def _whole_reply(evidence: Evidence) -> Evidence:
    """Return a reply to a question with the sentence that goes on with it: the fact, then its reason or its rest."""
    both = evidence.text + evidence.following
    if not (evidence.reply_to and evidence.following) or both not in evidence.passage.text or len(both) > _LONGEST_PAIR:
        return evidence
    return replace(evidence, text=both, following="")


def _with_reason(evidence: Evidence, sought: Sought) -> Evidence:
    """Return a conclusion (このため、…) or a further reason (加えて、…) with the sentence before it, where asked.

    A fact that gives none is told with the sentence that follows next or next but one, which does.
    """
    if reason := _reason_behind(evidence) if sought.asked.kind is Kind.WHY else "":
        return replace(evidence, text=reason, following="")
    if sought.asked.kind is not Kind.WHY or not _CONCLUDES.match(evidence.text):
        return evidence
    if evidence.before:
        return replace(evidence, text=evidence.before + evidence.text, before="")
    place = evidence.passage.text.find(evidence.text)
    above = _LAST_SENTENCE.search(evidence.passage.text[:place]) if place > 0 and not evidence.speaker else None
    return replace(evidence, text=above[0] + evidence.text) if above else evidence


def _reason_behind(evidence: Evidence) -> str:
    """Return the sentence with what follows up to a reason, "" where it gives one itself or none stands near."""
    if evidence.kind != "sentence" or not evidence.following or _GIVES_REASON.search(evidence.text):
        return ""
    start = evidence.passage.text.find(evidence.text + evidence.following)
    line = evidence.passage.text[start:].partition("\n")[0] if start >= 0 else ""
    said = ""
    for sentence in _SENTENCES.findall(line)[:_REASON_WITHIN]:
        said += sentence
        if _GIVES_REASON.search(sentence):
            return said if len(said) <= _LONGEST_PAIR else ""
    return ""


def _with_neighbour(evidence: Evidence, sought: Sought) -> Evidence:
    """Return a single sentence with the one beside it that holds most of the question's words which it lacks, if any.

    What is paid stands in one sentence, to whom in the next: either alone leaves the question half open.
    """
    if evidence.kind != "sentence" or evidence.text.count("。") > 1:
        return evidence
    lacking = [t.text for t in sought.terms if same_meaning(t.text).isdisjoint(evidence.around)]
    best, most = evidence, 0
    for beside, both in (
        (evidence.before, evidence.before + evidence.text),
        (evidence.following, evidence.text + evidence.following),
    ):
        words = content_terms_cached(beside)
        held = sum(not same_meaning(word).isdisjoint(words) for word in lacking)
        if held > most and len(both) <= _LONGEST_PAIR and both in evidence.passage.text:
            best, most = replace(evidence, text=both, before="", following=""), held
    return best


def _items(fitting: Sequence[Weighed], corpus: Corpus) -> Statement | None:
    """Return the items that answer about as well as the best one, from one document, as a list."""
    best = fitting[0]
    # A sentence holds all by itself, unless another piece holds the very same.
    kinds, behind = ({"item"}, _AS_GOOD) if best.evidence.kind == "item" else (_SINGLE, 0.0)
    alike = {
        w.evidence.text: w.evidence
        for w in reversed(fitting)
        if w.evidence.kind in kinds
        and w.coverage >= best.coverage - behind
        and w.evidence.passage.doc_id == best.evidence.passage.doc_id
    }
    if len(alike) < 2 or (best.evidence.kind == "sentence" and len(alike) > _MOST_STATEMENTS):  # noqa: PLR2004 -- one is no list
        return None
    members = sorted(alike.values(), key=lambda e: e.passage.id)
    title = corpus.document(best.evidence.passage).title
    return Statement(
        f"「{title}」には次の{counted(len(members))}が挙げられています。",
        tuple(Source(e.passage, e.text) for e in members),
        tuple(e.text for e in members),
    )


def _headings_below(best: Evidence, sought: Sought, corpus: Corpus) -> tuple[str, ...]:
    """Return the headings below the section, where the question is about the section as a whole."""
    heading = content_terms_cached(title_of(best.passage.section))
    as_whole = bool(heading) and heading <= sought.words | sought.asked.hints
    if not as_whole or sought.asked.kind not in {Kind.HOW, Kind.WHAT, Kind.LIST}:
        return ()
    below = corpus.headings_below(best.passage)
    return below if 1 < len(below) <= _MANY else ()


def _lists(best: Evidence, sought: Sought, corpus: Corpus) -> list[Statement]:
    """Return the best list; where the question names its section rather than one list, all that the section says."""
    heading = content_terms_cached(" ".join(best.passage.path))
    names_section = all(t.text in heading | _OF_PLANS for t in sought.terms if t.weight >= 1.0)
    if sought.asked.count is not None or not names_section or len(best.items) > _MANY:
        return [say_list(best)]
    found = [e for passage in corpus.section(best.passage) for e in pieces(passage)]
    lists = [e for e in found if e.kind == "list" and e.lead]
    sentences = [e for e in found if e.kind == "sentence" and e.text not in {x.lead for x in lists}]
    told = sought.asked.told
    statements = [
        *(say_list(e) for e in lists if not is_told(e, told)),
        *(say(e) for e in sentences if not is_told(e, told)),
    ]
    return statements if 1 < len(statements) <= _MOST_STATEMENTS else [say_list(best)]
