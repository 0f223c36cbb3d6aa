"""The language models named in the settings, in order of preference."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr

from bot.llm.calls import Prices
from ingest.configuration.settings import Settings, parse_headers

Structure = Literal["json_schema", "tools", "marks"]
"""How a server can be held to the form of an answer: by a schema, by a tool's arguments, or by asking for it only."""


def _always(_limit_s: float) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ConfiguredModel:
    """A model at an OpenAI-compatible address; `setting` is how the names of its settings begin.

    What is None is not sent: `temperature`, `max_tokens` of an answer. `context` is what it reads at once, in tokens;
    None where that is to be found out, and so with `structure`. With an `api_version` it is asked as Azure wants it.
    `ready` waits at most some seconds and tells whether it can be asked.
    """

    name: str
    base_url: str
    setting: str = "SHIRUBE_LLM"
    key: str = field(default="", repr=False)
    prices: Prices | None = None
    ready: Callable[[float], bool] = _always
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_version: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    context: int | None = None
    structure: Structure | None = None


def configured_models(settings: Settings) -> list[ConfiguredModel]:
    """Return the models with an address, the preferred one first; there may be none."""
    return [model for place in ("llm", "llm_2", "llm_3") for model in _read_models(settings, place)]


def _read_models(settings: Settings, place: str) -> Iterator[ConfiguredModel]:
    told = {
        name.removeprefix(f"{place}_"): value
        for name, value in settings
        if name.startswith(f"{place}_")  # what the names of others have behind it is not looked up
    }
    if told["base_url"]:
        yield ConfiguredModel(
            told["model"],
            told["base_url"],
            f"SHIRUBE_{place.upper()}",
            key=_secret(told["api_key"]),
            prices=_prices(told["price"]),
            headers=parse_headers(_secret(told["headers"])),
            api_version=told["api_version"],
            temperature=told["temperature"],
            max_tokens=told["max_tokens"],
            context=told["context"],
            structure=None if told["structure"] == "auto" else told["structure"],
        )


def _secret(text: SecretStr | None) -> str:
    return text.get_secret_value() if text else ""


def _prices(price: str | None) -> Prices | None:
    """Return what 0.15/0.60 says."""
    if price is None:
        return None
    prompt, completion = price.split("/")
    return Prices(float(prompt), float(completion))
