"""The house itself: what may import what, what must be there, and what must not."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.configuration.settings import LanguageModel, Settings
from tests.conftest import ROOT

ORDER = ("ingest", "bot", "eval")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
# Written apart, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b")
MACHINE = re.compile(r"(?<![\w.:/-])/(?:root|work|home/\w+|Users/\w+|opt/\w+)/" r"|file:/" r"//")


@cache
def tracked_texts() -> dict[str, str]:
    """Return the text of every file under version control, by its path; binary files are left out."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy is not a git checkout")
    texts = {}
    for name in filter(None, listed.stdout.decode().split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            texts[name] = content.decode("utf-8")
    return texts


def imported(path: Path) -> set[str]:
    """Return the top-level names that a module imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def rooms_of(package: str, path: Path) -> set[str]:
    """Return the rooms of a package that a module imports from, wherever in it and for its types alone too."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.extend(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith(f"{package}.")}


def found(pattern: re.Pattern[str]) -> list[str]:
    """Return `path:line: text` of every line of a tracked file in which the pattern occurs."""
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in tracked_texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def distributions(wanted: list[str]) -> set[str]:
    """Return the names of the distributions that requirement lines ask for, written as a lock writes them."""
    return {normal(re.split(r"[^\w.-]", line)[0]) for line in wanted}


def normal(distribution: str) -> str:
    """Return a distribution's normalised name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def settings_rows(page: str) -> list[list[str]]:
    """Return the cells of the table rows that describe a setting."""
    lines = (ROOT / page).read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `SHIRUBE_")]


def shown_default(value: object) -> str:
    """Return a default as the documents write it; nothing for a setting that is empty."""
    return "" if value in (None, "", ()) or isinstance(value, SecretStr) else f"`{value}`"


@pytest.mark.parametrize("room", ORDER)
def test_imports_run_one_way(room: str) -> None:
    """No room imports one that comes after it."""
    later = set(ORDER[ORDER.index(room) + 1 :]) | {"tests"}
    backward = {
        str(path.relative_to(ROOT)): names for path in (ROOT / room).rglob("*.py") if (names := imported(path) & later)
    }
    assert backward == {}


@pytest.mark.parametrize("package", ORDER)
def test_rooms_import_in_no_circle(package: str) -> None:
    """Whoever changes a room need know only those below it; the failure names the edges of the circle."""
    edges: dict[str, dict[str, list[str]]] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        room = path.relative_to(ROOT / package).with_suffix("").parts[0]
        for other in rooms_of(package, path) - {room}:
            edges.setdefault(room, {}).setdefault(other, []).append(str(path.relative_to(ROOT)))
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]  # it is told from what is imported to what imports it
        steps = [f"{room} imports {other} in {', '.join(edges[room][other])}" for room, other in pairwise(circle)]
        pytest.fail(f"Rooms of {package}/ import in a circle:\n" + "\n".join(steps))


@pytest.mark.parametrize("room", [*ORDER, "tests"])
def test_each_library_in_use_is_asked_for(room: str) -> None:
    """What a room imports is a dependency of the project's own, not one that another library happens to bring."""
    extras = PROJECT["optional-dependencies"]
    # A GGUF file is run, the stock way measured, what learns trained, scans read where the extra for it is installed.
    further = {
        "tests": extras["dev"],
        "bot": extras["local-llm"],
        "eval": extras["bench"] + extras["train"],
        "ingest": extras["train"] + extras["ocr"],
    }.get(room, [])
    allowed = distributions(PROJECT["dependencies"] + further)
    known = {name: set(map(normal, owners)) for name, owners in packages_distributions().items()}
    own = {*ORDER, "prompts", "tests", *sys.stdlib_module_names}
    used = set().union(*map(imported, (ROOT / room).rglob("*.py"))) - own
    assert {name for name in used if not {normal(name), *known.get(name, set())} & allowed} == set()


@pytest.mark.parametrize(
    "name", ["ingest", "bot", "prompts", "corpus", "eval", "tests", "pyproject.toml", "README.md", "README.ja.md"]
)
def test_each_room_is_there(name: str) -> None:
    """The folders and files that the outside relies on stand at the top."""
    assert (ROOT / name).exists()


def test_nothing_is_left_unfinished() -> None:
    """No committed file holds a note of unfinished work."""
    assert found(UNFINISHED) == []


def test_no_path_of_one_machine() -> None:
    """No committed file names a folder that is only on its author's machine."""
    assert found(MACHINE) == []


def lock_sections() -> list[tuple[set[str], list[str]]]:
    """Return the sections of the lock: the sets that a section belongs to, and its pins."""
    _, *sections = LOCK.replace(" \\\n", "").split("# sets: ")
    return [(set(sets.split()), pins.splitlines()) for sets, pins in (one.split("\n", 1) for one in sections)]


def test_the_lock_pins_every_package() -> None:
    """Each package is one exact version from no particular host, of files that are known by their hashes."""
    pin = re.compile(r"[a-z0-9-]+==[^\s+@]+( ; .+?)?(    --hash=sha256:[0-9a-f]{64})+")
    loose = [line[:80] for _, pins in lock_sections() for line in pins if not pin.fullmatch(line)]
    assert loose == ["torch==2.13.0"]


def test_the_lock_names_each_package_once() -> None:
    """One set of versions serves every extra and group."""
    names = [pin.partition("==")[0] for _, pins in lock_sections() for pin in pins]
    assert sorted(names) == sorted(set(names))


def test_the_lock_brings_no_cuda() -> None:
    """No package of CUDA is in the lock."""
    assert re.findall(r"^(?:nvidia|cuda|triton).*", LOCK, re.MULTILINE) == []


@pytest.mark.parametrize("extra", ["runtime", *PROJECT["optional-dependencies"]])
def test_the_lock_is_as_new_as_the_project(extra: str) -> None:
    """Every dependency that pyproject.toml names is pinned where it is installed; `make lock` updates the lock."""
    wanted = distributions(PROJECT["optional-dependencies"].get(extra, PROJECT["dependencies"]))
    installed = {
        pin.partition("==")[0] for sets, pins in lock_sections() if sets & {"runtime", "torch", extra} for pin in pins
    }
    assert wanted - installed == set()


def test_the_docs_name_every_setting() -> None:
    """The table of docs/settings.md has each setting with its default, in the order in which they are declared."""
    declared = [
        [f"`SHIRUBE_{name.upper()}`", shown_default(field.default)] for name, field in Settings.model_fields.items()
    ]
    assert [row[:2] for row in settings_rows("docs/settings.md")] == declared


def test_the_japanese_docs_describe_every_setting() -> None:
    """The operators' table says of each setting what the code says of it."""
    declared = [
        [f"`SHIRUBE_{name.upper()}`", shown_default(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert settings_rows("docs/settings.ja.md") == declared


@pytest.mark.parametrize(("page", "is_described"), [("docs/settings.md", False), ("docs/settings.ja.md", True)])
def test_the_docs_describe_every_part_of_a_language_model(page: str, is_described: bool) -> None:  # noqa: FBT001
    """Both tables have each part with its default; the Japanese one describes it as the code does."""
    lines = (ROOT / page).read_text("utf-8").splitlines()
    for name, field in LanguageModel.model_fields.items():
        row = f"| `{name.upper()}` | {shown_default(field.default)} | "
        assert any(line.startswith(row + (f"{field.description} |" if is_described else "")) for line in lines), name


# Words that say nothing as a name of their own (docs/glossary.md has those that do).
BANNED_NAMES = re.compile(
    r"_?(?:of|told|said|asked|found|joined|whole|written|shown|held|apart|behind|beside|together|kept|meant|taken|given|sought)"
)


@pytest.mark.parametrize("package", ORDER)
def test_functions_and_classes_are_named_in_the_terms_of_the_field(package: str) -> None:
    """No module names a function or class with a bare participle or preposition."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, defined) and BANNED_NAMES.fullmatch(node.name)
    ] == []


# A part of each notation and word list that no other text has, and the only file in which it may be.
ONLY_IN = {
    "月火水木金土日": "ingest/japanese/notation.py",
    "一二三四五六七八九十": "ingest/japanese/notation.py",
    "大正": "ingest/japanese/notation.py",
    "なんぼ": "ingest/japanese/lexicons/interrogatives.toml",
    "棟 階 票": "ingest/japanese/lexicons/units.toml",
    "計画 プラン": "ingest/japanese/lexicons/plans.toml",
}


@pytest.mark.parametrize("part", ONLY_IN)
def test_a_notation_is_written_once(part: str) -> None:
    """Whoever needs weekdays, eras, numerals, units or interrogatives imports them from `ingest/japanese`."""
    product = re.compile(r"(?:ingest|bot|eval)/.*\.(?:py|toml)")
    assert [name for name, text in tracked_texts().items() if product.fullmatch(name) and part in text] == [
        ONLY_IN[part]
    ]


@pytest.mark.parametrize("package", ["build", "index", "readers", "sandbox", "terms"])
def test_methods_and_parameters_are_named_in_the_terms_of_the_field(package: str) -> None:
    """No method or parameter of these packages of ingest has a bare participle or preposition as its name."""
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno} {name}"
        for path in sorted((ROOT / "ingest" / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.arg)
        and BANNED_NAMES.fullmatch(name := node.name if isinstance(node, ast.FunctionDef) else node.arg)
    ] == []
