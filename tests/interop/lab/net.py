# SPDX-License-Identifier: Apache-2.0
"""Loopback addresses of one lab: a /24 of its own, so that labs do not meet."""
import os
import random
import socket

from .process import LabError

DNS_PORT = 15353
ATTEMPTS = 50


def _can_bind(kind, address, port):
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def is_free(address, port):
    return _can_bind(socket.SOCK_STREAM, address, port) and _can_bind(
        socket.SOCK_DGRAM, address, port)


def is_bound(kind, address, port):
    """Whether a socket ("udp", or "tcp" in LISTEN) has that local address, without touching it."""
    local = "".join(f"{int(part):02X}" for part in reversed(address.split("."))) + f":{port:04X}"
    states = ("0A",) if kind == "tcp" else ("07", "01")
    with open(f"/proc/net/{kind}", encoding="ascii") as table:
        rows = [line.split() for line in table]
    return any(row[1] == local and row[3] in states for row in rows)


class Net:
    """Addresses by role. Ports are the usual ones; only the addresses differ between labs."""

    ROLES = {"dns": 1, "fabrikam": 2, "northwind": 3, "other": 4, "numeric_dns": 5, "edge": 10,
             "kamailio": 20, "gateway": 21, "users": 30}

    def __init__(self, prefix):
        self.prefix = prefix
        self._next_user = self.ROLES["users"]

    def __getitem__(self, role):
        return f"{self.prefix}.{self.ROLES[role]}"

    def new_user(self):
        """An address for one more SIP user agent or listener."""
        self._next_user += 1
        return f"{self.prefix}.{self._next_user}"


def claim(prefix=None):
    """A free /24: `prefix` if it is free, else one drawn at random."""
    drawn = random.Random(os.getpid() ^ int.from_bytes(os.urandom(4), "big"))
    candidates = [prefix] if prefix else []
    candidates += [f"127.{drawn.randrange(32, 250)}.{drawn.randrange(1, 250)}"
                   for _ in range(ATTEMPTS)]
    for candidate in candidates:
        if is_free(f"{candidate}.1", DNS_PORT):
            return Net(candidate)
    raise LabError("no free loopback addresses")
