"""Features of passages and units from which the relevance model predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.question.query import AnswerType, Query
from bot.relevance.units import KINDS, UnitText, heading_terms, letter_runs, unit_texts
from bot.retrieval.features import FEATURES, compute_features
from bot.retrieval.query_representation import QueryRepresentation
from bot.state import Hit
from ingest.index.index import Index

Array = NDArray[np.float32]
Places = NDArray[np.int64]

_EPSILON = 1e-6
# A cosine from which a word counts as like a term: the same, near, of one field, of one sphere (kernels as in Xiong et
# al. 2017, arXiv:1706.06613).
_KERNELS = (0.9, 0.7, 0.55, 0.4)
# Features that hardly differ among the hits of a question are not blown up.
_LEAST_SPREAD = 0.02
# Numbers that speak for a passage and for a unit.
OF_PASSAGE, OF_UNIT = 75, 40
_PASSAGE_KINDS, _DOCUMENT_KINDS = ("row", "list"), ("plan", "meeting", "faq", "notice")


class TermMatches:
    """How p headings and u units, each given as its terms, meet the t terms of a question.

    `exact` and `like` (u, t), `heading` and `heading_like` (p, t) are 1 or 0, and the greatest cosine with a word
    there (0-1; Khattab and Zaharia 2020, arXiv:2004.12832); `weights` (t,) sum to 1, `cosine` (u,) is that of all
    words of the unit with the question. `terms` (t, d + 2) are vector, weight and place of each term. A question
    without terms has one that nothing meets. `owners` (u,) says of which passage each unit is.
    """

    def __init__(
        self,
        index: Index,
        query: Query,
        units: Sequence[Sequence[str]],
        headings: Sequence[Sequence[str]],
        owners: Places,
    ) -> None:
        self.owners, self.count = owners, len(headings)
        self.asked = [term.text for term in query.terms] or [""]
        weights = np.array([0.0 if term.is_interrogative else term.weight for term in query.terms] or [0.0], np.float32)
        self.weights: Array = weights / max(float(weights.sum()), _EPSILON)
        place = {word: i for i, word in enumerate(dict.fromkeys(chain(*units, *headings)))}
        directions, importance = index.lexicon.look_up(list(place))
        wanted, wanted_importance = index.lexicon.look_up(self.asked)
        order = np.linspace(0, 1, len(self.asked), dtype=np.float32)
        self.terms: Array = np.column_stack([wanted, self.weights, order]).astype(np.float32)
        likeness = np.zeros((len(place) + 1, len(self.asked)), np.float32)
        np.maximum(directions @ wanted.T, 0, out=likeness[:-1])
        same = np.zeros_like(likeness)
        for column, word in enumerate(self.asked):
            if word in place:
                same[place[word], column] = likeness[place[word], column] = 1
        in_units, in_headings = _places(units, place), _places(headings, place)
        self.exact, self.like = _max_over_places(same, in_units), _max_over_places(likeness, in_units)
        self.heading, self.heading_like = _max_over_places(same, in_headings), _max_over_places(likeness, in_headings)
        sums = _counts(in_units, len(place)) @ (directions * importance[:, np.newaxis])
        self.cosine = _cosine(sums, wanted_importance @ wanted)

    def match_texts(self, texts: Sequence[Sequence[str]]) -> Array:
        """Return which terms stand in each of other texts, given as their terms, (texts, t)."""
        held = [set(text) for text in texts]
        return np.array([[word in each for word in self.asked] for each in held], np.float32)

    def max_by_passage(self, table: Array) -> Array:
        """Return the greatest of the units of each passage, (p, columns), 0 where it has none."""
        found = np.zeros((self.count, table.shape[1]), np.float32)
        np.maximum.at(found, self.owners, table)
        return found

    def around(self) -> tuple[Array, Array]:
        """Return which terms stand in each unit or the one before it, and in those or the one behind it, (u, t)."""
        before, same = self.exact.copy(), (self.owners[1:] == self.owners[:-1])[:, np.newaxis]
        before[1:] = np.maximum(before[1:], self.exact[:-1] * same)
        around = before.copy()
        around[:-1] = np.maximum(around[:-1], self.exact[1:] * same)
        return before, around


def _places(texts: Sequence[Sequence[str]], place: dict[str, int]) -> list[Places]:
    """Return the places of the words of each text, and behind them that of none, which meets nothing."""
    return [np.array([*(place[word] for word in text), len(place)], np.int64) for text in texts]


def _max_over_places(table: Array, places: Sequence[Places]) -> Array:
    if not places:
        return np.zeros((0, table.shape[1]), np.float32)
    most: Array = np.maximum.reduceat(table[np.concatenate(places)], _starts(places), axis=0)
    return most


def _counts(places: Sequence[Places], words: int) -> Array:
    """Return how often each text has each word, (texts, words)."""
    counts = [np.bincount(each, minlength=words + 1)[:words] for each in places]
    return np.array(counts, np.float32).reshape(len(places), words)


def _starts(places: Sequence[Places]) -> Places:
    return np.cumsum([0, *map(len, places[:-1])])


def _cosine(rows: Array, vector: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1) * max(float(np.linalg.norm(vector)), _EPSILON)
    cosine: Array = (rows @ vector / np.maximum(lengths, _EPSILON)).astype(np.float32)
    return cosine


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for p passages (p, f) and their u units (u, g), in order; `owners` (u,) says whose each unit is.

    Of the question's t terms, `terms` (t, d + 2) are vector, weight and place, `matches` (u, t, 4) say how each unit
    meets them: itself, by a like word, with its neighbours, in its label; `headings` (p, t, 2) how the headings do.
    `runs` are the question's runs of letters, by hash, and `bounds` where each unit stands in its passage's text.
    """

    passages: Array
    units: Array
    owners: Places
    terms: Array
    matches: Array
    headings: Array
    runs: NDArray[np.int32]
    bounds: tuple[tuple[int, int], ...]


def collect_evidence(asked: QueryRepresentation, query: Query, hits: Sequence[Hit]) -> Evidence:
    """Return what speaks for each of `hits`, at least one, and for its units; passages without text have none.

    `asked` is the topic of `query`. The passages are of its index; their text may be a part of what stands there.
    """
    index = asked.index
    cut = [unit_texts(hit.passage.text, is_row=hit.passage.kind == "row") for hit in hits]
    flat = list(chain.from_iterable(cut))
    sizes = [len(each) for each in cut]
    owners = np.repeat(np.arange(len(hits)), sizes)
    documents = [index.document(hit.passage.doc_id) for hit in hits]
    titles = [heading_terms(document.title) if document else () for document in documents]
    headings = [(*title, *heading_terms("\n".join(hit.passage.path))) for title, hit in zip(titles, hits, strict=True)]
    matched = TermMatches(index, query, [unit.terms for unit in flat], headings, owners)
    labels = np.array([[word in unit.label for word in matched.asked] for unit in flat], np.float32)
    labels = labels.reshape(matched.exact.shape)
    around = _Neighbourhood(matched, hits)
    of_units = _unit_features(query, flat, matched, labels, around)
    rows = np.array([index.passage_row(hit.passage.id) for hit in hits], np.int64)
    searched = compute_features(asked, rows)
    kinds = [document.kind if document else "other" for document in documents]
    of_hits = [
        *_search_features(np.stack([searched[name] for name in FEATURES], axis=1), hits),
        *_passage_features(matched),
        matched.match_texts(titles) @ matched.weights,
        *around.of_passages(),
        np.log1p([len(hit.passage.text) for hit in hits]),
        np.log1p(sizes),
        *([hit.passage.kind == kind for hit in hits] for kind in _PASSAGE_KINDS),
        *([each == kind for each in kinds] for kind in _DOCUMENT_KINDS),
        np.full(len(hits), np.log1p(len(query.terms))),
        np.full(len(hits), matched.weights.max()),
        *(np.full(len(hits), query.answer_type is kind) for kind in AnswerType),
        [hit.passage.doc_id in query.scope.named for hit in hits],
    ]
    return Evidence(
        _table(of_hits),
        of_units,
        owners,
        matched.terms,
        np.stack([matched.exact, matched.like, matched.around()[1], labels], axis=2),
        np.stack([matched.heading, matched.heading_like], axis=2),
        letter_runs(query.text),
        tuple((unit.start, unit.end) for unit in flat),
    )


class _Neighbourhood:
    """The other hits of a section, and of a page, beside each hit: rows of one table meet the same terms alike."""

    def __init__(self, matched: TermMatches, hits: Sequence[Hit]) -> None:
        self._matched = matched
        own = matched.exact @ matched.weights
        self._best = matched.max_by_passage(own[:, np.newaxis])[:, 0]
        self._sections = _grouped([(hit.passage.doc_id, *hit.passage.path) for hit in hits])
        self._pages = _grouped([(hit.passage.doc_id, hit.passage.page or hit.passage.id) for hit in hits])
        self._documents = _grouped([hit.passage.doc_id for hit in hits])

    def of_passages(self) -> list[Array]:
        """Return how many hits are of one section and document, how each stands among them, what its page meets."""
        weights, same = self._matched.weights, self._sections
        whole = np.maximum(self._matched.max_by_passage(self._matched.exact), self._matched.heading)
        ahead = same & (self._best[np.newaxis] >= self._best[:, np.newaxis])
        page = np.stack([whole[each].max(axis=0) for each in self._pages]) @ weights
        return [
            np.log1p(same.sum(axis=1)),
            np.log1p(ahead.sum(axis=1)),
            self._best - (same @ self._best) / same.sum(axis=1),
            self._documents.mean(axis=1),
            page,
            page - page.max(),
            self._pages.sum(axis=1) / len(same),
        ]

    def of_units(self) -> list[Array]:
        """Return how much more each unit meets than the best units of its section do on the mean."""
        mean = (self._sections @ self._best) / self._sections.sum(axis=1)
        return [self._matched.exact @ self._matched.weights - mean[self._matched.owners]]


def _grouped(keys: Sequence[object]) -> NDArray[np.bool_]:
    """Return which are of one group, (n, n)."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    of = np.array([numbers[key] for key in keys])
    same: NDArray[np.bool_] = of[:, np.newaxis] == of
    return same


def _table(columns: Sequence[object]) -> Array:
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)


def _search_features(searched: Array, hits: Sequence[Hit]) -> list[Array]:
    """Return the features of the search as they are, among those of the other hits, and behind the best; the rank."""
    spread = np.maximum(searched.std(axis=0), _LEAST_SPREAD)
    scores = np.array([hit.score for hit in hits], np.float32)
    among, behind = (searched - searched.mean(axis=0)) / spread, searched - searched.max(axis=0)
    return [*searched.T, *among.T, *behind.T, scores - scores.max(), np.log1p(np.arange(len(hits)))]


def _passage_features(matched: TermMatches) -> list[Array]:
    """Return the share of the question's terms that body, body and headings, headings, one unit meet; what lacks."""
    weights = matched.weights
    body = matched.max_by_passage(matched.exact)
    whole = np.maximum(body, matched.heading)
    like = np.maximum(matched.max_by_passage(matched.like), matched.heading_like)
    best = matched.max_by_passage((matched.exact @ weights)[:, np.newaxis])[:, 0]
    covered = whole @ weights
    return [
        body @ weights,
        covered,
        matched.heading @ weights,
        like @ weights,
        best,
        best - best.max(),
        covered - covered.max(),
        ((1 - whole) * weights).max(axis=1),
        ((1 - like) * weights).max(axis=1),
    ]


def _unit_features(
    query: Query, flat: Sequence[UnitText], matched: TermMatches, labels: Array, beside: _Neighbourhood
) -> Array:
    """Return what each unit meets, itself and with what stands around it, where it stands, and what tokens it has."""
    weights, owners, exact = matched.weights, matched.owners, matched.exact
    heading = matched.heading[owners]
    both = np.maximum(exact, heading)
    before, around = matched.around()
    own, covered = exact @ weights, both @ weights
    passage = matched.max_by_passage(exact)[owners]
    best = matched.max_by_passage(own[:, np.newaxis])[owners, 0]
    first, last = np.diff(owners, prepend=-1) > 0, np.diff(owners, append=matched.count) > 0
    sizes = np.bincount(owners, minlength=matched.count)
    place = np.arange(len(owners)) - (np.cumsum(sizes) - sizes)[owners]
    asked, terms = set(letter_runs(query.text).tolist()), set(matched.asked)
    columns = [
        own,
        matched.like @ weights,
        covered,
        np.maximum(matched.like, matched.heading_like[owners]) @ weights,
        np.maximum(before, heading) @ weights,
        np.maximum(around, heading) @ weights,
        own - best,
        own - own.max(initial=0),
        covered - covered.max(initial=0),
        (passage * (1 - exact)) @ weights,
        ((1 - both) * weights).max(axis=1),
        matched.cosine,
        *((matched.like > kernel) @ weights for kernel in _KERNELS),
        [len(asked.intersection(unit.runs.tolist())) / max(1, len(asked)) for unit in flat],
        labels @ weights,
        *_cell_features(flat, matched),
        *beside.of_units(),
        np.log1p([len(set(unit.terms) - terms) for unit in flat]),
        np.log1p([unit.end - unit.start for unit in flat]),
        np.log1p(sizes[owners]),
        np.log1p(place),
        first,
        last,
        [unit.labelled for unit in flat],
        [unit.asks for unit in flat],
        [unit.has_counter(query.counter) for unit in flat],
        *np.array([unit.kinds for unit in flat], np.float32).reshape(len(flat), KINDS).T,
    ]
    return _table(columns)


def _cell_features(flat: Sequence[UnitText], matched: TermMatches) -> list[Array]:
    """Return of each unit what its best cell meets and its first, and how many cells it has."""
    weight_of = dict(zip(matched.asked, matched.weights.tolist(), strict=True))
    met = [[sum(weight_of[word] for word in cell & weight_of.keys()) for cell in unit.cells] for unit in flat]
    columns = [max(each) for each in met], [each[0] for each in met], np.log1p([len(each) for each in met])
    return [np.array(column, np.float32) for column in columns]
