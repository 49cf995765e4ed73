# SPDX-License-Identifier: Apache-2.0
"""ejabberd as the XMPP server of a partner domain."""
import glob
import json
import os
import shutil
import urllib.request

from .process import Child, LabError

API_PORT = 5280
START_TIMEOUT_S = 60

_CONFIG = """\
hosts: {domains}
loglevel: debug
certfiles: ["{bundle}"]
ca_file: "{ca}"
s2s_use_starttls: {starttls}
s2s_cafile: "{ca}"
s2s_timeout: 30
s2s_dns_timeout: 2
auth_method: internal
auth_password_format: plain
disable_sasl_mechanisms: []
listen:
  - {{port: {c2s_port}, ip: "{address}", module: ejabberd_c2s, starttls: true, access: all,
     max_stanza_size: 262144}}
  - {{port: {s2s_port}, ip: "{address}", module: ejabberd_s2s_in, max_stanza_size: 262144}}
  - {{port: {api_port}, ip: "{address}", module: ejabberd_http,
     request_handlers: {{"/api": mod_http_api}}}}
api_permissions:
  "lab": {{from: [mod_http_api], who: [{{ip: "127.0.0.0/8"}}], what: ["*"]}}
modules:
  mod_roster: {{}}
  mod_disco: {{}}
  mod_ping: {{}}
  mod_admin_extra: {{}}
  mod_http_api: {{}}
{dialback}"""

_INETRC = """\
{{lookup, [dns]}}.
{{resolv_conf, ""}}.
{{hosts_file, ""}}.
{{nameserver, {{{a},{b},{c},{d}}}, {port}}}.
{{timeout, 1000}}.
{{retry, 2}}.
"""


class Ejabberd:
    """One ejabberd without Erlang distribution: no epmd, no cookie, nothing off its address.
    `leaf` is for `domain` and for `more_domains`."""

    # pylint: disable=too-many-arguments,too-many-instance-attributes
    def __init__(self, folder, address, domain, leaf, ca_file, dns, numeric_dns,
                 starttls="required", dialback=False, c2s_port=5222, s2s_port=5269,
                 more_domains=()):
        self.folder = folder
        self.address = address
        self.domain = domain
        self.c2s_port = c2s_port
        self.s2s_port = s2s_port
        self.ca_file = ca_file
        self.client_ca_file = ca_file  # what our clients trust
        self._leaf = leaf
        self._dns = dns.numeric_twin(os.path.join(folder, "dns"), numeric_dns)
        self._starttls = starttls
        self._dialback = dialback
        self._domains = [domain, *more_domains]
        self._users = []
        self.child = None

    def add_user(self, jid, password):
        self._users.append((jid, password))
        if self.child is not None:
            self._register(jid, password)

    def _register(self, jid, password):
        user, host = jid.split("@")
        body = json.dumps({"user": user, "host": host, "password": password}).encode()
        request = urllib.request.Request(f"http://{self.address}:{API_PORT}/api/register", body,
                                         {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10):
                pass
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise LabError(f"ejabberd register: {error} {error.read()!r}") from error

    def _bundle(self):
        path = os.path.join(self.folder, "bundle.pem")
        with open(path, "w", encoding="ascii") as out:
            for part in (self._leaf.certificate, self._leaf.key):
                with open(part, encoding="ascii") as source:
                    out.write(source.read())
        return path

    def _write_config(self):
        os.makedirs(os.path.join(self.folder, "spool"), exist_ok=True)
        with open(os.path.join(self.folder, "ejabberd.yml"), "w", encoding="utf-8") as out:
            out.write(_CONFIG.format(
                domains=json.dumps(self._domains), bundle=self._bundle(), ca=self.ca_file,
                address=self.address, c2s_port=self.c2s_port, s2s_port=self.s2s_port,
                api_port=API_PORT, starttls=self._starttls,
                dialback="  mod_s2s_dialback: {}\n" if self._dialback else ""))
        a, b, c, d = self._dns.address.split(".")
        with open(os.path.join(self.folder, "inetrc"), "w", encoding="ascii") as out:
            out.write(_INETRC.format(a=a, b=b, c=c, d=d, port=self._dns.port))

    def _environment(self):
        libraries = glob.glob("/usr/lib/*/ejabberd-*/ebin")
        if not libraries or shutil.which("erl") is None:
            raise LabError("ejabberd is not installed")
        return dict(os.environ, HOME=self.folder, ERL_LIBS=os.path.dirname(
            os.path.dirname(libraries[0])),
            ERL_INETRC=os.path.join(self.folder, "inetrc"),
            ERL_CRASH_DUMP=os.path.join(self.folder, "erl_crash.dump"),
            EJABBERD_CONFIG_PATH=os.path.join(self.folder, "ejabberd.yml"),
            EJABBERD_LOG_PATH=os.path.join(self.folder, "ejabberd.log"))

    def start(self):
        self.launch()
        self.wait_ready()

    def launch(self):
        """Starts the process; it takes its time, see wait_ready()."""
        self._write_config()
        self._dns.start()
        argv = ["erl", "-noinput", "-mnesia", "dir", '"%s"' % os.path.join(self.folder, "spool"),
                "-s", "ejabberd"]
        self.child = Child("ejabberd", argv, os.path.join(self.folder, "console.log"),
                           env=self._environment(), cwd=self.folder).start()

    def wait_ready(self):
        for port in (self.c2s_port, self.s2s_port, API_PORT):
            self.child.wait_port(self.address, port, START_TIMEOUT_S)
        for jid, password in self._users:
            self._register(jid, password)

    def log_text(self):
        with open(os.path.join(self.folder, "ejabberd.log"), encoding="utf-8",
                  errors="replace") as log:
            return log.read()

    def kill(self):
        self.child.kill()

    def stop(self):
        if self.child is not None:
            self.child.stop()
        self._dns.stop()
