"""Options of a run: its cases, and the system under test."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from eval.errors import RunFolderError
from eval.scoring.run_record import Transport
from eval.storage.provenance import strip_credentials
from eval.systems.other_system import SystemEndpoint


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The cases of a run: those of `sets`, of the files `cases` or of the folder `towns`; by default all sets.

    At most one of `corpora` (indexed for this run), `data` (an existing index), `url` (a running Shirube) and
    `endpoint` (another system) is the system under test; by default each set uses its own documents. `llm` is a
    language model used instead of the settings' (`eval/runs/language_models.py`). `jobs` is the number of concurrent
    questions. `without` names disabled ranking adjustments, `repetitions` how each question is asked
    again (`eval/robustness.py`). `called` and `note` are the name and description of the run. `out` is its folder, by
    default one in the data folder named after the time.
    """

    sets: tuple[str, ...] = ()
    cases: tuple[Path, ...] = ()
    towns: Path | None = None
    corpora: tuple[Path, ...] = ()
    data: Path | None = None
    url: str | None = None
    endpoint: SystemEndpoint | None = None
    llm: str | None = None
    jobs: int = 1
    without: tuple[str, ...] = ()
    repetitions: tuple[str, ...] = ()
    called: str = ""
    note: str = ""
    out: Path | None = None

    @property
    def transport(self) -> Transport:
        """The transport to the system under test."""
        if self.url:
            return "url"
        return "endpoint" if self.endpoint else "process"

    @property
    def names_subject(self) -> bool:
        """Whether all sets use one system under test instead of the documents of each."""
        return bool(self.corpora or self.data or self.url or self.endpoint)

    def as_json(self) -> dict[str, Any]:
        """Return the options for config.json, to resume the run; URLs have no credentials."""
        stored = {name: value for name, value in asdict(self).items() if value and name != "out"}
        stored |= {"looks": stored.pop("repetitions")} if self.repetitions else {}
        stored |= {"url": strip_credentials(self.url)} if self.url else {}
        stored |= (
            {"endpoint": stored["endpoint"] | {"url": strip_credentials(self.endpoint.url)}} if self.endpoint else {}
        )
        if self.llm:
            name, is_at, url = self.llm.partition("=")
            stored |= {"llm": f"{name}{is_at}{strip_credentials(url)}"}
        for name in ("cases", "corpora"):
            stored |= {name: [str(path.resolve()) for path in stored[name]]} if name in stored else {}
        stored |= {"towns": str(self.towns.resolve())} if self.towns else {}
        return stored | ({"data": str(self.data.resolve())} if self.data else {})

    @classmethod
    def from_json(cls, stored: dict[str, Any], out: Path) -> Self:
        """Return the options of the run stored in `out`; raises RunFolderError if they are invalid."""
        try:
            return cls(
                sets=tuple(stored.get("sets", ())),
                cases=tuple(map(Path, stored.get("cases", ()))),
                towns=Path(stored["towns"]) if "towns" in stored else None,
                corpora=tuple(map(Path, stored.get("corpora", ()))),
                data=Path(stored["data"]) if "data" in stored else None,
                url=stored.get("url"),
                endpoint=SystemEndpoint(**stored["endpoint"]) if "endpoint" in stored else None,
                llm=stored.get("llm"),
                jobs=int(stored.get("jobs", 1)),
                without=tuple(stored.get("without", ())),
                repetitions=tuple(stored.get("looks", ())),
                called=str(stored.get("called", "")),
                note=str(stored.get("note", "")),
                out=out,
            )
        except (TypeError, ValueError) as error:
            raise RunFolderError(
                f"{out}: config.json の options を読めません({error})。新しく測ってください。"
            ) from error
