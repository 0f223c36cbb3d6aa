"""The project's own question sets: which cases are asked over which documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from eval.errors import CaseFileError

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class CaseSet:
    """The cases of `files`, asked over the documents in the folders `corpora`."""

    name: str
    files: tuple[Path, ...]
    corpora: tuple[Path, ...]

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
)


def own_sets(names: Iterable[str] = ()) -> tuple[CaseSet, ...]:
    """Return the sets called `names`, all of them where none is named; raises CaseFileError for an unknown name."""
    wanted = frozenset(names)
    if unknown := wanted - {name for name, *_ in _TABLE}:
        known = "、".join(name for name, *_ in _TABLE)
        raise CaseFileError(f"質問集「{'」「'.join(sorted(unknown))}」はありません。次から選んでください: {known}")
    return tuple(
        CaseSet(name, tuple(sorted((CASES / cases).glob("*.jsonl"))), (ROOT / corpus,))
        for name, cases, corpus in _TABLE
        if not wanted or name in wanted
    )


def sets_of_corpus() -> tuple[CaseSet, ...]:
    """Return the sets whose questions are about the documents of `corpus/`, the ones that the project comes with."""
    return tuple(one for one in own_sets() if one.corpora == (ROOT / "corpus",))
