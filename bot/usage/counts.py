"""Counts for publication: small ones suppressed, also against subtraction."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

LEAST = 5
"""The least count that is published, because smaller ones may identify people. NHS Digital and many statistics offices
suppress counts from 1 to 4; Japan's database of health insurance claims (NDB) suppresses those up to 9."""


class Count(NamedTuple):
    """How often something occurred; `n` is None if it is suppressed."""

    name: str
    n: int | None


def count_names(names: Iterable[str], most: int | None = None, order: Iterable[str] = ()) -> list[Count]:
    """Return the counts of names, the greatest first or in the given `order` (including zeros), small ones suppressed.

    If only one is small, the next greater one is suppressed too, because the sum would reveal it.
    """
    counts = Counter(names)
    listed = dict.fromkeys(order) or dict.fromkeys(name for name, _ in counts.most_common())
    suppressed = {name for name in listed if 0 < counts[name] < LEAST}
    others = sorted((counts[name], name) for name in listed if counts[name] >= LEAST)
    if len(suppressed) == 1 and others:
        suppressed.add(others[0][1])
    return [Count(name, None if name in suppressed else counts[name]) for name in listed][:most]


def publishable_count(n: int) -> int | None:
    """Return a count on its own, or None if it is too small to be published."""
    return None if 0 < n < LEAST else n
