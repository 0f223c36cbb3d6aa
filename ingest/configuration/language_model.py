"""The settings of one language model: its address, key, headers and options."""

import json
import re
from contextlib import suppress
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

MIN_CONTEXT = 256
"""Minimum tokens that a language model reads at once."""
# Prices of prompt and completion.
_PRICE = r"^\d+(\.\d+)?/\d+(\.\d+)?$"
_TOKENS_PER_PRICE = 1_000_000
# RFC 9110, 5.1 and 5.5: a name is a token, a value one line of visible characters.
_HEADER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)\s*")

StructureSetting = Literal["auto", "json_schema", "marks"]


def parse_headers(text: str) -> dict[str, str]:
    """Return the headers in `text`: a JSON object, or lines `name: value`. Raises ValueError."""
    lines = text.splitlines()
    if text.lstrip().startswith("{"):
        lines = [f"{name}:{value}" for name, value in json.loads(text).items()]
    matches = [_HEADER.fullmatch(line) for line in lines if line.strip()]
    if not all(matches):
        raise ValueError("no headers")
    return {match[1]: match[2] for match in matches if match}


def _as_json(headers: Any) -> Any:
    # pydantic-settings parses JSON in nested variables.
    return json.dumps(headers) if isinstance(headers, dict) else headers


def _checked_headers(text: SecretStr | None) -> SecretStr | None:
    if text:
        parse_headers(text.get_secret_value())
    return text


class LanguageModel(BaseModel):
    """A language model with an OpenAI-compatible API; options that are None are not sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = Field("", description="OpenAI 互換の言語モデルのURL。これがない番号は使わない")
    model: str = Field("default", description="モデルの名前")
    api_key: SecretStr | None = Field(None, description="鍵")
    price: str | None = Field(
        None, pattern=_PRICE, description="100万トークンの値段を「入力/出力」で（例: 0.15/0.60）。空なら費用を数えない"
    )
    headers: Annotated[SecretStr | None, BeforeValidator(_as_json), AfterValidator(_checked_headers)] = Field(
        None, description='一緒に送るヘッダー。JSON か「名前: 値」の行（例: {"X-Project": "shirube"}）'
    )
    api_version: str | None = Field(None, description="api-version の値（Azure。書くと鍵を api-key ヘッダーで送る）")
    temperature: float = Field(
        0.0, ge=0, le=2, description="言葉の選び方の揺れ（0〜2）。0 なら、同じ質問にできるだけ同じ答えを返す"
    )
    max_tokens: int | None = Field(None, ge=1, description="ひとつの答えのトークン数の上限。空なら送らない")
    context: int | None = Field(
        None, ge=MIN_CONTEXT, description="一度に読めるトークン数。超えるときは関係の薄い箇所から外す"
    )
    structure: StructureSetting = Field(
        "auto",
        description="答えの形の指定の仕方。auto なら、json_schema が断られるか守られなければ marks（言葉で頼む）",
    )

    @property
    def key(self) -> str:
        """The key, or ""."""
        return self.api_key.get_secret_value() if self.api_key else ""

    @property
    def is_inside(self) -> bool:
        """Whether its address is this machine's or a private one."""
        host = urlsplit(self.base_url).hostname or ""
        with suppress(ValueError):
            return ip_address(host).is_private
        return host == "localhost"

    @property
    def header_fields(self) -> dict[str, str]:
        """The headers by name."""
        return parse_headers(self.headers.get_secret_value()) if self.headers else {}

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """Return the cost of these tokens in the currency of the price; None without a price."""
        if self.price is None:
            return None
        prompt, completion = map(float, self.price.split("/"))
        return (prompt_tokens * prompt + completion_tokens * completion) / _TOKENS_PER_PRICE
