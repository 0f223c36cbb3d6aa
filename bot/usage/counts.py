"""Counts for publication: small ones suppressed, also against subtraction."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

LEAST = 5
"""The least count that is published. Of fewer than five who asked, one who was there may guess the others: 1 to 4 are
what NHS Digital and many statistics offices suppress; Japan's for health insurance claims (NDB) suppresses up to 9."""


class Count(NamedTuple):
    """How often something occurred; `n` is None where that is hidden."""

    name: str
    n: int | None


def count_names(names: Iterable[str], most: int | None = None, order: Iterable[str] = ()) -> list[Count]:
    """Return the counts of names, the greatest first or in the given `order` (with those of 0), small ones hidden.

    Where a single one is hidden, whoever knows the sum could tell it: the next greater one is hidden with it.
    """
    found = Counter(names)
    listed = dict.fromkeys(order) or dict.fromkeys(name for name, _ in found.most_common())
    hidden = {name for name in listed if 0 < found[name] < LEAST}
    others = sorted((found[name], name) for name in listed if found[name] >= LEAST)
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    return [Count(name, None if name in hidden else found[name]) for name in listed][:most]


def publishable_count(n: int) -> int | None:
    """Return a count that stands by itself; None where it is too small to be told."""
    return None if 0 < n < LEAST else n
