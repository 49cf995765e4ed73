# SPDX-License-Identifier: Apache-2.0
"""Prosody as the XMPP server of one or more partner domains."""
import os
import shutil

from .process import Child, LabError

_CONFIG = """\
-- Written by the lab.
run_as_root = true -- only this sandbox on loopback; everything it may touch is in its own folder
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
certificates = "{folder}"
plugin_paths = {{}}
interfaces = {{ "{address}" }}
local_interfaces = {{ "{address}" }}
c2s_ports = {{ {c2s_port} }}
s2s_ports = {{ {s2s_port} }}
s2s_direct_tls_ports = {{ }}
c2s_direct_tls_ports = {{ }}
http_ports = {{ }}
https_ports = {{ }}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "presence", "message", "iq",
                     "c2s", "s2s", "s2s_auth_certs"{dialback} }}
component_interfaces = {{ "{address}" }}
component_ports = {{ {component_port} }}
modules_disabled = {{ "offline"{no_dialback} }}
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
s2s_require_encryption = {require_encryption}
s2s_secure_auth = {secure_auth}
s2s_allow_encryption = {allow_encryption}
s2s_stanza_size_limit = 262144
-- Its own sockets are the lab's: one address, and the resolver of the lab.
network_settings = {{ backend = "epoll" }}
use_ipv6 = false
use_ipv4 = true
unbound = {{ resolvconf = false, hoststxt = false, forward = {{ "{dns}" }},
             options = {{ ["do-not-query-localhost:"] = "no", ["module-config:"] = "iterator" }} }}
log = {{ {{ levels = {{ min = "debug" }}, to = "console" }} }}
ssl = {{ cafile = "{ca}", protocol = "tlsv1_2+" }}
"""

_HOST = """
VirtualHost "{domain}"
  ssl = {{ certificate = "{certificate}", key = "{key}", cafile = "{ca}" }}
"""

_COMPONENT = """
Component "{domain}"
  component_secret = "{secret}"
  modules_disabled = {{ "saslauth" }}
  ssl = {{ certificate = "{certificate}", key = "{key}", cafile = "{ca}" }}
"""

COMPONENT_PORT = 5347
COMPONENT_SECRET = "a component of the lab"


def _lua_bool(value):
    return "true" if value else "false"


class Prosody:
    """One Prosody process; `hosts` maps domain to Certificate. Without `sasl`, which its users
    could not do without, the hosts are components (XEP-0114)."""

    # pylint: disable=too-many-arguments,too-many-instance-attributes
    def __init__(self, folder, address, hosts, ca_file, dns, secure_auth=True, dialback=False,
                 require_encryption=True, allow_encryption=True, sasl=True, c2s_port=5222,
                 s2s_port=5269):
        self.folder = folder
        self.address = address
        self.c2s_port = c2s_port
        self.s2s_port = s2s_port
        self.ca_file = ca_file
        self.client_ca_file = ca_file  # what our clients trust
        self.component_port = COMPONENT_PORT
        self._hosts = hosts
        self._host_config = _HOST if sasl else _COMPONENT
        self._settings = {
            "folder": folder, "address": address, "ca": ca_file, "c2s_port": c2s_port,
            "s2s_port": s2s_port, "dns": f"{dns.address}@{dns.port}",
            "secure_auth": _lua_bool(secure_auth),
            "require_encryption": _lua_bool(require_encryption),
            "allow_encryption": _lua_bool(allow_encryption),
            "component_port": "" if sasl else COMPONENT_PORT,
            "dialback": ', "dialback"' if dialback else "",
            "no_dialback": "" if dialback else ', "dialback"'}
        self.child = None

    def add_user(self, jid, password):
        """Writes the account as mod_auth_internal_plain keeps it."""
        user, domain = jid.split("@")
        folder = os.path.join(self.folder, "data", _encode(domain), "accounts")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, _encode(user) + ".dat"), "w", encoding="utf-8") as out:
            out.write('return {\n\t["password"] = "%s";\n};\n' % password)

    def _write_config(self):
        os.makedirs(os.path.join(self.folder, "data"), exist_ok=True)
        path = os.path.join(self.folder, "prosody.cfg.lua")
        with open(path, "w", encoding="utf-8") as out:
            out.write(_CONFIG.format(**self._settings))
            for domain, leaf in self._hosts.items():
                out.write(self._host_config.format(
                    domain=domain, certificate=leaf.certificate, key=leaf.key, ca=self.ca_file,
                    secret=COMPONENT_SECRET))
            if self._host_config is _COMPONENT:
                out.write('VirtualHost "nobody.example"\n')  # one is wanted in any case
        return path

    def start(self):
        binary = shutil.which("prosody")
        if binary is None:
            raise LabError("prosody is not installed (packages prosody and lua-unbound)")
        argv = [binary, "-F", "--config", self._write_config()]
        self.child = Child("prosody", argv, os.path.join(self.folder, "prosody.log"),
                           cwd=self.folder).start()
        self.child.wait_port(self.address, self.c2s_port)
        self.child.wait_port(self.address, self.s2s_port)

    def log_text(self):
        return self.child.log_text()

    def kill(self):
        self.child.kill()

    def stop(self):
        if self.child is not None:
            self.child.stop()


def _encode(name):
    """Prosody's file names: every byte but letters and digits as %xx in lower case."""
    return "".join(c if c.isascii() and c.isalnum() else
                   "".join("%%%02x" % b for b in c.encode()) for c in name)
