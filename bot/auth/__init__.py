"""Staff sign-in: accounts, sessions, API keys and the start token."""

from bot.auth.person import Role, SignedInPerson, current_person
from bot.auth.sign_in import SignIn

__all__ = ["Role", "SignIn", "SignedInPerson", "current_person"]
