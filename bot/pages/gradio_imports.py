"""Import hook that halves Gradio's import time by skipping what is not used."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_COMPONENTS, _ASSISTANTS = "gradio.component_meta", "gradio.mcp"


class GradioImportFinder(MetaPathFinder):
    """Finds two modules of Gradio, and leaves out of them what nothing here uses.

    One writes, for editors, a description of each component beside its source: .8 s of a core, and no business of a
    server. The other imports the `mcp` package to offer functions of a page to assistants, which bot/web/mcp does.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where one of the two is, with what loads it, None for all others."""
        if fullname not in {_COMPONENTS, _ASSISTANTS}:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == _COMPONENTS:
            super().exec_module(module)
            module.__dict__["create_or_modify_pyi"] = _do_nothing
            return
        absent = "mcp" not in sys.modules
        if absent:
            sys.modules["mcp"] = None  # type: ignore[assignment]  # as if it were not installed
        try:
            super().exec_module(module)
        finally:
            if absent:
                del sys.modules["mcp"]


def _do_nothing(*_: object) -> None:
    pass
