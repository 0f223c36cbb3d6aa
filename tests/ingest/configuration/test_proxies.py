import pytest
from pydantic import SecretStr

from ingest.configuration.proxies import choose_proxy, proxy_advice
from ingest.errors import SettingsError

OWN = SecretStr("http://user:key@own.example:1")


@pytest.mark.parametrize(
    ("setting", "variables", "url", "proxy"),
    [
        (None, {}, "https://a.example/", ""),
        (OWN, {}, "https://a.example/", OWN.get_secret_value()),
        (OWN, {"HTTPS_PROXY": "http://other:2"}, "https://a.example/", OWN.get_secret_value()),
        (None, {"HTTPS_PROXY": "http://other:2"}, "https://a.example/", "http://other:2"),
        (None, {"https_proxy": "other:2"}, "https://a.example/", "http://other:2"),
        (None, {"HTTPS_PROXY": "http://other:2"}, "http://a.example/", ""),
        (None, {"ALL_PROXY": "http://other:2"}, "http://a.example/", "http://other:2"),
        (OWN, {"NO_PROXY": "b.example, a.example"}, "https://files.a.example/", ""),
        (OWN, {"NO_PROXY": "10.0.0.0/8"}, "http://10.1.2.3:8000/v1", ""),
        (OWN, {"NO_PROXY": "10.0.0.0/8"}, "http://11.1.2.3:8000/v1", OWN.get_secret_value()),
        (OWN, {"NO_PROXY": "*"}, "https://a.example/", ""),
        (OWN, {}, "http://127.0.0.1:11434/v1", ""),
        (OWN, {}, "http://[::1]:11434/v1", ""),
        (OWN, {}, "http://localhost:11434/v1", ""),
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
    [
        ("https://a.example/", "プロキシー http://own.example:1 を通しています"),
        ("http://127.0.0.1:11434/v1", ""),
    ],
)
def test_advice_names_the_proxy_without_its_password(url: str, advice: str) -> None:
    assert proxy_advice(OWN, url)[: len(advice) or None] == advice
    assert "key" not in proxy_advice(OWN, url)


def test_advice_without_a_proxy_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies_environment", dict)
    assert "SHIRUBE_PROXY" in proxy_advice(None, "https://a.example/")
