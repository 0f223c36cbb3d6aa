"""The question sets of the project and of the office, each with its documents."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from eval.dataset.case import Case, load_cases
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines, read_numbered_lines
from ingest.configuration.settings import Settings
from ingest.corpus import MANIFEST

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
    "colloquial": "同じ広報と会議録への、話し言葉での質問",
    "office": "この役所で書いた質問",
}
"""Description of each set, by name."""
ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parents[1] / "cases"
OFFICE = "office"
UNREAD_FOLDER = Path(__file__).parents[1] / "cases" / "unread"
UNREAD_SETS = {"unread": "questions.jsonl", "unread-colloquial": "colloquial.jsonl"}
"""The file of each set in `UNREAD_FOLDER`. A set runs only if named, and only its rates are read."""


@dataclass(frozen=True, slots=True)
class CaseSet:
    """The cases of `files`, asked over the documents in `corpora`, or over the current index if there are none.

    `python -m eval check` and the workbench read only files `in_our_format`.
    """

    name: str
    files: tuple[Path, ...]
    corpora: tuple[Path, ...]
    in_our_format: bool = True

    def read_cases(self) -> tuple[Case, ...]:
        """Return the cases; raises SetFileError, with file and line, for an invalid one."""
        return load_cases(self.files) if self.in_our_format else _load_towns(self.files)

    @property
    def is_available(self) -> bool:
        """Whether its documents are on this machine."""
        return all((corpus / MANIFEST).is_file() for corpus in self.corpora)


# Name, case folder below CASES and document folder below ROOT. The original texts are not part of a checkout; they are
# asked the questions of corpus/, which restates them.
_INVENTED = ("minato", "hibarino", "tsuyukusa", "ashino", "hiyahara", "kumoizawa", "shioba", "yukisawa")
_PROJECT_SETS = (
    ("kanazawa", ".", "corpus"),
    ("kanazawa-asked", "kanazawa", "corpus"),
    ("sources", ".", "../shared/corpus"),
    ("sources-asked", "kanazawa", "../shared/corpus"),
    *((name, name, f"tests/documents/{name}") for name in _INVENTED),
)
# Questions about real bulletins and minutes, stored with their documents outside the checkout.
_PUBLIC_SETS = ROOT / "../shared/data"
_TOWNS = _PUBLIC_SETS / "towns"
COLLOQUIAL = "colloquial"
"""Questions in spoken language, for calibration, over the documents of the set `towns`; it runs only if named."""


def project_sets(names: Iterable[str] = (), settings: Settings | None = None) -> tuple[CaseSet, ...]:
    """Return these sets, by default all, with `settings` the office's too; raises SetFileError for an unknown name."""
    wanted_names = frozenset(names)
    available = tuple(
        CaseSet(name, tuple(sorted((CASES / cases).glob("*.jsonl"))), (ROOT / corpus,))
        for name, cases, corpus in _PROJECT_SETS
    )
    available += (
        _towns_set("towns", _TOWNS / "questions.jsonl", _TOWNS / "corpus"),
        *(office_set(settings) if settings else ()),
    )
    if COLLOQUIAL in wanted_names:
        available += (_towns_set(COLLOQUIAL, CASES / COLLOQUIAL / "questions.jsonl", _TOWNS / "corpus"),)
    available += tuple(_unread_set(name) for name in UNREAD_SETS if name in wanted_names)
    if unknown := wanted_names - {case_set.name for case_set in available}:
        available_names = "、".join(case_set.name for case_set in available)
        raise SetFileError(
            f"質問集「{'」「'.join(sorted(unknown))}」はありません。次から選んでください: {available_names}"
        )
    return tuple(case_set for case_set in available if not wanted_names or case_set.name in wanted_names)


def corpus_sets(settings: Settings | None = None) -> tuple[CaseSet, ...]:
    """Return the sets about the documents of `corpus/`; with `settings` also the office's, whatever its documents."""
    of_corpus = tuple(case_set for case_set in project_sets() if case_set.corpora == (ROOT / "corpus",))
    return of_corpus + (office_set(settings) if settings else ())


def _towns_set(name: str, questions: Path, corpus: Path) -> CaseSet:
    return CaseSet(name, (questions,), (corpus,), in_our_format=False)


def _unread_set(name: str) -> CaseSet:
    corpus = ROOT / "var" / "eval" / "unread"
    if (_PUBLIC_SETS / "bulletins").is_dir():
        build_unread_corpus(_PUBLIC_SETS, corpus)
    return _towns_set(name, UNREAD_FOLDER / UNREAD_SETS[name], corpus)


def case_file_sets(files: Iterable[Path], corpora: tuple[Path, ...]) -> tuple[CaseSet, ...]:
    """Return the sets of files over `corpora`, or over documents beside them, named after their folder."""
    by_folder: defaultdict[Path | None, list[Path]] = defaultdict(list)
    for file in files:
        folder = file.resolve().parent
        has_documents = (folder / "documents").is_dir() or (folder / "support.json").is_file()
        by_folder[folder if has_documents else None].append(file)
    return tuple(
        _towns_set(folder.name, folder / "questions.jsonl", folder / "corpus")
        if folder and (folder / "support.json").is_file()
        else CaseSet(folder.name, tuple(own), (folder / "documents",))
        if folder
        else CaseSet("cases", tuple(own), corpora)
        for folder, own in by_folder.items()
    )


def office_set(settings: Settings) -> tuple[CaseSet, ...]:
    """Return the set of the office's cases; empty before the first one is written.

    They are asked over the current index, because some are about curated answers, which are stored with it.
    """
    files = tuple(sorted(office_folder(settings).glob("*.jsonl")))
    return (CaseSet(OFFICE, files, ()),) if files else ()


def office_folder(settings: Settings) -> Path:
    """Return the writable folder of the office's cases; the project's are part of the installation."""
    return settings.data / "cases"


def _load_towns(files: Iterable[Path]) -> tuple[Case, ...]:
    cases = []
    for file in files:
        sections = file.with_name("support.json")
        support = json.loads(sections.read_text("utf-8")) if sections.is_file() else {}
        for place, line in read_numbered_lines(file):
            try:
                cases.append(_case(json.loads(line), support))
            except (ValueError, KeyError, TypeError) as error:
                raise SetFileError(f"{place}: 質問として読めません（{error}）。") from error
    return tuple(cases)


def _case(question: dict[str, Any], support: dict[str, Any]) -> Case:
    units = [support[unit] for unit in question.get("support", ())]
    documents = dict.fromkeys(unit["doc"] for unit in units or [question] if unit["doc"])
    return Case(
        id=f"{question['doc'] or 'none'}-{question['id']}" if "support" in question else question["id"],
        kind=question["kind"],
        turns=question["turns"],
        must=question["must"],
        must_not=question["must_not"],
        cite=[f"{doc_id}#*" for doc_id in documents],
        behave=question["behave"],
        note=question.get("note", ""),
    )


# The source has a question mark for the wave dash of spans (9時?17時), and tags of pictures.
_SPAN = re.compile(r"(?<=[時分日月年)）0-9])\?(?=[0-9０-９(（(]|$|\s)", re.MULTILINE)
_PICTURE = re.compile(r"<img [^<>]*>\n?")
_PREFECTURE = re.compile(r"^.{2,3}?[都道府県](?=.)")


def build_unread_corpus(shared: Path, out: Path) -> Path:
    """Write the documents of the sets to `out`, from the public sets in `shared`, unless they exist; return `out`."""
    if (out / MANIFEST).is_file():
        return out
    support: dict[str, dict[str, str]] = json.loads((UNREAD_FOLDER / "support.json").read_text("utf-8"))
    units = {unit["id"]: unit for unit in read_json_lines(shared / "bulletins" / "articles.jsonl")}
    units |= {unit["id"]: unit for unit in read_json_lines(shared / "kiryu" / "speeches.jsonl")}
    by_document: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for unit, place in support.items():
        by_document[place["doc"]].append(units[unit])
    out.mkdir(parents=True, exist_ok=True)
    write_manifest(out, [_write_document(out, doc_id, members) for doc_id, members in by_document.items()])
    return out


def _write_document(out: Path, doc_id: str, members: list[dict[str, Any]]) -> dict[str, Any]:
    first = members[0]
    if "body" in first:
        bodies = [_SPAN.sub("〜", _PICTURE.sub("", m["body"].replace("&amp;", "&"))).strip() for m in members]
        articles = (f"## {m['title']}\n\n{body}" for m, body in zip(members, bodies, strict=True))
        name, text = f"{doc_id}.md", "\n\n".join([f"# {first['issue']}", *articles])
        issuer, published = _PREFECTURE.sub("", first["municipality"]), first["date"].replace(".", "-")
        about = {"title": first["issue"], "kind": "notice", "issuer": issuer, "published": published}
    else:
        name, text = f"{doc_id}.txt", "\n".join(f"○{m['role']}（{m['speaker']}） {m['text'].strip()}" for m in members)
        title = f"桐生市議会 {first['meeting']} {first['day']}"
        about = {"title": title, "kind": "meeting", "issuer": "桐生市", "published": doc_id.partition("-")[2]}
    (out / name).write_text(text + "\n", "utf-8")
    return {"file": name, "id": doc_id, **about}


def write_manifest(folder: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Write the manifest of the documents in a folder."""
    lines = [
        ["[[document]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()), ""]
        for entry in entries
    ]
    (folder / MANIFEST).write_text("\n".join(chain(*lines)), "utf-8")
