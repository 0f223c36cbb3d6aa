import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("ingest", "bot", "eval", "prompts", "corpus")
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
CHECKOUT_ONLY = ("eval/scenarios/",)
BUILD = "import sys; from setuptools import setup; setup(script_args=['-q', 'build_py', '--build-lib', sys.argv[1]])"
LOADED_BY_SERVER = """
import json, sys
import bot.running.commands.service_commands, bot.running.server.api
from bot.channels.pages.page_interface import offered_pages
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
