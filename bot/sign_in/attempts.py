"""How often somebody may be wrong at the sign-in, so that passwords cannot be tried out."""

from bot.errors import AccountError
from bot.sign_in.person import read_name
from bot.web.limits import RateLimit

# Enough for a person who mistypes, and a year and more for a thousand of the commonest passwords and a thousand names.
OF_A_NAME = 10
# A whole office comes from one address, and mistypes more than one person does.
OF_AN_ADDRESS = 60


class Attempts:
    """Failures a minute, of one address under one name and of one address in all; counted in this process."""

    def __init__(self) -> None:
        self._of_name = RateLimit(OF_A_NAME)
        self._of_address = RateLimit(OF_AN_ADDRESS)

    def wait_s(self, address: str, name: str) -> float:
        """Count an attempt; return 0 when it may be made, else the seconds to wait, and then it is not counted."""
        if wait := self._of_name.wait_s(_key(address, name)):
            return wait
        if wait := self._of_address.wait_s(address):
            self._of_name.take_back(_key(address, name))
            return wait
        return 0

    def succeeded(self, address: str, name: str) -> None:
        """Count an attempt no more: it was right."""
        self._of_name.take_back(_key(address, name))
        self._of_address.take_back(address)


def _key(address: str, name: str) -> str:
    try:
        return f"{address} {read_name(name)}"
    except AccountError:
        return f"{address} "
