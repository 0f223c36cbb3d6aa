"""Staff sign-in: accounts, sessions, API keys and the start token."""

from bot.sign_in.person import Person, Role, current_person
from bot.sign_in.sign_in import SignIn

__all__ = ["Person", "Role", "SignIn", "current_person"]
