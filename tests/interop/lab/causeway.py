# SPDX-License-Identifier: Apache-2.0
"""The two daemons under test: their configuration, start, health, metrics and control."""
import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import urllib.request

from .process import Child, LabError, wait_until

LINK_PORT = 23456
S2S_PORT = 5269
SOCKET = "admin.sock"  # of the daemon's own folder: the whole path may pass 107 octets
READY_TIMEOUT_S = 20
DRAIN_S = 40.0  # a gateway drains for up to 30 s
GATEWAY_LINK_NAME = "gw1.internal.contoso.example"
EDGE_LINK_NAME = "edge1.dmz.contoso.example"
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? ([^ ]+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

_GATEWAY = """\
version: 1
include: [{partners}]
node: {{name: gw1, pool: default, sip_domains: [{domain}], state_dir: {state},
  abuse_contact: ["mailto:abuse@{domain}"]}}
sip:
  listen: ["udp:{address}:5060", "tcp:{address}:5060", "tls:{address}:5061"]
  tls: {{certificate: {sip_certificate}, key: {sip_key}, ca: {ca}}}
  path_congestion_safe: {congestion_safe}
  options_interval: 5s
  routes:
    - {{name: kamailio-1, uri: "{route}", priority: 10, weight: 100}}
edge:
  connect: ["{edge}:23456"]
  tls: {{certificate: {link_certificate}, key: {link_key}, ca: {ca}}}
  peer_names: [edge1.dmz.contoso.example]
admin: {{socket: {socket}, listen: "{admin}"}}
log: {{format: logfmt, level: debug}}
"""

_EDGE = """\
version: 1
node: {{name: edge1, pool: default, state_dir: {state}}}
s2s:
  listen: ["{address}:5269"]
  ca: {ca}
  certificates: [{{domain: {domain}, certificate: {s2s_certificate}, key: {s2s_key}}}]
link:
  listen: "{address}:23456"
  tls: {{certificate: {link_certificate}, key: {link_key}, ca: {ca}}}
  peer_names: [gw1.internal.contoso.example]
dns: {{servers: ["{dns}"]}}
dialback: {{secret: {secret}}}
admin: {{socket: {socket}, listen: "{admin}"}}
log: {{format: logfmt, level: debug}}
"""


def _quoted(**paths):
    """JSON strings are YAML strings: any path will do."""
    return {name: json.dumps(path) for name, path in paths.items()}


def _opener():
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


@contextlib.contextmanager
def _folder(path):
    """A short name of a folder: that of a socket in it may not pass 107 octets."""
    handle = os.open(path, os.O_PATH)
    try:
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)


class Daemon:
    """What gateway and edge have in common."""

    def __init__(self, binary, folder, admin):
        os.makedirs(os.path.join(folder, "state"), exist_ok=True)
        self.folder = folder
        self.admin = admin
        self.socket = os.path.join(folder, SOCKET)
        self._binary = binary
        self.config = os.path.join(folder, os.path.basename(binary) + ".yaml")
        self.log_path = os.path.join(folder, os.path.basename(binary) + ".log")
        self.child = None

    def write_config(self, template, values):
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(template.format(**values))

    def start(self):
        """Starts the process; readiness is for wait_ready."""
        argv = [self._binary, "--config", self.config, "--foreground"]
        self.child = Child(os.path.basename(self._binary), argv, self.log_path,
                           cwd=self.folder).start()

    def wait_ready(self, timeout_s=READY_TIMEOUT_S):
        self.child.wait_ready(self.is_ready, timeout_s)

    def get(self, path):
        with _opener().open(f"http://{self.admin}{path}", timeout=5) as reply:
            return reply.read().decode()

    def call(self, method, path):
        """One request over the socket: (status, document)."""
        with _folder(self.folder) as folder, socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(f"{folder}/{SOCKET}")
            connection = http.client.HTTPConnection("localhost")
            connection.sock = client
            connection.request(method, path)
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())

    def streams(self):
        """The edge's streams by id."""
        return {entry["id"]: entry for entry in self.call("GET", "/v1/streams")[1]["streams"]}

    def revision(self):
        return self.call("GET", "/v1/status")[1]["revision"]

    def is_ready(self):
        try:
            self.get("/readyz")
            return True
        except OSError:
            return False

    def restart(self):
        """After kill or stop: starts again and waits until it is ready."""
        self.start()
        self.wait_ready()

    def metric(self, name, **labels):
        """Sum of the samples of that name with those labels."""
        total = 0.0
        for line in self.get("/metrics").splitlines():
            match = SAMPLE.match(line)
            if match and match[1] == name:
                found = dict(LABEL.findall(match[2] or ""))
                if all(found.get(key) == value for key, value in labels.items()):
                    total += float(match[3])
        return total

    def wait_metric(self, minimum, name, timeout_s=10, **labels):
        wait_until(lambda: self.metric(name, **labels) >= minimum, timeout_s,
                   f"{name} {labels} did not reach {minimum}")

    def admin_json(self, path):
        """GET over the admin socket. Its path may be too long for one: it goes by the folder."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(5)
                client.connect(f"/proc/self/fd/{folder}/{SOCKET}")
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: lab\r\n"
                               "Connection: close\r\n\r\n".encode())
                reply = http.client.HTTPResponse(client)
                reply.begin()
                return json.loads(reply.read())
        finally:
            os.close(folder)

    def ctl(self, *words, stdin=None):
        """causewayctl over this daemon's socket: (exit code, output)."""
        binary = os.path.join(os.path.dirname(self._binary), "causewayctl")
        done = subprocess.run([os.path.abspath(binary), "--socket", SOCKET, *words],
                              cwd=self.folder, capture_output=True, text=True, timeout=60,
                              input=stdin,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def log_text(self):
        return self.child.log_text()

    def is_running(self):
        return self.child is not None and self.child.is_running()

    def kill(self):
        self.child.kill()

    def stop(self):
        """Ends it in order; the status of a daemon that had to be killed is negative."""
        return None if self.child is None else self.child.stop(DRAIN_S)

    def stop_cleanly(self):
        """Stops it; anything but an orderly end (a crash, a sanitizer's finding) is an error."""
        status = self.stop()
        if status not in (None, 0):
            raise LabError(f"{os.path.basename(self._binary)} ended with status {status}, log "
                           f"{self.log_path}:\n{self.child.log_text()[-3000:]}")


class Gateway(Daemon):
    """causeway-gateway with its partners.d."""

    # pylint: disable=too-many-arguments
    def __init__(self, build, folder, net, ca, kamailio, admin, extra=""):
        """`extra`: further sections of the configuration."""
        super().__init__(os.path.join(build, "causeway-gateway"), folder, admin)
        self.partners = os.path.join(folder, "partners.d")
        os.makedirs(self.partners, exist_ok=True)
        address = net["gateway"]
        sip = ca.issue("sip.contoso.example", addresses=[address])
        link = ca.issue(GATEWAY_LINK_NAME)
        self.write_config(_GATEWAY + extra.replace("{", "{{").replace("}", "}}"), {
            "domain": kamailio.domain, "address": address, "route": kamailio.uri,
            "edge": net["edge"], "admin": admin,
            "congestion_safe": "false" if kamailio.transport == "udp" else "true",
            **_quoted(partners=os.path.join(self.partners, "*.yaml"), ca=ca.file,
                      state=os.path.join(folder, "state"), sip_certificate=sip.certificate,
                      sip_key=f"file:{sip.key}", link_certificate=link.certificate,
                      link_key=f"file:{link.key}", socket=SOCKET)})

    def write_partner(self, domain, **settings):
        """partners.d/DOMAIN.yaml, replaced as a whole; takes effect at start or reload."""
        self.write_partners(domain, [{"domain": domain, **settings}])

    def write_partners(self, name, records):
        """partners.d/NAME.yaml with all these partners, replaced as a whole."""
        lines = ["partners:"]
        for record in records:
            pairs = [f"{key}: {json.dumps(value)}" for key, value in record.items()]
            lines += [f"  - {pairs[0]}"] + [f"    {pair}" for pair in pairs[1:]]
        path = os.path.join(self.partners, f"{name}.yaml")
        with open(path + ".new", "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        os.replace(path + ".new", path)

    def remove_partner(self, domain):
        os.unlink(os.path.join(self.partners, f"{domain}.yaml"))

    def check_config(self, config=None):
        """What --check-config says of that file (its own): (exit code, output)."""
        done = subprocess.run([self._binary, "--check-config", "--config", config or self.config],
                              cwd=self.folder, capture_output=True, text=True, timeout=60,
                              check=False)
        return done.returncode, done.stdout + done.stderr


class Edge(Daemon):
    """causeway-edge."""

    # pylint: disable=too-many-arguments
    def __init__(self, build, folder, net, ca, dns, domain, leaf):
        admin = f"{net['edge']}:9270"
        super().__init__(os.path.join(build, "causeway-edge"), folder, admin)
        link = ca.issue(EDGE_LINK_NAME)
        secret = os.path.join(folder, "dialback.secret")
        with open(secret, "w", encoding="ascii") as out:
            out.write(os.urandom(32).hex() + "\n")
        os.chmod(secret, 0o600)
        self.write_config(_EDGE, {
            "address": net["edge"], "domain": domain, "dns": f"{dns.address}:{dns.port}",
            "admin": admin,
            **_quoted(ca=ca.file, state=os.path.join(folder, "state"),
                      s2s_certificate=leaf.certificate, s2s_key=f"file:{leaf.key}",
                      link_certificate=link.certificate, link_key=f"file:{link.key}",
                      secret=f"file:{secret}", socket=SOCKET)})


def require_build(build):
    """The build directory, or an error that says how to make it."""
    for name in ("causeway-gateway", "causeway-edge", "causeway-probe"):
        if not os.access(os.path.join(build, name), os.X_OK):
            raise LabError(f"{name} is not in {build}; build it: cmake --preset release && "
                           "cmake --build --preset release")
    return build
