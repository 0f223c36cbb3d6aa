from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.configuration.environment import read_settings
from ingest.configuration.proxies import choose_proxy, proxy_advice
from ingest.errors import SettingsError


@pytest.mark.parametrize("line", ["SHIRUBE_LLM=http://a/v1", "SHIRUBE_LLM__1__URL=http://a/v1"])
def test_an_invalid_model_setting_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(line, "utf-8")
    with pytest.raises(SettingsError, match="SHIRUBE_LLM__1__BASE_URL"):
        read_settings()


def test_a_variable_that_is_no_setting_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SHIRUBE_TENANT=a\nSHIRUBE_LLM__1__MODEL=a\nOTHER=1", "utf-8")
    monkeypatch.setenv("SHIRUBE_SERVICENAME", "a")
    read_settings()
    assert [record.args for record in caplog.records] == [("SHIRUBE_SERVICENAME",), ("SHIRUBE_TENANT",)]
    assert "docs/settings.ja.md" in caplog.text


PROXY = SecretStr("http://user:key@own.example:1")


@pytest.mark.parametrize(
    ("setting", "variables", "url", "proxy"),
    [
        (None, {}, "https://a.example/", ""),
        (PROXY, {}, "https://a.example/", PROXY.get_secret_value()),
        (PROXY, {"HTTPS_PROXY": "http://other:2"}, "https://a.example/", PROXY.get_secret_value()),
        (None, {"HTTPS_PROXY": "http://other:2"}, "https://a.example/", "http://other:2"),
        (None, {"https_proxy": "other:2"}, "https://a.example/", "http://other:2"),
        (None, {"HTTPS_PROXY": "http://other:2"}, "http://a.example/", ""),
        (None, {"ALL_PROXY": "http://other:2"}, "http://a.example/", "http://other:2"),
        (PROXY, {"NO_PROXY": "b.example, a.example"}, "https://files.a.example/", ""),
        (PROXY, {"NO_PROXY": "10.0.0.0/8"}, "http://10.1.2.3:8000/v1", ""),
        (PROXY, {"NO_PROXY": "10.0.0.0/8"}, "http://11.1.2.3:8000/v1", PROXY.get_secret_value()),
        (PROXY, {"NO_PROXY": "*"}, "https://a.example/", ""),
        (PROXY, {}, "http://127.0.0.1:11434/v1", ""),
        (PROXY, {}, "http://[::1]:11434/v1", ""),
        (PROXY, {}, "http://localhost:11434/v1", ""),
    ],
)
def test_the_proxy_of_a_request(
    setting: SecretStr | None, variables: dict[str, str], url: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert choose_proxy(setting, url) == proxy


def test_a_proxy_of_another_kind_is_refused_without_its_password() -> None:
    with pytest.raises(SettingsError, match="http://ホスト:ポート") as refused:
        choose_proxy(SecretStr("socks5://user:key@own.example:1"), "https://a.example/")
    assert "key" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "advice"),
    [("https://a.example/", "プロキシー http://own.example:1 を通しています"), ("http://127.0.0.1:11434/v1", "")],
)
def test_advice_names_the_proxy_without_its_password(url: str, advice: str) -> None:
    assert proxy_advice(PROXY, url)[: len(advice) or None] == advice
    assert "key" not in proxy_advice(PROXY, url)
