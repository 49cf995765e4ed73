# SPDX-License-Identifier: Apache-2.0
"""A SIP user with baresip: registered at Kamailio, driven over its control port."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

from .process import Child, LabError, wait_until

CONTROL_PORT = 4444
SIP_PORT = 5060
TIMEOUT_S = 10.0
STOP_GRACE_S = 0.3  # it signs off first, and waits long for the answers; nobody needs that
COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_CONFIG = """\
poll_method epoll
sip_listen {address}:{port}
sip_cafile {ca}
sip_certificate {pem}
net_interface {address}
module_path {modules}
module stdio.so
module g711.so
module_app account.so
module_app contact.so
module_app presence.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {address}:{control}
"""


def _find_modules():
    for path in ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules"):
        if os.path.isdir(path):
            return path
    raise LabError("baresip's modules are not installed (package baresip-core)")


class Baresip:
    """`contact` (user@domain) is the one contact: messages go to him, his presence is watched from
    the start."""

    # pylint: disable=too-many-arguments

    def __init__(self, folder, kamailio, address, user, contact, transport="tcp",
                 credentials=None, publishes=True):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.jid = f"{user}@{kamailio.domain}"
        self._contact = contact
        self._address = address
        self._control = None
        values = {"address": address, "port": SIP_PORT, "modules": _find_modules(),
                  "control": CONTROL_PORT, "ca": "", "pem": ""}
        if credentials is not None:
            values.update(ca="ca.pem", pem="user.pem")  # it cuts paths at a space
            self._join("ca.pem", [credentials[0]])
            self._join("user.pem", [credentials[1].certificate, credentials[1].key])
        self._write("config", _CONFIG.format(**values))
        self._write("accounts",
                    f'<sip:{self.jid};transport={transport}>;auth_pass=none;regint=600;'
                    f'pubint={600 if publishes else 0};outbound="{kamailio.uri}"\n')
        self._write("contacts", f'"Contact" <sip:{contact}>;presence=p2p\n')
        self._child = Child(f"baresip {user}", [self._binary(), "-f", "."],
                            os.path.join(folder, "baresip.log"), cwd=folder, stdin=subprocess.PIPE)

    @staticmethod
    def _binary():
        binary = shutil.which("baresip")
        if binary is None:
            raise LabError("baresip is not installed (package baresip-core)")
        return binary

    def _join(self, name, parts):
        text = ""
        for part in parts:
            with open(part, encoding="ascii") as source:
                text += source.read()
        self._write(name, text)

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def start(self):
        self._child.start()
        self._child.wait_port(self._address, CONTROL_PORT)
        self._control = socket.create_connection((self._address, CONTROL_PORT), timeout=TIMEOUT_S)
        self.wait_output("registered successfully", "200 OK")
        return self

    def command(self, name, params=""):
        """One command of baresip; returns what it prints."""
        text = json.dumps({"command": name, "params": params, "token": "lab"}).encode()
        self._control.sendall(b"%d:%s," % (len(text), text))
        return self._read_response()

    def _read_response(self):
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            reply = self._read_netstring()
            if reply.get("response"):
                return reply.get("data", "")
        raise LabError("baresip does not answer its control port")

    def _read_netstring(self):
        length = b""
        while not length.endswith(b":"):
            byte = self._control.recv(1)
            if not byte:
                raise LabError("baresip closed its control port")
            length += byte
        wanted = int(length[:-1]) + 1
        data = b""
        while len(data) < wanted:
            data += self._control.recv(wanted - len(data))
        return json.loads(data[:-1])

    def output(self):
        return COLOUR.sub("", self._child.log_text())

    def wait_output(self, *texts, timeout_s=TIMEOUT_S):
        """Waits until one of the texts is in what baresip printed."""
        wait_until(lambda: any(text in self.output() for text in texts), timeout_s,
                   f"baresip did not print {texts}; it printed:\n{self.output()[-1500:]}")

    def message(self, text):
        self.command("message", text)

    def publish(self, status):
        """status: online or offline."""
        self.command(f"presence_{status}")

    def contact_status(self):
        """What baresip shows for the contact: Online, Offline, Busy or Unknown."""
        listing = COLOUR.sub("", self.command("contacts"))
        for line in listing.splitlines():
            if self._contact in line:
                return line.strip("> ").split()[0]
        return ""

    def wait_contact_status(self, status, timeout_s=TIMEOUT_S):
        wait_until(lambda: self.contact_status() == status, timeout_s,
                   f"baresip does not show {self._contact} as {status}")

    def stop(self):
        if self._control is not None:
            self._control.close()
        self._child.stop(STOP_GRACE_S)
