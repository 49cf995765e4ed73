# SPDX-License-Identifier: Apache-2.0
"""An XMPP user at a real server: causeway-probe, driven line by line."""
import json
import os
import subprocess
import threading
import time

from .process import LabError

EVENT_TIMEOUT_S = 10.0
STOP_GRACE_S = 0.1  # its server may not close its stream


class Probe:
    """Every event is kept in `events`, in order; `wait` looks at those not yet taken."""

    # pylint: disable=too-many-arguments,too-many-instance-attributes
    def __init__(self, binary, folder, server, jid, password, resource=None, plain=False):
        os.makedirs(folder, exist_ok=True)
        self.jid = jid
        self.name = jid + (f"_{resource}" if resource else "")
        self.events = []
        self._taken = 0
        self._ids = 0
        self._change = threading.Condition()
        self.server_address = f"{server.address}:{server.c2s_port}"
        self.password_file = os.path.join(folder, f"{self.name}.password")
        with open(self.password_file, "w", encoding="utf-8", opener=_private) as out:
            out.write(password + "\n")
        argv = [binary, "--jid", jid, "--password-file", self.password_file,
                "--connect", self.server_address]
        argv += ["--plain"] if plain else ["--ca", server.client_ca_file]
        argv += ["--resource", resource] if resource else []
        with open(os.path.join(folder, f"{self.name}.log"), "ab") as log:
            self._popen = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=log, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.full_jid = self.wait("online")["jid"]

    def _read(self):
        for line in self._popen.stdout:
            with self._change:
                self.events.append(json.loads(line))
                self._change.notify_all()
        with self._change:
            self.events.append({"event": "ended", "at_ns": time.monotonic_ns()})
            self._change.notify_all()

    def do(self, what, **fields):
        """One command; the keywords are its members (`from_` and the like are not needed)."""
        line = json.dumps({"do": what, **fields}) + "\n"
        try:
            self._popen.stdin.write(line.encode())
            self._popen.stdin.flush()
        except BrokenPipeError as error:
            raise LabError(f"probe {self.name} has ended: {self.events[-3:]}") from error

    def available(self, **fields):
        """Asks for the roster, as clients do who want to hear of subscriptions, and comes online;
        the keywords are show, status, priority."""
        self.do("roster")
        self.wait("iq", type="result", id="roster")
        self.do("presence", **fields)
        self.wait("presence", **{"from": self.full_jid})
        self._settle()
        return self

    def _settle(self):
        """A round trip: the server shows us our presence a moment before it gives us messages.
        What else comes meanwhile is left for `wait`."""
        taken = self._taken
        self.do("raw", xml="<iq type='get' id='settle'><ping xmlns='urn:xmpp:ping'/></iq>")
        self.wait("iq", id="settle")
        self._taken = taken

    def message(self, to, body, **fields):
        """Sends a chat message; returns its id."""
        self._ids += 1
        fields.setdefault("id", f"m{self._ids}")
        self.do("message", to=to, body=body, **fields)
        return fields["id"]

    def wait(self, event, timeout_s=EVENT_TIMEOUT_S, **fields):
        """The next event of that kind with those members (a value may be a predicate)."""
        deadline = time.monotonic() + timeout_s
        with self._change:
            position = self._taken
            while True:
                while position < len(self.events):
                    candidate = self.events[position]
                    position += 1
                    if _matches(candidate, event, fields):
                        self._taken = position
                        return candidate
                left = deadline - time.monotonic()
                if left <= 0 or not self._change.wait(left):
                    break
        raise LabError(f"{self.name}: no {event} with {fields} within {timeout_s:g} s; "
                       f"last events: {json.dumps(self.events[-5:], ensure_ascii=False)}")

    def mark(self):
        """Position in `events`, for `since`."""
        with self._change:
            self._taken = len(self.events)
            return self._taken

    def since(self, mark, event, **fields):
        with self._change:
            return [e for e in self.events[mark:] if _matches(e, event, fields)]

    def stop(self):
        if self._popen.poll() is None:
            try:
                self._popen.stdin.close()
                self._popen.wait(STOP_GRACE_S)
            except (OSError, subprocess.TimeoutExpired):
                self._popen.kill()
        self._popen.wait()
        self._reader.join(2)
        self._popen.stdout.close()


def _private(path, flags):
    return os.open(path, flags, 0o600)


def _matches(candidate, event, fields):
    if candidate.get("event") != event:
        return False
    for key, wanted in fields.items():
        value = candidate.get(key)
        if not (wanted(value) if callable(wanted) else value == wanted):
            return False
    return True


def sent_by(bare):
    """Predicate for `from_`-like members: that bare JID or a resource of it."""
    return lambda value: value is not None and value.split("/")[0] == bare
