"""Staff sign-in: accounts, sessions, API keys and the start token."""

from bot.auth.person import Person, Role, current_person
from bot.auth.sign_in import SignIn

__all__ = ["Person", "Role", "SignIn", "current_person"]
