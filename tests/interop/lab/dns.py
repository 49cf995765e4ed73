# SPDX-License-Identifier: Apache-2.0
"""The DNS of the lab: dnsmasq with nothing but our records."""
import os
import shutil
import socket
import struct

from .net import DNS_PORT
from .process import Child, LabError

QUERY_TIMEOUT_S = 0.2


def _answers(address):
    question = struct.pack(">6H", 0x4357, 0x0100, 1, 0, 0, 0)
    question += b"\x03lab\x07example\x00" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(QUERY_TIMEOUT_S)
        try:
            client.sendto(question, (address, DNS_PORT))
            return client.recv(512)[:2] == question[:2]
        except OSError:
            return False


class Dns:
    def __init__(self, folder, address):
        os.makedirs(folder, exist_ok=True)
        self.address = address
        self.port = DNS_PORT
        self._folder = folder
        self._servers = []
        self._child = None

    def add_xmpp(self, domain, host, address, port):
        """_xmpp-server._tcp SRV record of `domain` and the address of its host."""
        self._servers.append((domain, host, address, port))

    def numeric_twin(self, folder, address):
        """The same zone with numeric SRV targets, for a server that asks the C library for the
        address of a target: that one cannot be pointed at us."""
        twin = Dns(folder, address)
        for domain, _, target, port in self._servers:
            twin.add_xmpp(domain, target, target, port)
        return twin

    def _records(self):
        for domain, host, address, port in self._servers:
            yield f"srv-host=_xmpp-server._tcp.{domain},{host},{port},10,10"
            yield f"host-record={host},{address}"

    def start(self):
        binary = shutil.which("dnsmasq", path=os.environ["PATH"] + ":/usr/sbin")
        if binary is None:
            raise LabError("dnsmasq is not installed (package dnsmasq-base)")
        config = os.path.join(self._folder, "dnsmasq.conf")
        with open(config, "w", encoding="ascii") as out:
            out.write("\n".join(["port=%d" % self.port, f"listen-address={self.address}",
                                 "bind-interfaces", "no-resolv", "no-hosts", "no-poll",
                                 "local=/example/", "host-record=lab.example,127.0.0.1",
                                 "log-queries", "local-ttl=1", *self._records()]) + "\n")
        argv = [binary, "--keep-in-foreground", "--log-facility=-", f"--conf-file={config}",
                "--pid-file=", "--user="]
        self._child = Child("dnsmasq", argv, os.path.join(self._folder, "dnsmasq.log")).start()
        self._child.wait_ready(lambda: _answers(self.address), 10)

    def stop(self):
        if self._child is not None:
            self._child.stop()
