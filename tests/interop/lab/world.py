# SPDX-License-Identifier: Apache-2.0
"""The whole world on loopback: DNS, partners' XMPP servers, Kamailio, edge and gateway, users."""
import contextlib
import os
import tempfile

from . import ca as authority
from . import net as network
from .baresip import Baresip
from .causeway import Edge, Gateway, require_build
from .dns import Dns
from .ejabberd import Ejabberd
from .kamailio import Kamailio
from .probe import Probe
from .process import LabError, wait_until
from .prosody import Prosody
from .sip_ua import SipUa
from .sipp import Sipp

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
SIP_DOMAIN = "contoso.example"
SIP_USERS = ["romeo", "benvolio", "mercutio", "tybalt", "paris", "rosaline"]
PASSWORD = "a secret of the lab"


def build_folder():
    """CAUSEWAY_BUILD, or the release build."""
    return os.environ.get("CAUSEWAY_BUILD") or os.path.join(ROOT, "build", "release")


def state_folder():
    """A new folder for one world below CAUSEWAY_LAB or build/interop."""
    parent = os.environ.get("CAUSEWAY_LAB") or os.path.join(ROOT, "build", "interop")
    os.makedirs(parent, exist_ok=True)
    return tempfile.mkdtemp(prefix="lab-", dir=parent)


def partner(domain, server="prosody", kind="federated", **settings):
    """A partner domain. server: prosody or ejabberd; prosody-stranger or ejabberd-stranger has a
    certificate that nobody trusts, so that only dialback proves it."""
    return {"domain": domain, "server": server, "settings": {"type": kind, **settings}}


FABRIKAM = partner("fabrikam.example")
NORTHWIND = partner("northwind.example", "ejabberd")
WILDMAIL = partner("wildmail.example", kind="public_unverified")
ADATUM = partner("adatum.example", kind="public_verified")
STRANGER = partner("litware.example", "prosody-stranger", sasl="not_supported")
ROLES = {"prosody": "fabrikam", "ejabberd": "northwind", "prosody-stranger": "other",
         "ejabberd-stranger": "northwind"}


class World:
    """Everything that was started, and it is stopped in reverse order."""

    # pylint: disable=too-many-instance-attributes
    def __init__(self, partners, sip_transport="tcp", force_active=True, folder=None,
                 with_causeway=True, prefix=None, admin=None, gateway_settings=""):
        self.folder = folder or state_folder()
        self.net = network.claim(prefix)
        self.ca = authority.CA(os.path.join(self.folder, "ca"))
        self.untrusted_ca = authority.CA(os.path.join(self.folder, "untrusted-ca"), "Nobody's CA")
        self.dns = Dns(os.path.join(self.folder, "dns"), self.net["dns"])
        self.partners = partners
        self.servers = {}
        self.gateway = None
        self.edge = None
        self._gateway_settings = gateway_settings  # further sections of its configuration
        self._admin = admin or f"{self.net['gateway']}:9269"
        self._stack = contextlib.ExitStack()
        self._users = 0
        leaf = self.ca.issue(f"sip.{SIP_DOMAIN}-kamailio", [f"sip.{SIP_DOMAIN}", SIP_DOMAIN],
                             [self.net["kamailio"]])
        self.kamailio = Kamailio(self._sub("kamailio"), self.net["kamailio"], self.net["gateway"],
                                 leaf, self.ca.file, SIP_USERS, SIP_DOMAIN, sip_transport,
                                 force_active)
        self._with_causeway = with_causeway
        self._prepare_servers()

    def _sub(self, *names):
        path = os.path.join(self.folder, *names)
        os.makedirs(path, exist_ok=True)
        return path

    def _prepare_servers(self):
        for entry in self.partners:
            address = self.net[ROLES[entry["server"]]]
            self.dns.add_xmpp(entry["domain"], f"xmpp.{entry['domain']}", address, 5269)
        self.dns.add_xmpp(SIP_DOMAIN, f"edge1.{SIP_DOMAIN}", self.net["edge"], 5269)
        for kind in sorted({entry["server"] for entry in self.partners}):
            domains = [e["domain"] for e in self.partners if e["server"] == kind]
            self.servers.update(dict.fromkeys(domains, self._server(kind, domains)))

    def _server(self, kind, domains):
        weak = kind.endswith("-stranger")
        issuer = self.untrusted_ca if weak else self.ca
        leaves = {domain: issuer.issue(domain) for domain in domains}
        folder, address = self._sub(kind), self.net[ROLES[kind]]
        if kind.startswith("ejabberd"):
            server = Ejabberd(folder, address, domains[0], leaves[domains[0]], self.ca.file,
                              self.dns, self.net["numeric_dns"], dialback=weak)
        else:
            server = Prosody(folder, address, leaves, self.ca.file, self.dns,
                             secure_auth=not weak, dialback=weak)
        server.client_ca_file = issuer.file
        return server

    def start_dns(self):
        self._stack.callback(self.dns.stop)
        self.dns.start()

    def start_servers(self):
        for server in {id(s): s for s in self.servers.values()}.values():
            self._stack.callback(server.stop)
            server.start()

    def start_kamailio(self):
        self._stack.callback(self.kamailio.stop)
        self.kamailio.start()

    def start_causeway(self):
        build = require_build(build_folder())
        leaf = self.ca.issue(SIP_DOMAIN)
        self.edge = Edge(build, self._sub("edge"), self.net, self.ca, self.dns, SIP_DOMAIN, leaf)
        self.gateway = Gateway(build, self._sub("gateway"), self.net, self.ca, self.kamailio,
                               self._admin, self._gateway_settings)
        for entry in self.partners:
            self.gateway.write_partner(entry["domain"], **entry["settings"])
        for daemon in (self.edge, self.gateway):
            self._stack.callback(daemon.stop_cleanly)
            daemon.start()
        self.gateway.wait_ready()
        self.edge.wait_ready()

    def start(self):
        try:
            self.start_dns()
            self.start_servers()
            self.start_kamailio()
            if self._with_causeway:
                self.start_causeway()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        self._stack.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exception):
        self.stop()

    @staticmethod
    def wait(check, what, timeout_s=30):
        """Waits until check() is true; `what` says what it means if not."""
        return wait_until(check, timeout_s, what)

    # Users

    def probe(self, jid, resource=None):
        """Logs an XMPP user in, creating the account if need be."""
        server = self.servers[jid.split("@")[1]]
        server.add_user(jid, PASSWORD)
        user = Probe(os.path.join(build_folder(), "causeway-probe"), self._sub("probes"), server,
                     jid, PASSWORD, resource)
        self._stack.callback(user.stop)
        return user

    def _user_credentials(self, user, address):
        leaf = self.ca.issue(f"{user}.{self._users}", [f"{user}.{SIP_DOMAIN}"], [address])
        return self.ca.file, leaf

    def _new_address(self, user):
        if user not in SIP_USERS:
            raise LabError(f"{user} is not one of {SIP_USERS}")
        self._users += 1
        return self.net.new_user()

    def sip_ua(self, user, transport=None):
        """Our own user agent, registered."""
        address = self._new_address(user)
        agent = SipUa(self.kamailio, address, user, transport or self.kamailio.transport,
                      self._user_credentials(user, address))
        self._stack.callback(agent.stop)
        return agent.register()

    def baresip(self, user, contact, publishes=True):
        """A real user agent, registered; it watches its one contact."""
        address = self._new_address(user)
        agent = Baresip(self._sub(f"baresip-{self._users}"), self.kamailio, address, user, contact,
                        self.kamailio.transport, self._user_credentials(user, address), publishes)
        self._stack.callback(agent.stop)
        return agent.start()

    def sipp(self, user, transport=None):
        """Scenarios as that user; not yet registered. SIPp has no TLS: it comes by TCP then."""
        transport = transport or self.kamailio.transport
        agent = Sipp(self._sub(f"sipp-{self._users + 1}"), self.kamailio, self._new_address(user),
                     user, "tcp" if transport == "tls" else transport)
        self._stack.callback(agent.stop)
        return agent
