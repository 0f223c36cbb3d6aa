"""What is left out of Gradio, so that a server starts sooner."""

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


def test_a_component_is_not_described_beside_its_source() -> None:
    """No file is read or written for a component, whatever it is; components are made all the same."""
    module = loaded("gradio.component_meta")
    module.create_or_modify_pyi(object, "Nowhere", ["click"])
    made = module.ComponentMeta("Nowhere", (), {"EVENTS": ["click"]})
    assert callable(made.click)


def test_gradio_does_not_load_what_serves_assistants(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package stays to be imported by who offers assistants something."""
    monkeypatch.delitem(sys.modules, "mcp", raising=False)
    module = loaded("gradio.mcp")
    assert callable(module.tool)
    assert not hasattr(module.GradioMCPServer, "types")
    assert "mcp" not in sys.modules


def test_all_else_is_left_to_python() -> None:
    """The finder, which stands before Python's own, knows two modules."""
    assert any(isinstance(finder, GradioImportFinder) for finder in sys.meta_path[: sys.meta_path.index(PathFinder)])
    assert GradioImportFinder().find_spec("gradio.blocks", gradio.__path__) is None
