"""Measures the stages of an index build, and of adding one file; `-m` runs one build.

Each build runs `ingest.build.build.build` in a separate process, as the command does.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from eval.benchmarks.speed.material import Material
from eval.benchmarks.speed.ours import save_settings
from eval.benchmarks.speed.process import MeasuredProcessError
from eval.benchmarks.speed.resident import resident_mb
from ingest.configuration.settings import Settings

Figures = dict[str, Any]
_READ = "文書を読む"


def measure_added_file(settings: Settings, material: Material) -> Figures:
    """Return `build_s` for an index of the material, `added_s` after adding one file, and both by stage.

    Each document becomes a Markdown file with a section per passage. Raises MeasuredProcessError.
    """
    with TemporaryDirectory(prefix="shirube-speed-") as name:
        folder = Path(name) / "documents"
        folder.mkdir()
        for reading in material.readings:
            sections = (f"## {passage.text[:20]}\n\n{passage.text}" for passage in reading.passages)
            text = "\n\n".join((f"# {reading.document.title}", *sections))
            (folder / f"{reading.document.id}.md").write_text(text + "\n", "utf-8")
        last = max(folder.iterdir())
        removed = shutil.move(last, Path(name) / last.name)
        first = measure_folder_build(settings, folder, Path(name))
        shutil.move(removed, last)
        second = measure_folder_build(settings, folder, Path(name))
    figures = {"documents": second["documents"], "passages": second["passages"], "build_s": first["build_s"]}
    return figures | {"added_s": second["build_s"], "stages": {"build": first["stages"], "added": second["stages"]}}


def measure_folder_build(settings: Settings, documents: Path, work: Path) -> Figures:
    """Return the figures of building `documents`, over the index in `work` if there is one.

    `build_s`, `read_s` and `stages` are seconds; for documents with pages, `read_pages_per_s` is the rate of reading
    and `pages_per_s` the speed of the build. `rss_mb` is the memory of the process at the end.
    """
    settings_file = work / "settings.json"
    save_settings(settings.model_copy(update={"data": work / "data", "chroma_url": None}), settings_file)
    command = [sys.executable, "-m", "eval.benchmarks.speed.building", str(settings_file), str(documents.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- ours
    if done.returncode:
        words = done.stderr.strip().splitlines() or [""]
        raise MeasuredProcessError(f"索引を作るプロセスが終わりました(終了コード {done.returncode}): {words[-1]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def main(settings_file: str, documents: str) -> None:
    """Build and print the figures as JSON."""
    from ingest.build.build import build  # noqa: PLC0415 -- part of the measured time
    from ingest.documents import ParsedDocument  # noqa: PLC0415 -- as above

    settings = Settings(_env_file=None, **json.loads(Path(settings_file).read_text("utf-8")))
    stages: dict[str, list[float]] = {}
    pages = 0

    def progress(stage: str, _done: int, _total: int) -> None:
        stages.setdefault(stage, [perf_counter(), 0])[1] = perf_counter()

    def count_pages(_entry: object, result: object) -> None:
        nonlocal pages
        if isinstance(result, ParsedDocument):
            pages += max((passage.page or 0 for passage in result.passages), default=0)

    started = perf_counter()
    report = build(settings, [Path(documents)], progress=progress, on_read=count_pages)
    build_s = perf_counter() - started
    seconds = {stage: end - start for stage, (start, end) in stages.items()}
    figures: Figures = {"documents": report.documents, "passages": report.passages, "failed": len(report.failed)}
    figures |= {"build_s": build_s, "read_s": seconds[_READ], "rss_mb": resident_mb(), "stages": seconds}
    sys.stdout.write(json.dumps(figures | _page_rates(pages, figures)) + "\n")


def _page_rates(pages: int, figures: Mapping[str, Any]) -> Figures:
    if not pages:
        return {}
    rates = {"read_pages_per_s": pages / figures["read_s"], "pages_per_s": pages / figures["build_s"]}
    return {"pages": pages} | rates


if __name__ == "__main__":
    main(*sys.argv[1:])
