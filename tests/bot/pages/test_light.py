"""Tests of the parts of Gradio that are not loaded, for a faster start of the server."""

import sys
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


def test_gradio_does_not_load_its_mcp_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mcp", raising=False)
    module = loaded("gradio.mcp")
    assert callable(module.tool)
    assert not hasattr(module.GradioMCPServer, "types")
    assert "mcp" not in sys.modules
