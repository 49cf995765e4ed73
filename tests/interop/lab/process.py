# SPDX-License-Identifier: Apache-2.0
"""Child processes: started with a log file, watched and ended by pid."""
import ctypes
import os
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
STOP_GRACE_S = 5.0
POLL_S = 0.005

_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """A part of the lab could not be started or used; the text says which and where its log is."""


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until(check, timeout_s, what):
    """Calls check() until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout_s
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > deadline:
            raise LabError(f"timed out after {timeout_s:g} s: {what}")
        time.sleep(POLL_S)


def accepts_tcp(address, port):
    try:
        with socket.create_connection((address, port), timeout=0.5):
            return True
    except OSError:
        return False


class Child:
    """One child in a process group of its own; the group ends with it."""

    def __init__(self, name, argv, log_path, env=None, cwd=None, stdin=subprocess.DEVNULL):
        self.name = name
        self.argv = argv
        self.log_path = log_path
        self._env = env
        self._cwd = cwd
        self._stdin = stdin
        self.popen = None

    def start(self):
        with open(self.log_path, "ab") as log:
            # pylint: disable=subprocess-popen-preexec-fn  (one thread, nothing but prctl)
            self.popen = subprocess.Popen(
                self.argv, stdin=self._stdin, stdout=log, stderr=subprocess.STDOUT,
                env=self._env, cwd=self._cwd, start_new_session=True,
                preexec_fn=_die_with_parent)
        return self

    @property
    def pid(self):
        return self.popen.pid

    def is_running(self):
        return self.popen is not None and self.popen.poll() is None

    def log_text(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def wait_ready(self, check, timeout_s):
        """Waits for check(); a child that ends first is an error with the end of its log."""
        def step():
            if not self.is_running():
                raise LabError(f"{self.name} ended with status {self.popen.returncode}, "
                               f"log {self.log_path}:\n{self.log_text()[-2000:]}")
            return check()
        return wait_until(step, timeout_s, f"{self.name} is not ready, log {self.log_path}")

    def wait_port(self, address, port, timeout_s=20.0):
        self.wait_ready(lambda: accepts_tcp(address, port), timeout_s)

    def _signal_group(self, number):
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            pass

    def stop(self, grace_s=STOP_GRACE_S):
        """Ends the child in order, then whatever is left of its group. Returns its status."""
        if self.popen is None:
            return None
        if self.is_running():
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(grace_s)
            except subprocess.TimeoutExpired:
                pass
        return self.kill()

    def kill(self):
        """kill -9, of the whole group: nothing of it can finish its work."""
        self._signal_group(signal.SIGKILL)
        if self.popen.stdin is not None:
            self.popen.stdin.close()
        return self.popen.wait()
