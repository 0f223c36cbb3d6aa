"""Checks of `doctor` on office, embedding sites, tenants, staff sign-in and MCP."""

from contextlib import closing
from datetime import UTC, datetime

from bot.errors import BotError
from bot.office import read_office
from ingest.configuration.proxies import choose_proxy, without_password
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import read_tenants

# Checks import lazily, so that an import that fails is reported as a failed check.
# ruff: noqa: PLC0415


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


def check_embedding(settings: Settings) -> str:
    """Return the sites that may embed the chat. Raises OfficeError."""
    return "、".join(read_office(settings).embed_origins) or "どのサイトにも許していません"


def check_proxy(settings: Settings) -> str:
    """Return whose forwarding headers are trusted. Raises BotError if another private address has sent some lately."""
    from bot.web.untrusted_proxy import read_untrusted_proxy

    if proxy := read_untrusted_proxy(settings):
        raise BotError(
            f"信頼していない {proxy.address} から転送ヘッダーが届いています（{proxy.at.astimezone():%Y-%m-%d %H:%M}）。"
            "それがプロキシーなら、SHIRUBE_TRUSTED_PROXIES に入れて、サーバーを起動し直してください。"
            "入れるまでは、すべての人がひとりとして数えられ、クッキーに Secure が付きません。"
        )
    return f"信頼: {settings.trusted_proxies}" if settings.trusted_proxies else "使っていません"


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


def check_tenants(settings: Settings) -> str:
    """Return the tenants. Raises SettingsError."""
    if settings.tenant:
        return f"{settings.tenant}（発行者: {settings.issuers}）"
    ids = "、".join(tenant.id for tenant in read_tenants(settings))
    return f"{ids}（それぞれを下に示します）" if ids else "ひとつの役所です"


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


def check_assistants(settings: Settings) -> str:
    """Import the MCP library and return how assistants can connect."""
    import mcp.server  # noqa: F401 - checks that it is installed

    over_http = "HTTP の /mcp も開きます" if settings.mcp else "HTTP では開きません（SHIRUBE_MCP=1 で開きます）"
    return f"`python -m bot mcp` で使えます。{over_http}"
