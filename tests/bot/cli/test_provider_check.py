"""Tests of the checks of `doctor` for the identity provider."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from time import time
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli.external_checks import check_outgoing_proxy, check_provider
from bot.errors import BotError
from ingest.configuration.settings import Settings
from tests.bot.auth.provider import State, configured, provider


@pytest.fixture(scope="module")
def office() -> Iterator[State]:
    with provider() as state:
        yield state


def test_usable_provider_is_described(office: State, tmp_path: Path) -> None:
    office.metadata = {"grant_types_supported": ["authorization_code", "refresh_token"], "claims_supported": ["sub"]}
    report = check_provider(configured(office, tmp_path))
    for part in (office.url, "項目 groups", "claims_supported にはありません", "refresh token", "届きません"):
        assert part in report


@pytest.mark.parametrize(
    ("settings", "metadata", "report"),
    [
        ({"oidc_client_secret": None}, {}, "SHIRUBE_OIDC_CLIENT_SECRET がない"),
        ({"oidc_roles": " "}, {}, "誰も入れません"),
        ({"oidc_scope": "openid offline_access"}, {"scopes_supported": ["openid"]}, "offline_access"),
        ({"oidc_issuer": "http://127.0.0.1:9"}, {}, "読めません（ConnectError）"),
        ({}, {"issuer": "https://id.example"}, "https://id.example"),
        ({}, {"jwks_uri": None}, "jwks_uri"),
        ({}, {"id_token_signing_alg_values_supported": ["HS256"]}, "RS256"),
    ],
)
def test_unusable_provider_is_reported(
    office: State, tmp_path: Path, settings: dict[str, Any], metadata: dict[str, Any], report: str
) -> None:
    office.metadata = metadata
    changed = configured(office, tmp_path).model_copy(update=settings)
    with pytest.raises(BotError, match=report):
        check_provider(changed)


@pytest.mark.parametrize(("seconds", "is_reported"), [(20, False), (-200, True), (200, True)])
def test_clock_skew_is_reported(
    office: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, *, is_reported: bool
) -> None:
    office.metadata = {}
    monkeypatch.setattr("bot.cli.external_checks.time", lambda: time() + seconds)
    expected = pytest.raises(BotError, match="NTP") if is_reported else nullcontext()
    with expected:
        check_provider(configured(office, tmp_path))


def test_the_proxy_is_used_and_reported(tmp_path: Path) -> None:
    proxy = SecretStr("http://office:secret@127.0.0.1:9")
    settings = Settings(
        _env_file=None, data=tmp_path, proxy=proxy, oidc_issuer="https://id.example", oidc_client_secret=SecretStr("x"),
        oidc_roles="a=staff", llm=({"base_url": "http://127.0.0.1:11434/v1", "model": "local"},),
    )  # fmt: skip
    with pytest.raises(BotError, match=r"ConnectError.*プロキシー http://127\.0\.0\.1:9 を通しています"):
        check_provider(settings)
    report = check_outgoing_proxy(settings)
    assert "庁内の認証は http://127.0.0.1:9" in report
    assert "言語モデル「local」は直接" in report
    assert "secret" not in report
