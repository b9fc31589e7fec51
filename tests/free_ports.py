"""Ports for programs that cannot choose one themselves and tell it."""

import random
import socket

# Below those that the kernel hands out by itself (from 32768 on): a port that it gave and took back would be
# the next one's, a server's of another test or the near end of any connection.
_PORTS = range(20_000, 32_768)


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nobody listens now."""
    chance = random.SystemRandom()
    while True:
        port = chance.choice(_PORTS)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
