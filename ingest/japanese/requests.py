"""Words with which people ask for information: parts of patterns for normalised text."""

# Stems of verbs before て: 教えて, 示してください.
TELL = "(?:教え|示し|挙げ|説明し|知らせ)"
# Stems of verbs before たい: 知りたい, 伺いたいのですが.
WISH_TO_KNOW = "(?:知り|聞き|伺い|うかがい|尋ね)"
# Nouns of formal requests: ご教示ください.
FORMAL_REPLY = "(?:教示|回答|返答)"
# What follows the subject of a question: 検診について.
TOPIC_POSTPOSITION = "(?:について|に関して)"
# Words that ask for all of several things.
ALL = "(?:全部|すべて|全て)"
