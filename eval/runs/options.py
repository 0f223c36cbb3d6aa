"""Options of a run: which cases are asked, and which system is measured."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from eval.errors import RunFolderError
from eval.scoring.run_record import Door
from eval.storage.provenance import strip_credentials
from eval.systems.other_system import Endpoint


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Which cases are asked: those of `sets`, of the files `cases`, or of the folder `towns`; all sets without any.

    At most one of `corpora` (indexed for runs alone), `data` (the index in service there), `url` (a running Shirube)
    and `endpoint` (another system) says whom; without any each set is asked over its own documents. `llm` is the
    language model that answers in place of the settings' (`eval/runs/language_models.py`). `jobs` are asked at
    once. `without` names the adjustments of rankings that are switched off. `looks` name what is looked at beside each
    answer (`eval/robustness.py`). `called` and `note` are what people call the run and say of it. `out` is the
    folder of the run; without it one is made in the data folder, named for the time.
    """

    sets: tuple[str, ...] = ()
    cases: tuple[Path, ...] = ()
    towns: Path | None = None
    corpora: tuple[Path, ...] = ()
    data: Path | None = None
    url: str | None = None
    endpoint: Endpoint | None = None
    llm: str | None = None
    jobs: int = 1
    without: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()
    called: str = ""
    note: str = ""
    out: Path | None = None

    @property
    def door(self) -> Door:
        """Through what the questions are asked."""
        return "url" if self.url else "endpoint" if self.endpoint else "process"

    @property
    def names_subject(self) -> bool:
        """Whether all sets are asked of one subject, in place of each of its own documents."""
        return bool(self.corpora or self.data or self.url or self.endpoint)

    def as_json(self) -> dict[str, Any]:
        """Return what config.json keeps, so that the run can be gone on with; no user or password in a URL."""
        kept = {name: value for name, value in asdict(self).items() if value and name != "out"}
        kept |= {"url": strip_credentials(self.url)} if self.url else {}
        kept |= {"endpoint": kept["endpoint"] | {"url": strip_credentials(self.endpoint.url)}} if self.endpoint else {}
        if self.llm:
            name, is_at, url = self.llm.partition("=")
            kept |= {"llm": f"{name}{is_at}{strip_credentials(url)}"}
        for name in ("cases", "corpora"):
            kept |= {name: [str(path.resolve()) for path in kept[name]]} if name in kept else {}
        kept |= {"towns": str(self.towns.resolve())} if self.towns else {}
        return kept | ({"data": str(self.data.resolve())} if self.data else {})

    @classmethod
    def from_json(cls, kept: dict[str, Any], out: Path) -> Self:
        """Return the options of the run kept in `out`; raises RunFolderError where they are none."""
        try:
            return cls(
                sets=tuple(kept.get("sets", ())),
                cases=tuple(map(Path, kept.get("cases", ()))),
                towns=Path(kept["towns"]) if "towns" in kept else None,
                corpora=tuple(map(Path, kept.get("corpora", ()))),
                data=Path(kept["data"]) if "data" in kept else None,
                url=kept.get("url"),
                endpoint=Endpoint(**kept["endpoint"]) if "endpoint" in kept else None,
                llm=kept.get("llm"),
                jobs=int(kept.get("jobs", 1)),
                without=tuple(kept.get("without", ())),
                looks=tuple(kept.get("looks", ())),
                called=str(kept.get("called", "")),
                note=str(kept.get("note", "")),
                out=out,
            )
        except (TypeError, ValueError) as error:
            raise RunFolderError(
                f"{out}: config.json の options を読めません({error})。新しく測ってください。"
            ) from error
