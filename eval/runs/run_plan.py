"""What a run asks: its options, its sets and the system under test."""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from eval.dataset.sets import CaseSet, case_file_sets, corpus_sets, project_sets
from eval.errors import EvalError, SetFileError
from eval.storage.provenance import public_settings, strip_credentials
from eval.systems.asking import SystemUnderTest, open_server
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from ingest.index.generation import load_generation

NO_MODEL = "none"
"""The name that means: no language model."""


class RunOptions(BaseModel):
    """The options of `python -m eval run`, where each is described; `out` is no part of what was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: tuple[str, ...] = ()
    cases: tuple[Path, ...] = ()
    corpora: tuple[Path, ...] = ()
    data: Path | None = None
    url: str | None = None
    llm: str | None = None
    jobs: int = 1
    without: tuple[str, ...] = ()
    dictionary: Path | None = None
    called: str = ""
    note: str = ""
    out: Path | None = Field(None, exclude=True)

    def as_json(self) -> dict[str, Any]:
        """Return the options for config.json; URLs have no credentials."""
        changes = {"url": strip_credentials(self.url)} if self.url else {}
        if self.llm:
            name, is_at, url = self.llm.partition("=")
            changes["llm"] = f"{name}{is_at}{strip_credentials(url)}"
        return self.model_copy(update=changes).model_dump(mode="json", exclude_defaults=True)


def choose_sets(options: RunOptions, settings: Settings) -> tuple[list[CaseSet], list[CaseSet]]:
    """Return the chosen sets, and those without documents here, told on stderr; raises SetFileError if none is left."""
    names_subject = bool(options.corpora or options.data or options.url)
    if options.cases:
        sets = case_file_sets(options.cases, (settings.corpus,))
    elif names_subject and not options.sets:
        sets = corpus_sets(settings)
    else:
        sets = project_sets(options.sets, settings)
    if names_subject:
        sets = tuple(replace(case_set, corpora=options.corpora) for case_set in sets)
    absent = [] if options.cases or names_subject else [case_set for case_set in sets if not case_set.is_available]
    for case_set in absent:
        folders = "、".join(map(str, case_set.corpora))
        sys.stderr.write(f"質問集「{case_set.name}」は飛ばします。文書がこの環境にありません({folders})。\n")
    if len(absent) == len(sets):
        raise SetFileError(
            "評価できる質問集がありません。選んだ質問集の文書が、この環境にありません。"
            "別の質問集を選んでください（コマンドでは --set）。"
        )
    return [case_set for case_set in sets if case_set not in absent], absent


OpenSystem = Callable[[], AbstractContextManager[SystemUnderTest]]
"""Opens the system under test; it can be sent to another process."""


def prepare_system(
    options: RunOptions, settings: Settings, corpora: Sequence[Path], documents: Sequence[str] = ()
) -> tuple[dict[str, Any], OpenSystem]:
    """Return the description of the system that the options name, for config.json, and what opens it.

    Its index is built if need be, of the whole `corpora` or of these `documents`. Raises IngestError, SetFileError.
    """
    if options.url:
        return {"url": strip_credentials(options.url)}, partial(open_server, options.url)
    from eval.systems.local import build_run_index, open_service_index  # noqa: PLC0415 -- half a second to import

    if options.data or not corpora:
        indexed = settings.model_copy(update={"data": options.data or settings.data})
    else:
        indexed = build_run_index(settings, corpora, documents)
    config: dict[str, Any] = {"settings": public_settings(settings), "corpus": list(map(str, corpora))}
    if not documents:
        config["generation"] = load_generation(indexed).name
    return config, partial(open_service_index, indexed, options.without, options.dictionary)


def with_language_model(wanted_model: str | None, settings: Settings) -> Settings:
    """Return `settings` with only the model `wanted_model`; unchanged if it is None.

    `wanted_model` is the name of a model in the settings, NAME=URL (used without a key, because the keys in the
    settings must not be sent elsewhere), or "none". Raises EvalError.
    """
    if wanted_model is None:
        return settings
    name, is_at, url = wanted_model.partition("=")
    chosen: dict[str, Any]
    if url:
        chosen = {"llm": (LanguageModel(base_url=url, model=name),)}
    elif configured := [model for model in settings.llm if model.model == name]:
        chosen = {"llm": tuple(configured[:1])}
    elif settings.llm_gguf and settings.llm_gguf.stem == name:
        chosen = {"llm_gguf": settings.llm_gguf}
    elif name == NO_MODEL and not is_at:
        chosen = {}
    else:
        raise EvalError(
            f"言語モデル「{name}」は設定にありません。設定にある名前か、名前=URL（例: qwen=http://127.0.0.1:8080/v1）か、"
            f"{NO_MODEL}（言語モデルなし）を指定してください。"
        )
    return settings.model_copy(update={"llm": (), "llm_gguf": None} | chosen)
