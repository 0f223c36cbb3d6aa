"""The settings of one language model: its address, name, key and context."""

from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class LanguageModel(BaseModel):
    """A language model with an OpenAI-compatible API that streams and keeps to a JSON Schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field("", description="OpenAI 互換の言語モデルのURL。これがない番号は使わない")
    model: str = Field("default", description="モデルの名前")
    api_key: SecretStr | None = Field(None, description="鍵")
    context: int | None = Field(
        None, ge=256, description="一度に読めるトークン数。超えるときは関係の薄い箇所から外す。4096 以下なら短い指示"
    )

    @property
    def key(self) -> str:
        return self.api_key.get_secret_value() if self.api_key else ""

    @property
    def is_inside(self) -> bool:
        """Whether its address is this machine's or a private one."""
        host = urlsplit(self.base_url).hostname or ""
        with suppress(ValueError):
            return ip_address(host).is_private
        return host == "localhost"
