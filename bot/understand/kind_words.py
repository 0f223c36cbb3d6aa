"""Words that only say which kind of answer is wanted (会場 where a place is): the answer need not have them."""

from collections.abc import Sequence

from bot.understand.asked import Kind, Term

_TIMES_AND_PLACES = frozenset({"場所", "会場", "所在地", "時期", "日程", "日時", "日付"})
_WORDS = {
    Kind.WHERE: _TIMES_AND_PLACES,
    Kind.WHEN: _TIMES_AND_PLACES,
    Kind.WHO: frozenset({"担当", "係", "氏名", "部署"}),
    Kind.PERIOD: frozenset({"期限"}),
    Kind.CONTACT: frozenset({"番号"}),
}
KIND_WORDS = frozenset().union(*_WORDS.values())
"""All of them: a sentence that says no more names nothing."""


def without_kind_words(terms: Sequence[Term], kind: Kind) -> tuple[tuple[Term, ...], frozenset[str]]:
    """Return the terms of a question of this kind without those that only say so, and the words of those.

    Where nothing else is named (会場を教えて), they are what it names.
    """
    said = _WORDS.get(kind, frozenset())
    kept = tuple(t for t in terms if t.text not in said)
    if len(kept) == len(terms) or not any(t.is_strong for t in kept):
        return tuple(terms), frozenset()
    return kept, frozenset(t.text for t in terms if t.text in said)
