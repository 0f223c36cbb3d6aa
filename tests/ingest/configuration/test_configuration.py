"""Offices with their settings, data and documents, settings of models, and proxies."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.build.build import build
from ingest.configuration.environment import read_settings
from ingest.configuration.proxies import choose_proxy, proxy_advice
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import OWN, read_tenants
from ingest.documents import Document
from ingest.errors import ManifestError, SettingsError
from ingest.index.index import open_index
from ingest.metadata.document_states import edit_entry
from tests.ingest.small_corpus import LetterEncoder

TWO = """\
[[tenant]]
id = "ashino"
issuers = "葦野町、葦野町教育委員会"
keep_days = 30

[[tenant]]
id = "tsuyukusa"
hosts = ["tsuyukusa.example"]
issuers = "露草町"
"""
# What is the service's: models, addresses, what a machine bears. A new setting belongs here or to `OWN`, or the
# office's own value of it is derived (`APART`).
SHARED = {
    *(name for name in Settings.model_fields if name.startswith(("llm", "encoder"))),
    *("reranker", "adapt", "ranker", "chroma_url", "database_url", "read_limit_s", "read_limit_mb", "host", "port"),
    *("proxy", "trusted_proxies", "public_url", "root_path", "tenants_by", "max_question_chars", "answers_at_once"),
    *("answers_waiting", "answer_wait_s", "log_format", "otlp_endpoint", "secrets"),
}
APART = {"data", "tenant", "tenants"}


def write_tenants(folder: Path, text: str = TWO, **more: Any) -> Settings:
    file = folder / "tenants.toml"
    file.write_text(text, "utf-8")
    return Settings(_env_file=None, data=folder / "data", tenants=file, **more)


def manifest(*documents: tuple[str, str]) -> str:
    output = (f'[[document]]\nfile = "{name}.md"\nid = "{name}"\ntitle = "{name}"\n' for name, _ in documents)
    issuers = (f'issuer = "{issuer}"\n' if issuer else "" for _, issuer in documents)
    return "\n".join(map("".join, zip(output, issuers, strict=True)))


def test_an_office_has_separate_data_and_settings(tmp_path: Path) -> None:
    one, other = read_tenants(write_tenants(tmp_path, keep_days=365, cases=tmp_path / "cases", contact="総合案内"))
    assert one.settings.keep_days == 30
    assert other.settings.keep_days == 365
    assert [each.settings.data for each in (one, other)] == [
        tmp_path / "data/tenants" / each.id for each in (one, other)
    ]
    assert one.settings.issuer_names == ("葦野町", "葦野町教育委員会")
    assert one.settings.cases is None
    assert one.settings.contact == "総合案内"
    assert other.hosts == ("tsuyukusa.example",)


def test_every_setting_belongs_to_an_office_or_the_service() -> None:
    assert set(Settings.model_fields) == OWN | SHARED | APART
    assert not OWN & (SHARED | APART)


def test_a_command_uses_the_named_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = write_tenants(tmp_path)
    named = {"tenants": settings.tenants, "data": settings.data}
    assert read_settings(**named, tenant="tsuyukusa").data == tmp_path / "data/tenants/tsuyukusa"
    assert read_settings(**named).data == tmp_path / "data"
    with pytest.raises(SettingsError, match="一覧にありません"):
        read_settings(**named, tenant="nobody")
    with pytest.raises(SettingsError, match="SHIRUBE_TENANTS"):
        read_settings(tenant="ashino")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("[[tenant]\n", "TOML"),
        ("tenant = 1\n", "tenant"),
        ("", "役所がありません"),
        ('[[tenant]]\nissuers = "葦野町"\n', "id"),
        ('[[tenant]]\nid = "signin"\nissuers = "葦野町"\n', "id"),
        ('[[tenant]]\nid = "Ashino/.."\nissuers = "葦野町"\n', "id"),
        ('[[tenant]]\nid = 7\nissuers = "葦野町"\n', "id"),
        ('[[tenant]]\nid = "ashino"\n', "issuers"),
        ('[[tenant]]\nid = "ashino"\nissuers = "、"\n', "issuers"),
        ('[[tenant]]\nid = "ashino"\nissuers = "葦野町"\nkeep_days = 0\n', "keep_days"),
        ('[[tenant]]\nid = "ashino"\nissuers = "葦野町"\ndata = "elsewhere"\n', "data"),
        ('[[tenant]]\nid = "ashino"\nissuers = "葦野町"\nhosts = "a.example"\n', "hosts"),
        (TWO.replace('"tsuyukusa"', '"ashino"'), "ashino"),
        (TWO.replace("keep_days = 30", 'hosts = ["tsuyukusa.example"]'), "tsuyukusa.example"),
    ],
)
def test_an_invalid_list_of_offices_is_refused_with_the_reason(tmp_path: Path, wrong: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        read_tenants(write_tenants(tmp_path, wrong))


@pytest.fixture
def ashino(tmp_path: Path) -> Settings:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    documents = (("own", "葦野町"), ("school", "葦野町教育委員会"), ("other", "露草町"), ("nobodys", ""))
    for name, _ in documents:
        (corpus / f"{name}.md").write_text(f"# {name}\n\n{name}の計画の期間は5年間です。\n", "utf-8")
    (corpus / "manifest.toml").write_text(manifest(*documents), "utf-8")
    settings = read_tenants(write_tenants(tmp_path, encoder="letters"))[0].settings
    report = build(settings, [corpus], encoder=LetterEncoder())
    assert any("発行者" in warning for warning in report.warnings)
    return settings


def documents(settings: Settings) -> dict[str, Document]:
    with open_index(settings) as index:
        return {document.id: document for document in index.documents}


def test_an_office_indexes_only_documents_of_its_issuers(ashino: Settings) -> None:
    assert set(documents(ashino)) == {"own", "school"}


def test_editing_cannot_change_the_issuer_to_another_office(ashino: Settings) -> None:
    with pytest.raises(ManifestError, match="露草町"):
        edit_entry(ashino, "own", {"title": "計画", "issuer": "露草町"}, "花子")
    assert edit_entry(ashino, "own", {"title": "計画"}, "花子").issuer == "葦野町"


@pytest.mark.parametrize("line", ["SHIRUBE_LLM=http://a/v1", "SHIRUBE_LLM__1__URL=http://a/v1"])
def test_an_invalid_model_setting_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(line, "utf-8")
    with pytest.raises(SettingsError, match="SHIRUBE_LLM__1__BASE_URL"):
        read_settings()


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
