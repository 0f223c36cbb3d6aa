"""Checks of `doctor` on office, proxies, and sign-in with its provider."""

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from bot.errors import BotError
from bot.office import read_office
from ingest.configuration.proxies import choose_proxy, proxy_advice, without_password
from ingest.configuration.settings import Settings

# Checks import lazily, so that an import that fails is reported as a failed check.
# ruff: noqa: PLC0415

_TIMEOUT_S = 5.0
# Tokens of a provider whose clock differs by more than two minutes are refused.
_MAX_SKEW_S = 60
_REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def check_provider(settings: Settings) -> str:
    """Return the capabilities of the identity provider. Raises BotError if nobody could sign in with it."""
    from bot.auth.oidc import ASYMMETRIC

    if not settings.oidc_issuer:
        return "使わない設定です（SHIRUBE_OIDC_ISSUER が空です）"
    if not settings.oidc_client_secret or not settings.oidc_client_secret.get_secret_value():
        raise BotError("SHIRUBE_OIDC_CLIENT_SECRET がないので、庁内の認証ではサインインできません。")
    if not settings.oidc_roles.strip():
        raise BotError(
            'SHIRUBE_OIDC_ROLES に、所属と役割の対応（例: "企画課=editor"）を書いてください。誰も入れません。'
        )
    metadata, skew = _fetch_metadata(settings, settings.oidc_issuer)
    scopes = set(settings.oidc_scope.split())
    if metadata.get("issuer") != settings.oidc_issuer:
        raise BotError(f"SHIRUBE_OIDC_ISSUER を、認証が名乗る issuer「{metadata.get('issuer')}」と同じにしてください。")
    if missing := [name for name in _REQUIRED if not metadata.get(name)]:
        raise BotError(f"認証の情報に {'、'.join(missing)} がありません。認証の設定を確かめてください。")
    if not set(metadata.get("id_token_signing_alg_values_supported") or ["RS256"]) & set(ASYMMETRIC):
        raise BotError("認証が、公開鍵で確かめられる署名（RS256 など）を使えるようにしてください。")
    if unknown := scopes - set(metadata.get("scopes_supported") or scopes):
        raise BotError(
            f"認証は scope「{' '.join(sorted(unknown))}」を知りません。SHIRUBE_OIDC_SCOPE を直してください。"
        )
    if abs(skew) > _MAX_SKEW_S:
        raise BotError(
            f"時計が、認証（{settings.oidc_issuer}）の時計と{abs(skew):.0f}秒違います。"
            "2分を超えるとサインインできません。両方の時計を NTP で合わせてください。"
        )
    claim = settings.oidc_roles_claim
    claims = metadata.get("claims_supported")
    grants = metadata.get("grant_types_supported") or []
    is_unknown = claims and not {claim, claim.partition(".")[0]} & set(claims)
    roles = f"役割は項目 {claim} から読み" + ("（認証の claims_supported にはありません）" if is_unknown else "")
    again = "refresh token があれば1分ごとに読み直します"
    if "refresh_token" not in grants:
        again += "（認証の grant_types_supported にはありません。ないときは15分ごとにサインインし直します）"
    return f"{settings.oidc_issuer}、{roles}、{again}"


def _fetch_metadata(settings: Settings, issuer: str) -> tuple[Mapping[str, Any], float]:
    import httpx2

    from bot.auth.oidc import http_options, metadata_url

    options = http_options(settings) | {"timeout": _TIMEOUT_S}
    try:
        with httpx2.Client(**options) as client:
            response = client.get(metadata_url(issuer)).raise_for_status()
        metadata = dict(response.json())
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError) as error:
        raise BotError(
            f"認証の情報（{metadata_url(issuer)}）を読めません（{type(error).__name__}）。"
            "SHIRUBE_OIDC_ISSUER が正しいか、認証が動いているか、このサーバーから届くかを確かめてください。"
            + proxy_advice(settings.proxy, issuer)
        ) from error
    date = response.headers.get("date")
    return metadata, parsedate_to_datetime(date).timestamp() - time() if date else 0.0


def check_office(settings: Settings) -> str:
    """Return how to reach a person now, and the colour of the office. Raises OfficeError."""
    office = read_office(settings)
    help_now = office.help_at(datetime.now(UTC))
    colour = "、色は既定" if office.accent is None else f"、色 {office.accent.light.accent}"
    if not help_now.contact:
        return f"案内先がありません（SHIRUBE_CONTACT に書くと、回答が見つからないときに示します）{colour}"
    if help_now.open is None:
        return f"{help_now.contact}、受付時間は示しません{colour}"
    return f"{help_now.contact}、{help_now.hours}、いまは{'受付中' if help_now.open else '受付時間の外'}{colour}"


def check_outgoing_proxy(settings: Settings) -> str:
    """Return the proxy of each address that is reached through one. Raises SettingsError for a wrong proxy."""
    addresses = {"公開元（https）": "https://www.example.jp", "公開元（http）": "http://www.example.jp"}
    addresses |= {f"言語モデル「{model.model}」": model.base_url for model in settings.llm}
    if settings.oidc_issuer:
        addresses["庁内の認証"] = settings.oidc_issuer
    proxies = {name: choose_proxy(settings.proxy, address) for name, address in addresses.items()}
    used = [f"{name}は {without_password(proxy)}" for name, proxy in proxies.items() if proxy]
    direct = [name for name, proxy in proxies.items() if not proxy]
    if not used:
        return "使っていません（要るなら SHIRUBE_PROXY に書きます）"
    return "、".join([*used, *(f"{name}は直接" for name in direct)])


def check_sign_in(settings: Settings) -> str:
    """Return the number of accounts. Raises StorageError."""
    from bot.auth import SignIn

    file = settings.data / "shirube.sqlite"
    none = "アカウントがありません（起動のときに出るアドレスから入れます。`python -m bot account add 名前` で作れます）"
    if settings.database_url is None and not file.exists():
        return none
    with closing(SignIn(settings)) as sign_in:
        people = sign_in.accounts.all()
    return f"アカウント {len(people)}件" if people else none
