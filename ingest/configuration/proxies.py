"""The proxy for outgoing requests: `SHIRUBE_PROXY`, else HTTPS_PROXY or HTTP_PROXY; NO_PROXY names exceptions."""

from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib import request
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from ingest.errors import SettingsError


def choose_proxy(setting: SecretStr | None, url: str) -> str:
    """Return the address of the proxy for `url`, "" for a direct connection; this machine is always reached directly.

    Raises SettingsError for a proxy that does not speak plain HTTP.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    standard = request.getproxies_environment()
    proxy = (setting and setting.get_secret_value()) or standard.get(parts.scheme) or standard.get("all", "")
    if not proxy or _is_exempt(host, parts.port, standard):
        return ""
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme != "http" or not urlsplit(proxy).hostname:
        raise SettingsError(
            f"プロキシー「{without_password(proxy)}」は使えません。"
            "SHIRUBE_PROXY（なければ HTTPS_PROXY・HTTP_PROXY）は http://ホスト:ポート の形で書いてください。"
        )
    return proxy


def proxy_advice(setting: SecretStr | None, url: str) -> str:
    """Return what to check about the proxy if `url` cannot be reached, in Japanese; "" for this machine."""
    if proxy := choose_proxy(setting, url):
        return (
            f"プロキシー {without_password(proxy)} を通しています。それがこのアドレスを許すか、"
            "庁内のホストなら NO_PROXY に書いてあるかも確かめてください。"
        )
    is_local = _is_exempt(urlsplit(url).hostname or "", None, {})
    return "" if is_local else "外へ出るのにプロキシーが要るなら、SHIRUBE_PROXY に書いてください。"


def without_password(proxy: str) -> str:
    """Return the address of a proxy without user name and password."""
    parts = urlsplit(proxy)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))


def _is_exempt(host: str, port: int | None, standard: dict[str, str]) -> bool:
    with suppress(ValueError):
        address = ip_address(host)
        if address.is_loopback:
            return True
        for item in standard.get("no", "").replace(",", " ").split():
            with suppress(ValueError):
                if address in ip_network(item, strict=False):
                    return True
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address_of_host = f"{host}:{port}" if port else host
    return bool(request.proxy_bypass_environment(address_of_host, standard))  # type: ignore[attr-defined]
