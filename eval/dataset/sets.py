"""The question sets of the project and of the office, each with its documents."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from eval.dataset.case import Case, load_cases
from eval.dataset.towns import load_towns
from eval.dataset.unread import FOLDER as UNREAD_FOLDER
from eval.dataset.unread import build_corpus, load_unread
from eval.errors import CaseFileError
from ingest.configuration.settings import Settings

SETS = {
    "kanazawa": "付属の文書（DXの計画）への基本の質問",
    "kanazawa-asked": "付属の文書への、市民の言葉での質問",
    "sources": "出典の文書そのものへの基本の質問",
    "sources-asked": "出典の文書そのものへの、市民の言葉での質問",
    "minato": "架空の市の交通の計画",
    "hibarino": "架空の市のこどもの計画",
    "tsuyukusa": "架空の市のごみの計画",
    "ashino": "架空の市の図書館の計画",
    "hiyahara": "架空の町の子育て",
    "kumoizawa": "架空の村の農林業",
    "shioba": "架空の海辺の町の防災",
    "yukisawa": "架空の山の市の住まい",
    "towns": "実在の市の広報と議会の会議録",
    "office": "この役所で書いた質問",
}
"""What the sets are, by their names, for people who choose one."""
ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parents[1] / "cases"
OFFICE = "office"


@dataclass(frozen=True, slots=True)
class CaseSet:
    """The cases of `files`, asked over the documents in the folders `corpora`; without any, of the index in service."""

    name: str
    files: tuple[Path, ...]
    corpora: tuple[Path, ...]
    load: Callable[[Iterable[Path]], tuple[Case, ...]] = load_cases

    @property
    def called(self) -> str:
        """What the set is, in Japanese; its name where nobody has said."""
        return SETS.get(self.name, self.name)

    @property
    def is_in_our_format(self) -> bool:
        """Whether its files are those that `python -m eval check` and the workbench read."""
        return self.load is load_cases

    @property
    def is_there(self) -> bool:
        """Whether the documents lie on this machine."""
        return all((corpus / "manifest.toml").is_file() for corpus in self.corpora)


# Set, folder of its questions (of CASES), folder of its documents (of ROOT). The real texts lie beside a checkout, not
# in it; their questions are those of corpus/, which restates them.
_TABLE = (
    ("kanazawa", ".", "corpus"),
    ("kanazawa-asked", "kanazawa", "corpus"),
    ("sources", ".", "../shared/corpus"),
    ("sources-asked", "kanazawa", "../shared/corpus"),
    ("minato", "minato", "tests/documents/minato"),
    ("hibarino", "hibarino", "tests/documents/hibarino"),
    ("tsuyukusa", "tsuyukusa", "tests/documents/tsuyukusa"),
    ("ashino", "ashino", "tests/documents/ashino"),
    ("hiyahara", "hiyahara", "tests/documents/hiyahara"),
    ("kumoizawa", "kumoizawa", "tests/documents/kumoizawa"),
    ("shioba", "shioba", "tests/documents/shioba"),
    ("yukisawa", "yukisawa", "tests/documents/yukisawa"),
)
# Questions over real bulletins and minutes, which lie with their documents beside a checkout.
_SHARED = ROOT / "../shared/data"
_TOWNS = _SHARED / "towns"
UNREAD = "unread"
"""The set that is asked only by its name, and of which nobody reads more than the rates."""


def project_sets(names: Iterable[str] = (), settings: Settings | None = None) -> tuple[CaseSet, ...]:
    """Return the sets called `names`, all of them where none is named; with `settings` the office's own among them.

    Raises CaseFileError for an unknown name.
    """
    wanted = frozenset(names)
    there = tuple(
        CaseSet(name, tuple(sorted((CASES / cases).glob("*.jsonl"))), (ROOT / corpus,))
        for name, cases, corpus in _TABLE
    )
    there += (towns_set("towns", _TOWNS), *(office_set(settings) if settings else ()))
    if UNREAD in wanted:
        there += (_unread_set(),)
    if unknown := wanted - {one.name for one in there}:
        known = "、".join(one.name for one in there)
        raise CaseFileError(f"質問集「{'」「'.join(sorted(unknown))}」はありません。次から選んでください: {known}")
    return tuple(one for one in there if not wanted or one.name in wanted)


def corpus_sets(settings: Settings | None = None) -> tuple[CaseSet, ...]:
    """Return the sets whose questions are about the documents of `corpus/`, the ones that the project comes with.

    With `settings` the office's own set too, whichever documents it is about.
    """
    of_corpus = tuple(one for one in project_sets() if one.corpora == (ROOT / "corpus",))
    return of_corpus + (office_set(settings) if settings else ())


def towns_set(name: str, folder: Path) -> CaseSet:
    """Return the set whose questions.jsonl lies in `folder` beside its `corpus`; it need not be on this machine."""
    return CaseSet(name, (folder / "questions.jsonl",), (folder / "corpus",), lambda files: load_towns(*files))


def _unread_set() -> CaseSet:
    corpus = ROOT / "var" / "eval" / UNREAD
    if (_SHARED / "bulletins").is_dir():
        build_corpus(_SHARED, corpus)
    return CaseSet(UNREAD, (UNREAD_FOLDER / "questions.jsonl",), (corpus,), load_unread)


def office_set(settings: Settings) -> tuple[CaseSet, ...]:
    """Return the set of the cases that the office has written, on the workbench or by hand; none before the first.

    They are asked of the index in service: some are about answers that staff have written, which are kept with it.
    """
    files = tuple(sorted(office_folder(settings).glob("*.jsonl")))
    return (CaseSet(OFFICE, files, ()),) if files else ()


def office_folder(settings: Settings) -> Path:
    """Return the folder of the office's own cases, which may be written: the product's are part of an installation."""
    return settings.cases or settings.data / "cases"
