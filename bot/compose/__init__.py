"""The extractive composer: an answer in whole sentences from the evidence alone, without a language model."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.compose.event import Event, events, say_event
from bot.compose.listing import say_list, say_sections, sibling_sections
from bot.compose.row import read_row, say_row
from bot.compose.sentence import say
from bot.compose.statement import Statement, assemble
from bot.compose.table import asks_which_reached, rows_named, say_each, say_reached_rows, say_rows, table_of
from bot.evidence import Evidence, announces, content_terms_cached, pieces, title_of, topic_of
from bot.question import Asked, Kind, Term
from bot.scope import Scope
from bot.turn import Draft, Source
from bot.weigh import Weighed, wanted_terms
from ingest.documents import Document, Passage

# A list this long stands alone; of shorter ones under one heading so many are given.
_MANY, _MOST_LISTS = 12, 6
# Coverage by which items lie together.
_AS_GOOD = 0.12
# What sections of plans are called in questions rather than in their headings.
_OF_PLANS = frozenset({"分野", "取り組み", "内容"})


class Composer:
    """Says what the evidence says. `passages` are all of the index, in the order of the sources."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document]) -> None:
        self._passages = passages
        self._documents = {d.id: d for d in documents}
        self._series = sibling_sections(passages)

    def compose(self, asked: Asked, scope: Scope, weighed: Sequence[Weighed]) -> Draft | None:
        """Return the draft that answers from `weighed` (heaviest first), or None where nothing in it can."""
        fitting = [w for w in weighed if w.fits]
        if not fitting:
            return None
        terms = wanted_terms(asked, scope)
        for form in (
            self._side_by_side,
            self._members_side_by_side,
            self._over_table,
            self._series_of_sections,
            self._event,
        ):
            if draft := form(asked, scope, terms, fitting):
                return draft
        return self._best(asked, terms, fitting)

    def _best(self, asked: Asked, terms: tuple[Term, ...], fitting: Sequence[Weighed]) -> Draft:
        best = fitting[0].evidence
        if best.kind == "row":
            row = read_row(best.passage)
            return assemble(say_row(row, asked, terms), topic=row.subject)
        if best.kind == "list":
            return assemble(self._lists(asked, terms, fitting), topic=title_of(best.passage.section))
        if asked.kind is Kind.LIST and best.kind == "item" and (items := self._items(fitting)):
            return assemble([items], topic=topic_of(best))
        statement = say(best)
        if children := self._children(asked, terms, best):
            statement = replace(statement, items=children)
        return assemble([statement], topic=topic_of(best))

    def _items(self, fitting: Sequence[Weighed]) -> Statement | None:
        """Return the items that answer about as well as the best one, from one document, as a list."""
        best = fitting[0]
        alike = [
            w.evidence
            for w in fitting
            if w.evidence.kind == "item"
            and w.coverage >= best.coverage - _AS_GOOD
            and w.evidence.passage.doc_id == best.evidence.passage.doc_id
        ]
        members = {e.text: e for e in reversed(alike)}
        if len(members) < 2:
            return None
        ordered = sorted(members.values(), key=lambda e: e.passage.id)
        sources = tuple(Source(e.passage, e.text) for e in ordered)
        title = self._documents[best.evidence.passage.doc_id].title
        return Statement(
            f"「{title}」には次の{len(ordered)}つが挙げられています。", sources, tuple(e.text for e in ordered)
        )

    def _children(self, asked: Asked, terms: Sequence[Term], best: Evidence) -> tuple[str, ...]:
        """Return the headings right below the section that a question about the section as a whole names."""
        path = best.passage.path
        heading = content_terms_cached(title_of(path[-1])) if path else frozenset()
        named = heading and heading <= {t.text for t in terms} | asked.hints
        if asked.kind not in {Kind.HOW, Kind.WHAT, Kind.LIST} or not named:
            return ()
        below = [p.path[len(path)] for p in self._passages if len(p.path) > len(path) and p.path[: len(path)] == path]
        children = tuple(dict.fromkeys(below))
        return children if 1 < len(children) <= _MANY else ()

    def _lists(self, asked: Asked, terms: Sequence[Term], fitting: Sequence[Weighed]) -> list[Statement]:
        """Return the best list; where the question names the section rather than one list in it, all lists of the section."""
        best = fitting[0].evidence
        heading = content_terms_cached(" ".join(best.passage.path))
        of_section = all(t.text in heading for t in terms if t.weight >= 1.0 and t.text not in _OF_PLANS)
        if asked.count is not None or not of_section or len(best.items) > _MANY:
            return [say_list(best)]
        same = [p for p in self._passages if p.doc_id == best.passage.doc_id and p.path == best.passage.path]
        lists = [e for p in same for e in pieces(p) if e.kind == "list" and e.lead]
        said = [
            say(e) for p in same for e in pieces(p) if e.kind == "sentence" and e.text not in {x.lead for x in lists}
        ]
        statements = [say_list(e) for e in lists] + said
        return statements if 1 < len(statements) <= _MOST_LISTS else [say_list(best)]

    def _over_table(self, asked: Asked, _: Scope, terms: tuple[Term, ...], fitting: Sequence[Weighed]) -> Draft | None:
        """Answer over the rows of the table that the best pieces belong to."""
        best = fitting[0].evidence
        reaching = asks_which_reached(asked)
        if (
            not reaching
            and best.kind == "sentence"
            and announces(best.text)
            and (announced := self._after(best.passage))
        ):
            return assemble(say_rows(announced), topic=title_of(announced[0].section))
        rows = [w for w in fitting if w.evidence.kind == "row"]
        if not rows:
            return None
        if named := rows_named(asked, terms, [p for p in self._passages if p.kind == "row" and p.cells]):
            return assemble(say_each(named, asked), topic=named[0].subject)
        table = self._table(terms, rows, fitting)
        if not table:
            return None
        if reaching and (statements := say_reached_rows(asked, table)):
            return assemble(statements, topic=title_of(table[0].section))
        if asked.kind is Kind.LIST and fitting[0].evidence.kind != "list":
            return assemble(say_rows(table), topic=title_of(table[0].section))
        return None

    def _after(self, passage: Passage) -> list[Passage]:
        """Return the rows of the table that follows a passage under the same heading, if one does."""
        place = self._passages.index(passage) + 1
        following = self._passages[place] if place < len(self._passages) else None
        if following is None or following.kind != "row" or following.path != passage.path:
            return []
        return table_of(following, self._passages)

    def _table(self, terms: Sequence[Term], rows: Sequence[Weighed], fitting: Sequence[Weighed]) -> list[Passage]:
        """Return the table that the question is about as a whole: its heading holds the words that its rows do not."""
        words = {t.text for t in terms if t.weight > 0.25}
        for weighed in rows[:5]:
            passage = weighed.evidence.passage
            about = content_terms_cached(" ".join((*passage.path[-1:], passage.cells[0].column)))
            in_name = words & content_terms_cached(read_row(passage).subject) - about
            if words & about and len(in_name) * 3 <= len(words):
                return table_of(passage, self._passages)
        return []

    def _series_of_sections(
        self, asked: Asked, scope: Scope, terms: tuple[Term, ...], fitting: Sequence[Weighed]
    ) -> Draft | None:
        """Answer with the headings of a series (視点1, 視点2) where the question asks for its members."""
        if asked.kind not in {Kind.LIST, Kind.WHAT} or (fitting[0].evidence.kind == "list" and asked.count is None):
            return None
        words = {t.text for t in terms if t.weight > 0.25} | ({str(asked.count)} if asked.count else set())
        for members in self._series:
            depth = next(i for i, h in enumerate(members[0].path) if h != members[1].path[i : i + 1][0:1][0])
            if members[0].doc_id not in scope.allowed or (
                any(str(n) in words for n in range(1, 10)) and not asked.count
            ):
                continue
            names = content_terms_cached(" ".join(p.path[depth].split(" ")[0] for p in members))
            about = names | content_terms_cached(" ".join(members[0].path[:depth]))
            covered = all(t.text in about for t in terms if t.weight >= 1.0)
            if names & words and (asked.count in {None, len(members)}) and covered:
                return assemble([say_sections(members, depth)], topic=title_of(members[0].path[depth - 1]))
        return None

    def _event(self, asked: Asked, scope: Scope, terms: tuple[Term, ...], fitting: Sequence[Weighed]) -> Draft | None:
        """Answer a question for a date, or for what happened on one, from `X(2024年2月策定)` and the like."""
        wanted = [m for m in asked.dates if m not in scope.used_dates]
        if asked.kind is not Kind.WHEN and not (wanted and asked.kind in {Kind.WHAT, Kind.LIST, Kind.DEFINITION}):
            return None
        words = [t for t in terms if t.weight > 0.25] if asked.kind is Kind.WHEN else []
        found = list(self._events(fitting[:12]))
        if wanted:
            found = [(e, w) for e, w in found if any(d.first <= e.day.first and e.day.last <= d.last for d in wanted)]
        scored = [(self._named_by(e, words, scope), -i, e, w) for i, (e, w) in enumerate(found)]
        best = max(scored, default=None, key=lambda s: s[:2])
        if best is None or best[0] < 0.75:
            return None
        return assemble([say_event(best[2], best[3].evidence)], topic=best[2].name.strip("「」"))

    def _events(self, weighed: Sequence[Weighed]) -> Iterator[tuple[Event, Weighed]]:
        for w in weighed:
            if w.evidence.kind in {"sentence", "item"}:
                title = self._documents[w.evidence.passage.doc_id].title
                yield from ((event, w) for event in events(w.evidence.text, title))

    def _named_by(self, event: Event, terms: Sequence[Term], scope: Scope) -> float:
        """Return how well the question names the event: the share of its words in it times that of the name's in them."""
        if not terms and not scope.consumed:
            return 1.0
        name = content_terms_cached(event.name)
        words = {t.text for t in terms} | set().union(*(content_terms_cached(c) for c in scope.consumed))
        wanted = words - {event.action}
        if not wanted or not name:
            return 0.0
        return len(wanted & name) / len(wanted) * 0.7 + len(wanted & name) / len(name) * 0.3

    def _side_by_side(
        self, asked: Asked, scope: Scope, _: tuple[Term, ...], fitting: Sequence[Weighed]
    ) -> Draft | None:
        """Set what two documents say of the same thing side by side."""
        wanted = scope.compared or (scope.named if len(scope.named) > 1 else frozenset())
        if not (wanted and asked.compares):
            return None
        best: dict[str, Weighed] = {}
        for w in fitting:
            if w.evidence.passage.doc_id in wanted:
                best.setdefault(w.evidence.passage.doc_id, w)
        if len(best) < 2 or min(w.coverage for w in best.values()) < 0.4:
            return None
        ordered = sorted(best.values(), key=lambda w: self._documents[w.evidence.passage.doc_id].published)
        statements = [self._with_title(self._one(w), w) for w in ordered]
        return assemble(statements, topic=title_of(ordered[-1].evidence.passage.section))

    def _members_side_by_side(
        self, asked: Asked, _: Scope, terms: tuple[Term, ...], fitting: Sequence[Weighed]
    ) -> Draft | None:
        """Set two members of a series (視点1と視点2) side by side."""
        numbered = [t.text for t in terms if t.proper and t.text[-1].isdigit()]
        if not asked.compares or len(numbered) < 2:
            return None
        found = []
        for name in numbered:
            about = [w for w in fitting if name in w.evidence.own | w.evidence.near]
            about.sort(key=lambda w: w.evidence.kind != "list")
            found += about[:1]
        if len(found) < len(numbered):
            return None
        statements = [self._under_heading(self._one(w), w) for w in found]
        return assemble(statements, topic=title_of(found[0].evidence.passage.section))

    def _under_heading(self, statement: Statement, weighed: Weighed) -> Statement:
        heading = weighed.evidence.passage.section
        return statement if heading in statement.text else replace(statement, text=f"{heading}: {statement.text}")

    def _one(self, weighed: Weighed) -> Statement:
        evidence = weighed.evidence
        return say_list(evidence) if evidence.kind == "list" else say(evidence)

    def _with_title(self, statement: Statement, weighed: Weighed) -> Statement:
        title = self._documents[weighed.evidence.passage.doc_id].title
        return replace(statement, text=f"【{title}】{statement.text}")
