"""Joins the scripts and style sheets of a page with the shared ones."""

from pathlib import Path

SHARED_FILES = Path(__file__).parent / "static"
"""The folder of the files that pages share."""


def join_assets(folder: Path, *names: str) -> str:
    """Return the files by name, joined: those in `folder`, else the shared ones; later files may use earlier ones."""
    return "\n".join(
        next(filter(Path.exists, (folder / name, SHARED_FILES / name))).read_text("utf-8") for name in names
    )
