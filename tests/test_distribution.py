import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, distributions
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from license_expression import get_spdx_licensing

from tests.conftest import ROOT

PACKAGES = ("ingest", "bot", "eval", "prompts", "corpus")
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
CHECKOUT_ONLY = ("eval/scenarios/",)
BUILD = "import sys; from setuptools import setup; setup(script_args=['-q', 'build_py', '--build-lib', sys.argv[1]])"
LOADED_BY_SERVER = """
import json, sys
import bot.running.commands.service_commands, bot.running.server.api
from bot.channels.pages.mount import offered_pages
before = [name for name in sys.modules if name.split(".")[0] == "eval"]
paths = [page.path for page in offered_pages()]
print(json.dumps([before, paths, list(sys.modules)]))
"""


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this copy is not a git checkout")
    return [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).exists()]


def test_a_wheel_has_every_file_of_the_packages(tracked: list[str], tmp_path: Path) -> None:
    for name in (*tracked, "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        copy = tmp_path / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.symlink_to(ROOT / name)
    built = tmp_path / "built"
    subprocess.run([sys.executable, "-c", BUILD, built], cwd=tmp_path / "source", check=True, capture_output=True)
    files = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    assert files == {name for name in tracked if not name.startswith(CHECKOUT_ONLY)}


@pytest.mark.parametrize(
    ("package", "pattern"), [(package, glob) for package, globs in SETUPTOOLS["package-data"].items() for glob in globs]
)
def test_each_pattern_of_package_data_has_files(package: str, pattern: str) -> None:
    assert any((ROOT / package).glob(pattern))


@pytest.mark.parametrize("arguments", [["ingest", "list"], ["eval", "compare"], ["serve"], []])
def test_shirube_is_one_command_for_all_packages(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from bot.running.commands.shirube import main; main()", *arguments, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    package = arguments[0] if arguments[:1] in (["ingest"], ["eval"]) else "bot"
    assert run.returncode == 0
    assert f"python -m {package}" in run.stdout


def test_a_server_imports_no_training_and_no_benchmark() -> None:
    run = subprocess.run([sys.executable, "-c", LOADED_BY_SERVER], cwd=ROOT, capture_output=True, text=True, check=True)
    before, paths, modules = json.loads(run.stdout.splitlines()[-1])
    assert before == []
    assert paths == ["/workbench"]
    assert [name for name in modules if name.split(".")[0] == "lab"] == []


_FREE = "no more is asked than to keep its notice"
# By its name in SPDX, with why it may be here.
ALLOWED = {
    **dict.fromkeys(
        ("MIT", "MIT-0", "MIT-CMU", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "CC0-1.0"), _FREE
    ),
    **dict.fromkeys(("Apache-2.0", "BSL-1.0", "PSF-2.0", "CNRI-Python", "Python-2.0"), _FREE),
    "Apache-2.0 WITH LLVM-exception": _FREE,
    "MPL-2.0": "changes to its own files are given on; we change none, and use it as it comes",
    "LGPL-3.0-only": "psycopg: a library that is loaded as it comes, and that its user may exchange",
    "OFL-1.1": "fonts: they may be installed with anything, and are not sold by themselves",
    "CC-BY-SA-4.0": "our own word vectors (NOTICE)",
}
# What says it in words of its own, or not where tools look; read by hand in the release that the lock pins.
_READ = {"axe-playwright-python": "MIT", "pylopdf-fonts-jp": "OFL-1.1", "pypdfium2": "BSD-3-Clause AND Apache-2.0"}
_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_name = attrgetter("name")
_SPDX = get_spdx_licensing()


def licence(distribution: Distribution) -> str:
    known: Any = distribution.metadata
    name = re.sub(r"[-_.]+", "-", known["Name"]).lower()
    said = [one.rpartition(" :: ")[2] for one in known.get_all("Classifier") or () if one.startswith("License :: ")]
    said = [one for one in said if one != "OSI Approved"]
    written = known.get("License-Expression") or _READ.get(name) or " AND ".join(_WORDS.get(one, one) for one in said)
    line = (known.get("License") or "").strip().partition("\n")[0]
    return written or _WORDS.get(line, line)


@pytest.mark.parametrize("distribution", sorted(distributions(), key=_name), ids=_name)
def test_each_licence_is_known_and_allowed(distribution: Distribution) -> None:
    told = licence(distribution)
    parsed = _SPDX.parse(told, validate=True, strict=True)
    assert parsed is not None
    assert {one.render() for one in _SPDX.license_symbols(parsed, decompose=False)} <= set(ALLOWED)
