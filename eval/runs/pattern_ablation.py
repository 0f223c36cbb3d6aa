"""Measures what each regular expression earns on the way of a question: how the cases fare if it never matches.

The patterns are those that modules of `PACKAGES` keep in a constant, also in a tuple or as a value of a mapping. What a
pattern does while an index is built is not measured.
"""

import functools
import gc
import importlib
import pkgutil
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from types import ModuleType
from typing import Any

from eval.dataset.case import Case
from eval.errors import RefusedError
from eval.runs.options import RunOptions
from eval.runs.run_sets import choose_sets, open_system_under_test
from eval.scoring.score import score_answer
from eval.systems.asking import Ask, ask_case
from ingest.configuration.settings import Settings

PACKAGES = (
    "bot.question",
    "bot.splitting",
    "bot.merging",
    "bot.conversation",
    "bot.retrieval",
    "bot.relevance",
    "bot.answers",
    "bot.tables",
    "bot.minutes",
)
"""The packages between a question and its answer."""
SEED = 7
# Caches of text that no pattern of the packages changes; to fill them again would take most of the time.
_KEPT_CACHES = ("ingest.japanese.tokenise", "ingest.embedding", "ingest.index", "bot.retrieval.query_representation")

OnProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PatternAblation:
    """The cases without one pattern.

    Attributes:
        pattern: module and constant, with the index or key within a tuple or mapping.
        matched: the cases on whose way it matches.
        asked: those of them that were asked again without it.
        answers: those whose answer is another one without it.
        gained: the ids of those that pass only without it.
        lost: the ids of those that pass only with it.
    """

    pattern: str
    matched: int
    asked: int = 0
    answers: int = 0
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    passed: bool
    answer: str


def measure_patterns(
    options: RunOptions, settings: Settings, on_progress: OnProgress, sample: int
) -> tuple[PatternAblation, ...]:
    """Ask all cases once, and up to `sample` of those on whose way a pattern matches once more without it.

    The result has one entry for each pattern, those that earn least first. The sample is the same at every call.
    Raises EvalError, IngestError or BotError.
    """
    for package in PACKAGES:
        _import_all(package)
    measured = defaultdict[str, list[PatternAblation]](list)
    with switched_patterns(PACKAGES) as patterns:
        chosen, _ = choose_sets(options, settings)
        for corpora, group in groupby(chosen, key=lambda chosen_set: chosen_set.case_set.corpora):
            sets = tuple(group)
            cases = {f"{chosen_set.case_set.name} {case.id}": case for chosen_set in sets for case in chosen_set.cases}
            with open_system_under_test(options, settings, corpora) as system:
                on_progress(sets[0].case_set.name)
                for ablation in ablate(patterns, cases, system.ask, on_progress=on_progress, sample=sample):
                    measured[ablation.pattern].append(ablation)
    return tuple(sorted((_sum(ablations) for ablations in measured.values()), key=_earned))


def ablate(
    patterns: Mapping[str, "SwitchedPattern"],
    cases: Mapping[str, Case],
    ask: Ask,
    *,
    on_progress: OnProgress = lambda _: None,
    sample: int,
) -> Iterator[PatternAblation]:
    """Yield the ablation of each pattern over the cases, by id, of one index; `on_progress` receives pattern names."""
    caches = _find_caches()
    full = dict[str, _Outcome]()
    matching = {name: list[str]() for name in patterns}
    for id_, case in cases.items():
        _clear(caches)
        for pattern in patterns.values():
            pattern.has_matched = False
        full[id_] = _ask(ask, case)
        for name, pattern in patterns.items():
            if pattern.has_matched:
                matching[name].append(id_)
    choose = random.Random(SEED)  # noqa: S311 -- a sample, not a secret
    for name, ids in matching.items():
        on_progress(name)
        sampled = choose.sample(ids, min(sample, len(ids)))
        with patterns[name].switched_off():
            _clear(caches)
            without = {id_: _ask(ask, cases[id_]) for id_ in sampled}
        _clear(caches)
        yield PatternAblation(
            pattern=name,
            matched=len(ids),
            asked=len(without),
            answers=sum(full[id_].answer != outcome.answer for id_, outcome in without.items()),
            gained=tuple(id_ for id_, outcome in without.items() if outcome.passed and not full[id_].passed),
            lost=tuple(id_ for id_, outcome in without.items() if full[id_].passed and not outcome.passed),
        )


class SwitchedPattern:
    """A regular expression that records whether it has matched, and matches nothing while it is switched off."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._is_off = False
        self.has_matched = False

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the expression, such as its flags."""
        return getattr(self._pattern, name)

    @contextmanager
    def switched_off(self) -> Iterator[None]:
        """Let the expression match nothing within the block."""
        self._is_off = True
        try:
            yield
        finally:
            self._is_off = False

    def search(self, *args: Any, **options: Any) -> re.Match[str] | None:
        """Return the first match, as `re.Pattern.search`."""
        return self._note(self._pattern.search(*args, **options))

    def match(self, *args: Any, **options: Any) -> re.Match[str] | None:
        """Return the match at the beginning, as `re.Pattern.match`."""
        return self._note(self._pattern.match(*args, **options))

    def fullmatch(self, *args: Any, **options: Any) -> re.Match[str] | None:
        """Return the match of the whole text, as `re.Pattern.fullmatch`."""
        return self._note(self._pattern.fullmatch(*args, **options))

    def finditer(self, *args: Any, **options: Any) -> Iterator[re.Match[str]]:
        """Yield the matches, as `re.Pattern.finditer`."""
        return iter([match for match in self._pattern.finditer(*args, **options) if self._note(match)])

    def findall(self, *args: Any, **options: Any) -> list[Any]:
        """Return the matched texts or groups, as `re.Pattern.findall`."""
        matches = self._pattern.findall(*args, **options)
        return matches if matches and self._is_counted() else []

    def sub(self, replacement: Any, text: str, *args: Any, **options: Any) -> str:
        """Return the text with the matches replaced, as `re.Pattern.sub`."""
        return self.subn(replacement, text, *args, **options)[0]

    def subn(self, replacement: Any, text: str, *args: Any, **options: Any) -> tuple[str, int]:
        """Return the text with the matches replaced and their number, as `re.Pattern.subn`."""
        replaced, count = self._pattern.subn(replacement, text, *args, **options)
        return (replaced, count) if count and self._is_counted() else (text, 0)

    def split(self, text: str, *args: Any, **options: Any) -> list[str | Any]:
        """Return the text between the matches, as `re.Pattern.split`."""
        parts = self._pattern.split(text, *args, **options)
        return parts if len(parts) > 1 and self._is_counted() else [text]

    def _note(self, match: re.Match[str] | None) -> re.Match[str] | None:
        return match if match and self._is_counted() else None

    def _is_counted(self) -> bool:
        """Record a match and return True, unless the expression is switched off."""
        self.has_matched |= not self._is_off
        return not self._is_off


@contextmanager
def switched_patterns(packages: Sequence[str]) -> Iterator[dict[str, SwitchedPattern]]:
    """Replace the pattern constants of the loaded modules of `packages` within the block; yield them by name."""
    switched = dict[int, SwitchedPattern]()
    replaced = dict[str, SwitchedPattern]()
    constants = list[tuple[ModuleType, str, Any]]()
    for module in [module for name, module in sorted(sys.modules.items()) if _is_in(name, packages)]:
        for constant, value in list(vars(module).items()):
            wrapped = _wrap(value, f"{module.__name__}.{constant}", switched, replaced)
            if wrapped is not value:
                constants.append((module, constant, value))
                setattr(module, constant, wrapped)
    try:
        yield replaced
    finally:
        for module, constant, value in constants:
            setattr(module, constant, value)


def _wrap(value: Any, name: str, switched: dict[int, SwitchedPattern], replaced: dict[str, SwitchedPattern]) -> Any:
    if isinstance(value, re.Pattern):
        if id(value) not in switched:
            switched[id(value)] = replaced[name] = SwitchedPattern(value)
        return switched[id(value)]
    if type(value) is tuple:
        items = tuple(_wrap(item, f"{name}[{i}]", switched, replaced) for i, item in enumerate(value))
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    if type(value) is dict:
        mapping = {key: _wrap(item, f"{name}[{key}]", switched, replaced) for key, item in value.items()}
        return value if all(mapping[key] is item for key, item in value.items()) else mapping
    return value


def _import_all(package: str) -> None:
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        importlib.import_module(module.name)


def _is_in(module: str, packages: Sequence[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _find_caches() -> list[Any]:
    caches = [cache for cache in gc.get_objects() if isinstance(cache, functools._lru_cache_wrapper)]  # noqa: SLF001
    return [
        cache
        for cache in caches
        if _is_in(cache.__module__ or "", ("bot", "ingest"))
        and not _is_in(cache.__module__, _KEPT_CACHES)
        and cache.cache_parameters()["maxsize"] is not None
    ]


def _clear(caches: Sequence[Any]) -> None:
    for cache in caches:
        cache.cache_clear()


def _ask(ask: Ask, case: Case) -> _Outcome:
    try:
        answer = ask_case(ask, case)
    except RefusedError:
        return _Outcome(passed=False, answer="")
    return _Outcome(score_answer(case, answer).passed, f"{answer['status']}\n{answer['answer']}")


def _sum(ablations: Sequence[PatternAblation]) -> PatternAblation:
    return PatternAblation(
        pattern=ablations[0].pattern,
        matched=sum(ablation.matched for ablation in ablations),
        asked=sum(ablation.asked for ablation in ablations),
        answers=sum(ablation.answers for ablation in ablations),
        gained=tuple(id_ for ablation in ablations for id_ in ablation.gained),
        lost=tuple(id_ for ablation in ablations for id_ in ablation.lost),
    )


def _earned(ablation: PatternAblation) -> tuple[int, int, int, str]:
    return len(ablation.lost) - len(ablation.gained), ablation.answers, ablation.matched, ablation.pattern
