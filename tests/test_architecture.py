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

from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from tests.conftest import ROOT

# The rooms of `bot` with those that they may import (README.md of each).
ROOMS: dict[str, tuple[str, ...]] = {
    "answering": (),
    "running": ("answering",),
    "channels": ("answering", "running"),
    "desk": ("answering", "running", "channels"),
    "assembly": ("answering", "running", "channels", "desk"),
}
ORDER = ("ingest", "bot", "eval", "lab")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
# The string literals are split so that this file does not match itself.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b")
MACHINE = re.compile(r"(?<![\w.:/-])/(?:root|work|home/\w+|Users/\w+|opt/\w+)/" r"|file:/" r"//")


@cache
def tracked_texts() -> dict[str, str]:
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


def imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def imported_modules(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def room(name: str) -> str:
    parts = name.split(".")
    return "assembly" if parts[1:3] in (["running", "server"], ["running", "commands"]) else parts[1]


def matching_lines(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in tracked_texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def distribution_names(wanted: list[str]) -> set[str]:
    return {normalised(re.split(r"[^\w.-]", line)[0]) for line in wanted}


def normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def settings_rows(page: str) -> list[list[str]]:
    lines = (ROOT / page).read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `SHIRUBE_")]


def documented_default(value: object) -> str:
    return "" if value in (None, "", ()) or isinstance(value, SecretStr) else f"`{value}`"


@pytest.mark.parametrize("package", ORDER)
def test_packages_import_only_lower_packages(package: str) -> None:
    later = set(ORDER[ORDER.index(package) + 1 :]) | {"tests"}
    backward = {
        str(path.relative_to(ROOT)): names
        for path in (ROOT / package).rglob("*.py")
        if (names := imported_packages(path) & later)
    }
    assert backward == {}


@pytest.mark.parametrize("package", [*ORDER, *(f"bot.{name}" for name in ROOMS if name != "assembly")])
def test_subpackages_have_no_import_cycle(package: str) -> None:
    edges: dict[str, dict[str, list[str]]] = {}
    folder, depth = ROOT / package.replace(".", "/"), package.count(".") + 1
    for path in sorted(folder.rglob("*.py")):
        subpackage = path.relative_to(folder).with_suffix("").parts[0]
        others = {name.split(".")[depth] for name in imported_modules(path) if name.startswith(f"{package}.")}
        if package == "bot":  # its rooms: the next test
            others -= set(ROOMS)
        if package == "bot.running" and subpackage in {"server", "commands"}:
            continue
        for other in others - {subpackage}:
            edges.setdefault(subpackage, {}).setdefault(other, []).append(str(path.relative_to(ROOT)))
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        cycle = error.args[1][::-1]  # graphlib lists the imported subpackage first
        steps = [
            f"{subpackage} imports {other} in {', '.join(edges[subpackage][other])}"
            for subpackage, other in pairwise(cycle)
        ]
        pytest.fail(f"Subpackages of {package} import in a cycle:\n" + "\n".join(steps))


@pytest.mark.parametrize("name", ROOMS)
def test_rooms_of_bot_import_only_the_rooms_that_they_may(name: str) -> None:
    forbidden = {
        f"{path.relative_to(ROOT)}: {imported}"
        for path in (ROOT / "bot").glob("*/**/*.py")
        if room(".".join(path.relative_to(ROOT).with_suffix("").parts)) == name
        for imported in imported_modules(path)
        if imported.startswith("bot.") and room(imported) in {*ROOMS} - {name, *ROOMS[name]}
    }
    assert forbidden == set()


@pytest.mark.parametrize("package", [*ORDER, "tests"])
def test_imported_libraries_are_declared(package: str) -> None:
    extras = PROJECT["optional-dependencies"]
    # Optional extras: local GGUF models, PostgreSQL, OCR.
    further = {
        "tests": extras["dev"],
        "lab": extras["dev"],
        "bot": extras["local-llm"] + extras["postgresql"],
        "ingest": extras["ocr"],
    }.get(package, [])
    allowed = distribution_names(PROJECT["dependencies"] + further)
    known = {name: set(map(normalised, owners)) for name, owners in packages_distributions().items()}
    own = {*ORDER, "prompts", "tests", *sys.stdlib_module_names}
    used = set().union(*map(imported_packages, (ROOT / package).rglob("*.py"))) - own
    assert {name for name in used if not {normalised(name), *known.get(name, set())} & allowed} == set()


def test_no_file_contains_unfinished_work() -> None:
    assert matching_lines(UNFINISHED) == []


def test_no_file_names_a_local_path() -> None:
    assert matching_lines(MACHINE) == []


def lock_sections() -> list[tuple[set[str], list[str]]]:
    _, *sections = LOCK.replace(" \\\n", "").split("# sets: ")
    return [(set(sets.split()), pins.splitlines()) for sets, pins in (one.split("\n", 1) for one in sections)]


def test_lock_pins_every_package() -> None:
    pin = re.compile(r"[a-z0-9-]+==[^\s+@]+( ; .+?)?(    --hash=sha256:[0-9a-f]{64})+")
    loose = [line[:80] for _, pins in lock_sections() for line in pins if not pin.fullmatch(line)]
    assert loose == ["torch==2.13.0"]


def test_lock_lists_each_package_once() -> None:
    names = [pin.partition("==")[0] for _, pins in lock_sections() for pin in pins]
    assert sorted(names) == sorted(set(names))


def test_lock_contains_no_cuda() -> None:
    assert re.findall(r"^(?:nvidia|cuda|triton).*", LOCK, re.MULTILINE) == []


@pytest.mark.parametrize("extra", ["runtime", *PROJECT["optional-dependencies"]])
def test_lock_contains_every_dependency(extra: str) -> None:
    wanted = distribution_names(PROJECT["optional-dependencies"].get(extra, PROJECT["dependencies"]))
    pinned = {
        pin.partition("==")[0] for sets, pins in lock_sections() if sets & {"runtime", "torch", extra} for pin in pins
    }
    assert wanted - pinned == set()


def test_docs_describe_every_setting() -> None:
    declared = [
        [f"`SHIRUBE_{name.upper()}`", documented_default(field.default), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert settings_rows("docs/settings.ja.md") == declared


def test_docs_describe_every_language_model_setting() -> None:
    lines = (ROOT / "docs/settings.ja.md").read_text("utf-8").splitlines()
    for name, field in LanguageModel.model_fields.items():
        row = f"| `{name.upper()}` | {documented_default(field.default)} | {field.description} |"
        assert any(line.startswith(row) for line in lines), name


def test_each_public_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for package in ORDER:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
