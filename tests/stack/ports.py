"""Free ports of this machine."""

import socket
from contextlib import ExitStack


def free_ports(number: int) -> list[int]:
    """Return so many free ports, all different."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
