# SPDX-License-Identifier: Apache-2.0
"""Kamailio as registrar, relay and presence server of our own SIP domain."""
import glob
import json
import os
import shutil
import sqlite3
import urllib.request

from .process import Child, LabError

SIP_PORT = 5060
SIP_TLS_PORT = 5061
PRES_RULES = 2  # doc_type of the xcap table
TABLES = ("standard", "presence")

_TLS = """\
[server:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
certificate = "{certificate}"
private_key = "{key}"
ca_list = "{ca}"
[client:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
certificate = "{certificate}"
private_key = "{key}"
ca_list = "{ca}"
"""

_RULE = """\
<rule id="{name}"><conditions><identity>{identities}</identity></conditions>\
<actions><pr:sub-handling>{name}</pr:sub-handling></actions>\
<transformations><pr:provide-services><pr:all-services/></pr:provide-services>\
<pr:provide-persons><pr:all-persons/></pr:provide-persons>\
<pr:provide-devices><pr:all-devices/></pr:provide-devices><pr:provide-all-attributes/>\
</transformations></rule>"""

_RULES = """\
<?xml version="1.0" encoding="UTF-8"?>
<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">\
{rules}</ruleset>
"""


class Kamailio:
    """Users of `users` (names without domain) are known; everything else in the domain is 404."""

    # pylint: disable=too-many-arguments,too-many-instance-attributes
    def __init__(self, folder, address, gateway_address, leaf, ca_file, users,
                 domain="contoso.example", transport="tcp", force_active=True):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.address = address
        self.domain = domain
        self.transport = transport
        self.port = SIP_TLS_PORT if transport == "tls" else SIP_PORT
        self._gateway = gateway_address
        self._leaf = leaf
        self._ca_file = ca_file
        self._users = users
        self._force_active = force_active
        self._rules = {}
        self._presence = None
        self._stored_rules = None  # a file of its own: Kamailio only reads it
        self.child = None

    @property
    def uri(self):
        """What a user agent or the gateway takes as its next hop."""
        return f"sip:{self.address}:{self.port};transport={self.transport}"

    def _write_config(self):
        template = os.path.join(os.path.dirname(__file__), "kamailio.cfg")
        values = {"DOMAIN": self.domain, "ADDRESS": self.address, "PORT": SIP_PORT,
                  "TLS_PORT": SIP_TLS_PORT, "PRESENCE_PORT": self.port,
                  "TRANSPORT": self.transport, "FOLDER": self.folder,
                  "FORCE_ACTIVE": int(self._force_active), "USERS": "|".join(self._users),
                  "GATEWAY": self._gateway, "GATEWAY_PORT": self.port}
        with open(template, encoding="ascii") as source:
            text = source.read()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        with open(os.path.join(self.folder, "kamailio.cfg"), "w", encoding="utf-8") as out:
            out.write(text)
        with open(os.path.join(self.folder, "tls.cfg"), "w", encoding="utf-8") as out:
            out.write(_TLS.format(certificate=self._leaf.certificate, key=self._leaf.key,
                                  ca=self._ca_file))

    @staticmethod
    def _open_database(path):
        """Stays open as long as the lab: a last close takes the lock for which Kamailio does not
        wait."""
        is_new = not os.path.exists(path)
        connection = sqlite3.connect(path, timeout=5, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        for name in TABLES if is_new else ():
            script = f"/usr/share/kamailio/db_sqlite/{name}-create.sql"
            with open(script, encoding="utf-8") as source:
                connection.executescript(source.read())
        return connection

    def start(self):
        binary = shutil.which("kamailio", path=os.environ["PATH"] + ":/usr/sbin")
        modules = glob.glob("/usr/lib/*/kamailio/modules")
        if binary is None or not modules:
            raise LabError("kamailio is not installed")
        self._write_config()
        if self._presence is None:
            self._presence = self._open_database(os.path.join(self.folder, "presence.sqlite"))
            self._stored_rules = self._open_database(os.path.join(self.folder, "rules.sqlite"))
        argv = [binary, "-DD", "-E", "-f", os.path.join(self.folder, "kamailio.cfg"), "-L",
                modules[0], "-Y", self.folder, "-m", "64", "-M", "8"]
        self.child = Child("kamailio", argv, os.path.join(self.folder, "kamailio.log"),
                           cwd=self.folder).start()
        self.child.wait_port(self.address, SIP_PORT)

    def rpc(self, method, *params):
        """One JSON-RPC call; returns its result."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1})
        request = urllib.request.Request(f"http://{self.address}:{SIP_PORT}/RPC", body.encode(),
                                         {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=5) as reply:
            answer = json.load(reply)
        if "error" in answer:
            raise LabError(f"kamailio {method}: {answer['error']}")
        return answer.get("result")

    def watchers(self, owner):
        """(watcher, status) of the presence dialogs; status 1 active, 2 pending, 4 waiting."""
        rows = self._presence.execute(
            "SELECT watcher_username || '@' || watcher_domain, status FROM active_watchers "
            "WHERE presentity_uri = ?", (f"sip:{owner}",))
        return dict(rows.fetchall())

    def watcher_contact(self, owner, watcher):
        """Contact of the watcher's SUBSCRIBE, to which NOTIFYs go; None without a dialog."""
        rows = self._presence.execute(
            "SELECT contact FROM active_watchers WHERE presentity_uri = ? AND "
            "watcher_username || '@' || watcher_domain = ?", (f"sip:{owner}", watcher))
        return next((row[0] for row in rows), None)

    def allow(self, owner, watcher):
        self._decide(owner, watcher, "allow")

    def block(self, owner, watcher):
        self._decide(owner, watcher, "block")

    def _decide(self, owner, watcher, decision):
        self._rules.setdefault(owner, {})[watcher] = decision
        rules = ""
        for name in ("allow", "block"):
            identities = "".join(f'<one id="sip:{who}"/>' for who, what in
                                 self._rules[owner].items() if what == name)
            if identities:
                rules += _RULE.format(name=name, identities=identities)
        user, domain = owner.split("@")
        self._stored_rules.execute("DELETE FROM xcap WHERE username = ? AND domain = ?",
                                   (user, domain))
        self._stored_rules.execute(
            "INSERT INTO xcap (username, domain, doc, doc_type, etag, source, doc_uri, port) "
            "VALUES (?, ?, ?, ?, 'lab', 0, ?, 0)",
            (user, domain, _RULES.format(rules=rules), PRES_RULES, f"pres-rules/{owner}"))
        self.rpc("presence.refreshWatchers", f"sip:{owner}", "presence", 0)

    def log_text(self):
        return self.child.log_text()

    def kill(self):
        self.child.kill()

    def stop(self):
        if self.child is not None:
            self.child.stop()
        for database in (self._presence, self._stored_rules):
            if database is not None:
                database.close()
        self._presence = None
