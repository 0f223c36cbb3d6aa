"""The language models that the settings name, in order of preference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot.model.usage import Prices
from ingest.settings import Settings


def _always(_limit_s: float) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model at an OpenAI-compatible address; `setting` is how the names of its settings begin.

    `ready` waits at most some seconds and tells whether it can be asked.
    """

    name: str
    base_url: str
    setting: str = "SHIRUBE_LLM"
    key: str = field(default="", repr=False)
    prices: Prices | None = None
    ready: Callable[[float], bool] = _always


def named_models(settings: Settings) -> Sequence[NamedModel]:
    """Return the models with an address, the preferred one first; there may be none."""
    told = (
        ("SHIRUBE_LLM", settings.llm_base_url, settings.llm_model, settings.llm_api_key, settings.llm_price),
        ("SHIRUBE_LLM_2", settings.llm_2_base_url, settings.llm_2_model, settings.llm_2_api_key, settings.llm_2_price),
        ("SHIRUBE_LLM_3", settings.llm_3_base_url, settings.llm_3_model, settings.llm_3_api_key, settings.llm_3_price),
    )
    return [NamedModel(name, url, setting, _key(key), _prices(price)) for setting, url, name, key, price in told if url]


def _key(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else ""


def _prices(price: str | None) -> Prices | None:
    """Return what 0.15/0.60 says."""
    if price is None:
        return None
    prompt, completion = price.split("/")
    return Prices(float(prompt), float(completion))
