# SPDX-License-Identifier: Apache-2.0
"""The rows of the negotiation towards Prosody and ejabberd, each set up in several ways: by which
method the stream is proven, and whether a message gets through, both ways. What came of it is
written to build/check/negotiation-servers.txt."""
import concurrent.futures
import os
import sys
import unittest

from lab.causeway import require_build
from lab.component import Component
from lab.ejabberd import Ejabberd
from lab.negotiation import ROWS, Peer, judge, verdict
from lab.process import LabError, wait_until
from lab.prosody import COMPONENT_SECRET, Prosody
from lab.world import ROOT, World, build_folder

TABLE = os.path.join(ROOT, "build", "check", "negotiation-servers.txt")
NUMBERS = (1, 2, 3, 4, 7, 8, 9, 13, 15, 17)
CHOSEN = [row for row in ROWS if row.number in NUMBERS]
DELIVERY_S = 15
REFUSAL_S = 45
SIP_TIMEOUT_S = 70
SETTINGS = "security: {floor: none}\nmessages: {hold: 3s}\n"

# What each server is to the other side, and how it is made so.
PROSODY = {
    "p-strict": (Peer("requires", "trusted", True, False), {"secure_auth": True}),
    "p-secure": (Peer("requires", "trusted", True, True), {"secure_auth": True, "dialback": True}),
    "p-lax": (Peer("requires", "trusted", True, True), {"secure_auth": False, "dialback": True}),
    "p-stranger": (Peer("requires", "untrusted", True, True),
                   {"secure_auth": False, "dialback": True}),
    "p-no-sasl": (Peer("offers", "trusted", False, True),
                  {"secure_auth": False, "dialback": True, "require_encryption": False,
                   "sasl": False}),
    "p-clear": (Peer("lacks", "any", False, True),
                {"secure_auth": False, "dialback": True, "require_encryption": False,
                 "allow_encryption": False}),
}
EJABBERD = {
    "e-strict": (Peer("requires", "trusted", True, False), {"starttls": "required"}),
    "e-lax": (Peer("requires", "trusted", True, True), {"starttls": "required", "dialback": True}),
    "e-stranger": (Peer("offers", "untrusted", True, True),
                   {"starttls": "optional", "dialback": True}),
    "e-clear": (Peer("lacks", "any", False, True), {"starttls": "false", "dialback": True}),
}


def domain_of(row, server):
    return f"r{row.number:02}.{server}.example"


class Servers:
    """The world with all these servers, and a user at each domain."""

    def __init__(self):
        self.world = World([], gateway_settings=SETTINGS)
        self.users = {}
        self._servers = {}
        for name, (peer, options) in {**PROSODY, **EJABBERD}.items():
            self._prepare(name, peer, options)

    def _prepare(self, name, peer, options):
        world = self.world
        address = world.net.new_user()
        domains = [domain_of(row, name) for row in CHOSEN]
        for domain in domains:
            world.dns.add_xmpp(domain, f"xmpp.{domain}", address, 5269)
        issuer = world.untrusted_ca if peer.certificate == "untrusted" else world.ca
        leaf = issuer.issue(name, domains)
        folder = os.path.join(world.folder, name)
        os.makedirs(folder, exist_ok=True)
        if name in PROSODY:
            server = Prosody(folder, address, dict.fromkeys(domains, leaf), world.ca.file,
                             world.dns, **options)
        else:
            server = Ejabberd(folder, address, domains[0], leaf, world.ca.file, world.dns,
                              world.net.new_user(), more_domains=domains[1:], **options)
        server.client_ca_file = issuer.file
        self._servers[name] = server

    def start(self):
        require_build(build_folder())
        for name in EJABBERD:
            self._servers[name].launch()
        self.world.start()
        for name in PROSODY:
            self._servers[name].start()
        for name in EJABBERD:
            self._servers[name].wait_ready()
        self._commit()
        self.romeo = self.world.sip_ua("romeo")
        for name in self._servers:
            for row in CHOSEN:
                self.users[row, name] = self._user(row, name)
        return self

    def _user(self, row, name):
        domain = domain_of(row, name)
        server = self.world.servers[domain] = self._servers[name]
        if name == "p-no-sasl":
            return Component(server.address, server.component_port, domain, COMPONENT_SECRET)
        return self.world.probe(f"juliet@{domain}").available()

    def _commit(self):
        gateway = self.world.gateway
        gateway.write_partners("all", [
            {"domain": domain_of(row, name), "type": "federated", "tls": row.tls,
             "sasl": row.sasl, "dialback": row.dialback}
            for row in CHOSEN for name in self._servers])
        code, output = gateway.ctl("reload")
        if code != 0:
            raise LabError(f"reload: {output}")
        wait_until(lambda: self.world.edge.admin_json("/v1/status")["permits"] ==
                   len(CHOSEN) * len(self._servers), 10, "the edge has not got the permits")

    def reported(self, domain, direction):
        """Method of that stream in the gateway's list, None if there is none."""
        for stream in self.world.gateway.admin_json("/v1/streams"):
            if (stream["remote_domain"], stream["direction"]) == (domain, direction):
                return stream["method"]
        return None

    @staticmethod
    def _arrived(user, text):
        if isinstance(user, Component):
            return text in user.bodies
        return bool(user.since(0, "message", body=text))

    @staticmethod
    def _bounced(user, text):
        if isinstance(user, Component):
            return bool(user.errors)
        return bool(user.since(0, "message", type="error"))

    def send_out(self, row, name):
        """(method, whether the message arrived, SIP status)"""
        text = f"out {row.number} {name}"
        domain = domain_of(row, name)
        code = self.romeo.message(f"juliet@{domain}", text, timeout_s=SIP_TIMEOUT_S).code
        arrived = self._await(lambda: self._arrived(self.users[row, name], text),
                              DELIVERY_S if code < 300 else 0)
        return self.reported(domain, "out"), arrived, code

    def send_in(self, row, name):
        """(method, whether the message arrived, whether its sender was told that it did not)"""
        text = f"in {row.number} {name}"
        user = self.users[row, name]
        user.message(self.romeo.jid, text)

        def arrived():
            return any(r.text() == text for r in self.romeo.since(0, "MESSAGE"))
        self._await(lambda: arrived() or self._bounced(user, text), REFUSAL_S)
        self._await(lambda: not arrived() or self.reported(domain_of(row, name), "in"), 5)
        return self.reported(domain_of(row, name), "in"), arrived(), self._bounced(user, text)

    @staticmethod
    def _await(check, timeout_s):
        try:
            return wait_until(check, timeout_s, "")
        except LabError:
            return False

    def stop(self):
        for user in self.users.values():
            if isinstance(user, Component):
                user.stop()
        self.world.stop()
        for server in self._servers.values():
            server.stop()


class NegotiationWithServers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = []
        cls.addClassCleanup(cls._write_table)
        cls.servers = Servers()
        cls.addClassCleanup(cls.servers.stop)
        cls.servers.start()

    @classmethod
    def _write_table(cls):
        os.makedirs(os.path.dirname(TABLE), exist_ok=True)
        with open(TABLE, "w", encoding="utf-8") as out:
            out.write("server\trow\tdirection\texpected\tgot\trationale\n")
            out.writelines("\t".join(line) + "\n" for line in cls.lines)
        good = sum(1 for line in cls.lines if line[3] == line[4])
        print(f"\n# negotiation with servers: {len(cls.lines)} cells, {good} as expected; {TABLE}",
              file=sys.stderr)

    def _check(self, name, row, direction, want, got):
        """got: (method, arrived, what the sender was told)"""
        told = {"out": 202 if want.method else 504, "in": want.method is None}[direction]
        expected = (want.method, want.method is not None, told)
        self.lines.append((name, f"row {row.number:02}", direction, verdict(want),
                           verdict(want) if got == expected else str(got), want.why))
        with self.subTest(row=row.number, direction=direction, expected=verdict(want)):
            self.assertEqual(expected, got, want.why)

    def _server(self, name):
        peer = {**PROSODY, **EJABBERD}[name][0]
        for direction, send in (("out", self.servers.send_out), ("in", self.servers.send_in)):
            with concurrent.futures.ThreadPoolExecutor(len(CHOSEN)) as pool:
                results = list(pool.map(lambda row, send=send: send(row, name), CHOSEN))
            for row, got in zip(CHOSEN, results):
                self._check(name, row, direction, judge(row, direction, peer), got)


def _add_servers():
    for name in (*PROSODY, *EJABBERD):
        def test(self, name=name):
            self._server(name)
        setattr(NegotiationWithServers, "test_" + name.replace("-", "_"), test)


_add_servers()


if __name__ == "__main__":
    unittest.main()
