"""Tenants: the offices served by one process, each with separate settings and data.

A tenant's index, originals, added documents, audit log and SQLite are in its data folder (`data/tenants/<id>`), its
records on a database server in a schema of its own (`bot/storage/database.py`). Its settings are the only link, so that
other packages need not know of tenants.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ingest.configuration.settings import Settings
from ingest.configuration.storage import read_toml_tables
from ingest.corpus import Corpus
from ingest.errors import ManifestError, SettingsError

FOLDER = "tenants"
"""The folder of the tenants' data folders within the service's data folder."""
# Settings that differ per office. Models, addresses and machine limits are the service's.
OWN = frozenset(
    {
        *("corpus", "cases", "issuers", "keep_days", "originals_mb", "expiry_notice_days"),
        *("service_name", "contact", "opening_hours", "closed_text", "disclaimer", "accent_color", "embed_origins"),
        *("mcp", "requests_per_minute", "requests_per_minute_address", "requests_per_minute_overall"),
        *("oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_scope", "oidc_name_claim"),
        *("oidc_roles_claim", "oidc_roles"),
    }
)
# Path prefixes reserved for the service.
_TAKEN = frozenset({"health", "ready", "metrics", "signin", "signout", "staff"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Tenant:
    """An office: its `id`, host names and settings."""

    id: str
    hosts: tuple[str, ...]
    settings: Settings


def read_tenants(settings: Settings) -> tuple[Tenant, ...]:
    """Return the offices in the file named in the settings; none without one. Raises SettingsError."""
    if settings.tenants is None:
        return ()
    tables = read_toml_tables(settings.tenants, "tenant", SettingsError)
    tenants = tuple(_tenant(settings, table, number) for number, table in enumerate(tables, 1))
    if not tenants:
        raise SettingsError(f"「{settings.tenants}」に役所がありません。[[tenant]] の下に書いてください。")
    names = [("id", tenant.id) for tenant in tenants] + [("hosts", host) for tenant in tenants for host in tenant.hosts]
    for key, value in names:
        if names.count((key, value)) > 1:
            raise SettingsError(
                f"「{settings.tenants}」の {key}「{value}」が2つの役所にあります。別のものにしてください。"
            )
    return tenants


def tenant_of(settings: Settings) -> Tenant:
    """Return the office of a command. Raises SettingsError if the list lacks its id."""
    for tenant in read_tenants(settings):
        if tenant.id == settings.tenant:
            return tenant
    raise SettingsError(
        f"SHIRUBE_TENANT の役所「{settings.tenant}」が一覧にありません。"
        "SHIRUBE_TENANTS のファイルの id を確かめてください。"
    )


def own_documents(settings: Settings, corpus: Corpus) -> Corpus:
    """Return the corpus without documents of other issuers, or without an issuer."""
    if not settings.issuer_names:
        return corpus
    unnamed = [entry for entry in corpus.entries if not entry.document.issuer]
    corpus.entries = [entry for entry in corpus.entries if entry.document.issuer in settings.issuer_names]
    message = "発行者がないので入れません。manifest.toml に issuer を書いてください。"
    corpus.warnings += [entry.finding(message) for entry in unnamed]
    return corpus


def own_issuer(settings: Settings, issuer: str) -> str:
    """Return the issuer of an added document, by default the office. Raises ManifestError."""
    issuers = settings.issuer_names
    if not issuers or issuer in issuers:
        return issuer
    if issuer:
        raise ManifestError(
            f"発行者「{issuer}」の文書は、ここには入れられません。入れられるのは「{'」「'.join(sorted(issuers))}」の文書です。"
        )
    return issuers[0]


def _tenant(settings: Settings, table: Mapping[str, Any], number: int) -> Tenant:
    place = f"「{settings.tenants}」の{number}番目の役所"
    tenant_settings = dict(table)
    name = tenant_settings.pop("id", None)
    hosts = tenant_settings.pop("hosts", [])
    if unknown := tenant_settings.keys() - OWN:
        raise SettingsError(f"{place}の{'、'.join(sorted(unknown))}は、役所ごとに変えられる項目ではありません。")
    if not name or name in _TAKEN:
        raise SettingsError(f"{place}に id がないか、使えない id です（小文字の英数字と - で、2〜40文字）。")
    if not isinstance(hosts, list) or not all(isinstance(host, str) and _HOST.fullmatch(host) for host in hosts):
        raise SettingsError(f'{place}の hosts は、["ashino.example.jp"] のように小文字のホスト名で書いてください。')
    if settings.tenants_by == "host" and not hosts:
        raise SettingsError(f"{place}に hosts がありません。ホスト名で見分けるときは、役所ごとに書いてください。")
    try:
        shared = {key: getattr(settings, key) for key in Settings.model_fields}
        # Cases and issuers of the service must not apply to an office.
        defaults = {"tenant": name, "tenants": None, "data": settings.data / FOLDER / str(name)}
        defaults |= {"cases": None, "issuers": ""}
        made = Settings(_env_file=None, **{**shared, **defaults, **tenant_settings})
    except ValidationError as error:
        wrong = "、".join(sorted({str(problem["loc"][0]).replace("tenant", "id") for problem in error.errors()}))
        raise SettingsError(
            f"{place}の{wrong}の値が正しくありません。説明は docs/settings.ja.md にあります。"
        ) from error
    if not made.issuer_names:
        raise SettingsError(f"{place}に issuers がありません。どの発行者の文書を取り込むかを書いてください。")
    return Tenant(str(name), tuple(hosts), made)
