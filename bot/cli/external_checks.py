"""Checks of `doctor` on office, embedding sites, tenants, staff sign-in and MCP."""

from datetime import UTC, datetime

from bot.office import read_office
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import read_tenants

# A check imports what it tries, so that one that cannot be imported is a finding too.
# ruff: noqa: PLC0415


def check_office(settings: Settings) -> str:
    """Return how a person is reached just now. Raises OfficeError."""
    found = read_office(settings)
    told = found.help_at(datetime.now(UTC))
    colour = "、色は既定" if found.accent is None else f"、色 {found.accent.light.accent}"
    if not told.contact:
        return f"案内先がありません（SHIRUBE_CONTACT に書くと、回答が見つからないときに示します）{colour}"
    if told.open is None:
        return f"{told.contact}、受付時間は示しません{colour}"
    return f"{told.contact}、{told.hours}、いまは{'受付中' if told.open else '受付時間の外'}{colour}"


def check_embedding(settings: Settings) -> str:
    """Return the sites that may show the chat. Raises OfficeError."""
    return "、".join(read_office(settings).embed_origins) or "どのサイトにも許していません"


def check_tenants(settings: Settings) -> str:
    """Return for which offices the service is, and how to look at one. Raises SettingsError."""
    if settings.tenant:
        return f"{settings.tenant}（発行者: {settings.issuers}）"
    found = "、".join(tenant.id for tenant in read_tenants(settings))
    return f"{found}（ひとつずつ、SHIRUBE_TENANT に id を入れて確かめます）" if found else "ひとつの役所です"


def check_sign_in(settings: Settings) -> str:
    """Return how many may sign in to the pages for staff. Raises StorageError."""
    from bot.auth import SignIn

    file = settings.data / "shirube.sqlite"
    none = "アカウントがありません（起動のときに出るアドレスから入れます。`python -m bot account add 名前` で作れます）"
    if settings.database_url is None and not file.exists():
        return none
    known = SignIn(settings)
    try:
        people = known.accounts.all()
    finally:
        known.close()
    return f"アカウント {len(people)}件" if people else none


def check_assistants(settings: Settings) -> str:
    """Return the ways in for assistants, after trying the library."""
    import mcp.server  # noqa: F401 - that it can be imported is what is tried

    over_http = "HTTP の /mcp も開きます" if settings.mcp else "HTTP では開きません（SHIRUBE_MCP=1 で開きます）"
    return f"`python -m bot mcp` で使えます。{over_http}"
