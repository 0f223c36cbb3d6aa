"""`python -m tests.tools.lock [--upgrade]` writes requirements.lock: one version of each package for all sets."""

import re
import subprocess
import sys
import tomllib

from tests.conftest import ROOT

LOCK = ROOT / "requirements.lock"
HEADER = """\
# Written by `make lock`: one version of every package, with the hashes of its files, for every Python and system.
# Each package is below a line that names the sets it belongs to: runtime, an extra or a group of pyproject.toml.
# The Makefile installs one set (`make setup-ocr`). By hand, for runtime and ocr:
#   awk '/^# sets:/ { wanted = / (runtime|ocr)( |$)/ } wanted' requirements.lock > wanted.txt
#   pip install --no-deps --require-hashes -r wanted.txt
# torch has no hash: its CPU builds, one for each system, come from an index of their own.
"""
# In an environment of its own (Makefile), so it lists the packages that it shares with runtime too.
SEPARATE = "supply"


def main() -> int:
    """Resolve all sets together, then ask for each set which of the packages it needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = list(project["project"]["optional-dependencies"])
    flags = [f"--extra={extra}" for extra in extras]
    everything = compile_lock(
        "pyproject.toml", "--group=build", f"--group={SEPARATE}", *flags, *sys.argv[1:], hashes=True
    )
    pins = {name: pin for pin in re.split(r"\n(?=\S)", everything.strip()) if (name := package_name(pin))}
    LOCK.write_text(everything, "utf-8")
    sets = {"runtime": needed_packages("pyproject.toml", "--group=build")}
    for extra in extras:
        sets[extra] = needed_packages("pyproject.toml", "--group=build", f"--extra={extra}") - sets["runtime"]
    sets[SEPARATE] = needed_packages(f"--group={SEPARATE}")
    (torch,) = (line for line in project["project"]["dependencies"] if line.startswith("torch=="))
    by_sets: dict[str, list[str]] = {}
    for name, pin in pins.items():
        by_sets.setdefault(" ".join(label for label, names in sets.items() if name in names), []).append(pin)
    sections = [f"# sets: {label}\n" + "\n".join(members) for label, members in by_sets.items()]
    LOCK.write_text("\n".join([HEADER, *sections, f"# sets: torch\n{torch}\n"]), "utf-8")
    return 0


def needed_packages(*arguments: str) -> set[str]:
    """Return the names of the packages that some sets need, in the versions of the lock."""
    lines = compile_lock(*arguments, f"--constraint={LOCK}").splitlines()
    return {name for line in lines if (name := package_name(line))}


def package_name(pin: str) -> str:
    """Return the name at the start of a pin; empty for a comment."""
    match = re.match(r"[a-z0-9-]+(?===)", pin)
    return match[0] if match else ""


def compile_lock(*arguments: str, hashes: bool = False) -> str:
    """Return the pins that uv resolves; those of the lock are kept unless `--upgrade` is given."""
    output = ["--output-file", str(LOCK), "--generate-hashes"] if hashes else []
    return subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version=3.11"),
            *("--fork-strategy=fewest", "--no-annotate", "--no-header", "--no-emit-package=torch"),
            *output,
            *arguments,
        ],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
