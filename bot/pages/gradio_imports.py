"""Import hook that halves Gradio's import time by skipping what is not used."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_COMPONENTS = "gradio.component_meta"
_MCP = "gradio.mcp"


class GradioImportFinder(MetaPathFinder):
    """Loads two modules of Gradio without the parts that are not used here.

    `component_meta` writes a stub file for editors next to each component, .8 s of a core. `gradio.mcp` imports the
    `mcp` package to offer a page's functions to assistants, which `bot/web/assistants.py` does.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of one of the two modules, None for all others."""
        if fullname not in {_COMPONENTS, _MCP}:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == _COMPONENTS:
            super().exec_module(module)
            module.__dict__["create_or_modify_pyi"] = lambda *_: None
            return
        is_absent = "mcp" not in sys.modules
        if is_absent:
            sys.modules["mcp"] = None  # type: ignore[assignment]  # as if it were not installed
        try:
            super().exec_module(module)
        finally:
            if is_absent:
                del sys.modules["mcp"]
