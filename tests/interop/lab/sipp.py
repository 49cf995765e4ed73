# SPDX-License-Identifier: Apache-2.0
"""SIPp runs: scenario files of tests/interop/sipp/ with their placeholders filled in."""
import os
import shutil


from .net import is_bound
from .process import Child, LabError, wait_until

LISTEN_PORT = 5080
SEND_PORT = 5081
SCENARIOS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sipp")
TRANSPORTS = {"udp": "u1", "tcp": "t1"}  # Debian's SIPp has no TLS


class SippRun:
    """One call of a scenario; `wait` says whether it went as written."""

    def __init__(self, child, log_folder):
        self._child = child
        self._log_folder = log_folder

    def is_done(self):
        return not self._child.is_running()

    def wait(self, timeout_s=20):
        """Raises unless SIPp ends with its one call successful."""
        wait_until(self.is_done, timeout_s, f"{self._child.name}:\n{self.log_text()[-1500:]}")
        status = self._child.stop()
        if status != 0:
            raise LabError(f"{self._child.name} failed with status {status}, see "
                           f"{self._log_folder}:\n{self.log_text()[-2500:]}")

    def log_text(self):
        """All messages that went over the wire, and SIPp's own words."""
        text = self._child.log_text()
        for name in sorted(os.listdir(self._log_folder)):
            with open(os.path.join(self._log_folder, name), encoding="utf-8",
                      errors="replace") as log:
                text += log.read()
        return text

    def stop(self):
        self._child.stop()


class Sipp:
    """A SIP user at an address of its own."""

    # pylint: disable=too-many-arguments
    def __init__(self, folder, kamailio, address, user, transport="udp"):
        os.makedirs(folder, exist_ok=True)
        self.jid = f"{user}@{kamailio.domain}"
        self.address = address
        self._folder = folder
        self._kamailio = kamailio
        self._user = user
        self._transport = transport
        self._count = 0
        self._runs = []

    def _scenario(self, name, values):
        with open(os.path.join(SCENARIOS, f"{name}.xml"), encoding="utf-8") as source:
            text = source.read()
        values = {"USER": self._user, "DOMAIN": self._kamailio.domain, **values}
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        return text

    def _start(self, name, port, values, server=False):
        binary = shutil.which("sipp")
        if binary is None:
            raise LabError("sipp is not installed (package sip-tester)")
        self._count += 1
        folder = os.path.join(self._folder, f"{self._count}-{name}")
        os.makedirs(os.path.join(folder, "log"))
        with open(os.path.join(folder, "scenario.xml"), "w", encoding="utf-8") as out:
            out.write(self._scenario(name, values))
        argv = [binary, "-sf", "scenario.xml", "-m", "1", "-nostdin", "-timeout", "30",
                "-timeout_error", "-i", self.address, "-p", str(port),
                "-t", TRANSPORTS[self._transport], "-trace_msg", "-message_file", "log/messages",
                "-trace_err", "-error_file", "log/errors"]
        if not server:
            argv.append(f"{self._kamailio.address}:5060")
        child = Child(f"sipp {name}", argv, os.path.join(folder, "sipp.log"), cwd=folder).start()
        self._runs.append(SippRun(child, os.path.join(folder, "log")))
        return self._runs[-1]

    def register(self):
        """Registers this user with the address of `receive`."""
        listen = f"{self.address}:{LISTEN_PORT};transport={self._transport}"
        self._start("register", SEND_PORT, {"LISTEN": listen}).wait()

    def receive(self, code=200):
        """Starts to listen for one MESSAGE, to be answered with `code`."""
        run = self._start("message_receive", LISTEN_PORT, {"CODE": code}, server=True)
        wait_until(lambda: is_bound(self._transport, self.address, LISTEN_PORT), 5,
                   f"sipp does not listen:\n{run.log_text()}")
        return run

    def send(self, target, body, code=202):
        """Sends one MESSAGE and waits for `code`."""
        self._start("message_send", SEND_PORT,
                    {"TARGET": target, "BODY": _cdata(body), "CODE": code}).wait()

    def publish(self, document):
        self._start("publish", SEND_PORT, {"BODY": _cdata(document.strip())}).wait()

    def subscribe(self, target):
        """Starts to watch `target`: done when NOTIFYs pending and then active came."""
        return self._start("subscribe", SEND_PORT, {"TARGET": target})

    def stop(self):
        for run in self._runs:
            run.stop()


def _cdata(text):
    if "]]>" in text or "[" in text:
        raise LabError(f"SIPp would read brackets in this text: {text}")
    return text
