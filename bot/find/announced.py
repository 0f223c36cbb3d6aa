"""A list that is announced as that of the very thing that is asked for: 行動指針は次の5つです answers 行動指針は?."""

import re

from bot.find.evidence import Evidence, content_terms_cached, topic_before_wa
from bot.find.sought import Sought

_TOPIC_OPEN = re.compile(
    r"[^はがをにで。?]+(?:(?:は|って|とは)(?:何|なに|なん|どんなもの|どういうもの)?(?:です|でしょう)?か?)?[。?]*"
)
_COUNTED = re.compile(r"(?:次|以下|下記)の(?:\d|[一二三四五六七八九]|とおり|通り)")


def announces_topic(evidence: Evidence, sought: Sought) -> bool:
    """Whether the list is announced as that of what the question names, and asks for by no more: Xは次の5つです."""
    if not _TOPIC_OPEN.fullmatch(sought.asked.text):
        return False
    topic = topic_before_wa(evidence.lead)
    head = content_terms_cached(topic.rpartition("の")[2])  # of 推進本部の構成員 the members, and no head of it
    named = bool(head) and head <= sought.strong <= content_terms_cached(topic)
    return named and bool(_COUNTED.search(evidence.lead))
