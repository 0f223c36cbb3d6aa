"""Whether a question asks what came of a matter: どうなりましたか, 決まりましたか, 認められたの."""

import re
from functools import lru_cache

from bot.understand.asked import Kind

_OUTCOME = re.compile(
    r"どうな(?:り|っ)(?:ました|たの|た[?？ん]|た$)|(?:どういう|どんな)結論|結論(?:は|が)?(?:どう|何|出(?:た|まし|て))|決着(?:し|が?つ[いき])"
    r"|(?:決ま(?:り|っ)|決められ|決定(?:し|され)|認め(?:られ|ら)|通(?:り|っ)|可決(?:され)?|否決(?:され)?|了承(?:され|し)|承認(?:され|し)"
    r"|採択(?:され|し)|見送(?:られ|り|っ)|賛成(?:され)?|反対(?:され)?)(?:まし)?(?:た|ている|ています|てい)"
)
# What was decided in general is a list (決まったこと, 決定事項, 何が決まった), no matter's outcome.
_ALL_DECIDED = re.compile(r"決(?:まっ|め|定し)た(?:の|こと|もの|事|内容|議題)|決定事項|何[がを](?:決|可決|了承|承認)")
# What only says that it is asked of a matter: …の話, …の件, …という案, 会議で.
OF_A_MATTER = frozenset({"話", "件", "案", "会議", "議論", "結論", "決着", "決まる", "決める", "認める"})
_ASKS_STATE = re.compile(
    r"(?:話|[のう]件|案|議題|議論|提案)(?:は|って|が|に|、|[^、。]{0,6}で)[^。]*どうな(?:り|っ)|結論|決着"
)


@lru_cache(maxsize=64)  # asked for each piece that is held against the question
def asks_outcome(question: str) -> bool:
    """Whether normalised `question` asks what came of a matter."""
    return bool(_OUTCOME.search(question)) and not _ALL_DECIDED.search(question)


def kind_of_outcome(question: str, kind: Kind, *, yesno: bool) -> Kind:
    """Return what is asked for: of a matter that was talked about its state, whatever figures its name has."""
    if not asks_outcome(question) or kind not in {Kind.QUANTITY, Kind.WHEN, Kind.MONEY}:
        return kind
    if yesno:
        return Kind.YESNO
    return Kind.HOW if _ASKS_STATE.search(question) else kind
