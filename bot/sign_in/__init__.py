"""Who may see the pages for staff: accounts, sessions, and the link that opens them while there is no account."""

from bot.sign_in.person import Person, Role, who
from bot.sign_in.sign_in import SignIn

__all__ = ["Person", "Role", "SignIn", "who"]
