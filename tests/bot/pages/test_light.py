"""Tests of the parts of Gradio that are not loaded, for a faster start of the server."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType

import gradio
import pytest

from bot.pages.gradio_imports import GradioImportFinder


def loaded(name: str) -> ModuleType:
    """Return a module of Gradio as the pages get it."""
    spec = GradioImportFinder().find_spec(name, gradio.__path__)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_type_stub_is_written_for_a_component() -> None:
    module = loaded("gradio.component_meta")
    module.create_or_modify_pyi(object, "Nowhere", ["click"])
    made = module.ComponentMeta("Nowhere", (), {"EVENTS": ["click"]})
    assert callable(made.click)


def test_gradio_does_not_load_its_mcp_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mcp", raising=False)
    module = loaded("gradio.mcp")
    assert callable(module.tool)
    assert not hasattr(module.GradioMCPServer, "types")
    assert "mcp" not in sys.modules


def test_other_modules_are_imported_as_usual() -> None:
    assert any(isinstance(finder, GradioImportFinder) for finder in sys.meta_path[: sys.meta_path.index(PathFinder)])
    assert GradioImportFinder().find_spec("gradio.blocks", gradio.__path__) is None
