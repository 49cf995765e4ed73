#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demonstration: starts the world, sends across it both ways, and says what it saw."""
import argparse
import fcntl
import os
import shutil
import signal
import sys
import time

from lab import pidf
from lab.net import is_free
from lab.process import LabError
from lab.world import FABRIKAM, ROOT, WILDMAIL, World, build_folder

JULIET = "juliet@fabrikam.example"
MALLORY = "mallory@wildmail.example"
PREFIX = "127.0.10"
ADMIN = ("127.0.0.1", 9269)


class Failed(Exception):
    """One of the things shown did not happen."""


class Show:
    """Prints one line a crossing and remembers whether all went well."""

    def __init__(self):
        self.failures = 0

    def crossing(self, what, detail, act):
        """Runs act(), which returns (what came out, seconds), and prints the line."""
        try:
            result, seconds = act()
            verdict = "ok"
        except (LabError, Failed) as error:
            result, seconds, verdict = str(error).splitlines()[0][:60], None, "FAILED"
            self.failures += 1
        took = "" if seconds is None else f"{1000 * seconds:7.1f} ms"
        print(f"                 {what:<49} {detail:<18} {result:<24} {took:>10}  {verdict}",
              flush=True)


def step(number, name, text="", end="\n"):
    print(f"[{number}/5] {name:<10} {text}", end=end, flush=True)


def timed(act):
    """act() and the seconds it took."""
    begin = time.monotonic()
    result = act()
    return result, time.monotonic() - begin


class Play:
    """The users and what they do."""

    def __init__(self, world):
        self.world = world
        self.romeo = world.baresip("romeo", JULIET, publishes=False)
        self.juliet = world.probe(JULIET, "balcony").available()
        self.mallory = world.probe(MALLORY, "cellar").available()
        self.pen = world.sipp("romeo", "udp")  # publishes what baresip cannot: away

    def message_to_sip(self, text):
        def act():
            self.juliet.message(self.romeo.jid, text)
            self.romeo.wait_output(text)
            return "MESSAGE at baresip"
        return lambda: timed(act)

    def message_to_xmpp(self, text):
        def act():
            self.romeo.message(text)
            self.juliet.wait("message", body=text)
            return "<message/> at probe"
        return lambda: timed(act)

    def sip_invites(self):
        """baresip has asked for juliet's presence when it started. Her first presence says all: the
        next one would reach him 5 s later (PRES-22)."""
        self.world.wait(lambda: self.juliet.since(0, "presence", type="subscribe",
                                                  **{"from": self.romeo.jid}),
                        "juliet has not been invited", 10)

        def act():
            self.juliet.do("presence", show="dnd", status="at prayer")
            self.juliet.do("subscribed", to=self.romeo.jid)
            self.romeo.wait_contact_status("Busy")
            return "NOTIFY: busy"
        return timed(act)

    def xmpp_invites(self):
        def act():
            self.juliet.do("subscribe", to=self.romeo.jid)
            self.juliet.wait("presence", type="subscribed", **{"from": self.romeo.jid})
            return "subscribed"
        return timed(act)

    def sip_away(self):
        document = pidf.document(f"sip:{self.romeo.jid}", pidf.element("ID-phone", note="lunch"),
                                 pidf.person("lunch"))

        def act():
            self.pen.publish(document)
            self.juliet.wait("presence", show="away")
            return "juliet sees away"
        return timed(act)

    def stranger(self):
        def act():
            mid = self.mallory.message(self.romeo.jid, "buy my potion")
            error = self.mallory.wait("message", id=mid, type="error")["error"]
            if "buy my potion" in self.romeo.output():
                raise Failed("it reached romeo")
            return error["condition"]
        return timed(act)

    def run(self, show):
        for first, text, answer in ((True, "Good morrow", "Good even"),
                                    (False, "Art thou there?", "Ay, my dear")):
            note = "(opens a stream)" if first else "(stream is open)"
            show.crossing(f"{JULIET} -> {self.romeo.jid}" if first else f"juliet -> romeo  {note}",
                          f'"{text}"', self.message_to_sip(text))
            show.crossing(f"romeo -> juliet  {note}", f'"{answer}"', self.message_to_xmpp(answer))
        show.crossing("juliet invites romeo, he accepts", "subscribe", self.xmpp_invites)
        show.crossing("romeo is at lunch", "PIDF -> presence", self.sip_away)
        show.crossing("romeo invites juliet, she accepts and is busy", "presence -> PIDF",
                      self.sip_invites)
        show.crossing(f"{MALLORY} -> romeo", "not invited", self.stranger)


def look(world):
    """Where to look next."""
    def shown(path):
        return os.path.relpath(path, os.getcwd())
    control = os.path.join(build_folder(), "causewayctl")
    print(f"                 metrics  curl http://{world.gateway.admin}/metrics\n"
          f"                          curl http://{world.edge.admin}/metrics\n"
          f"                 control  '{shown(control)}' --socket '{shown(world.gateway.socket)}' "
          "status\n"
          f"                          '{shown(control)}' --socket '{shown(world.gateway.socket)}' "
          "partner list\n"
          f"                 logs     {shown(world.gateway.log_path)}\n"
          f"                          {shown(world.edge.log_path)}\n"
          f"                 all else {shown(world.folder)}", flush=True)


def wait_for_interrupt():
    print("Press Ctrl-C to stop and clean up.", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def make_world():
    folder = os.path.join(ROOT, "build", "demo")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    admin = "%s:%d" % ADMIN if is_free(*ADMIN) else None
    return World([FABRIKAM, WILDMAIL], folder=folder, prefix=PREFIX, admin=admin)


def start(world):
    step(3, "start", end="")
    begin = time.monotonic()
    world.start()
    print(f"dns {world.net['dns']}:{world.dns.port} · kamailio {world.net['kamailio']} · "
          f"prosody {world.net['fabrikam']} · edge {world.net['edge']} · gateway "
          f"{world.net['gateway']}  ({time.monotonic() - begin:.1f} s)", flush=True)


def perform(once):
    """The whole demonstration; the number of things that failed."""
    world = make_world()
    try:
        start(world)
        step(4, "talk")
        show = Show()
        Play(world).run(show)
        step(5, "look")
        look(world)
        if not once:
            wait_for_interrupt()
        return show.failures
    finally:
        world.stop()


def lock():
    """One demonstration at a time: they share build/demo."""
    os.makedirs(os.path.join(ROOT, "build"), exist_ok=True)
    handle = open(os.path.join(ROOT, "build", "demo.lock"), "w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LabError("another demo is running in this checkout; stop it with Ctrl-C") from None
    return handle


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the proof")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with lock():
            failures = perform(options.once)
    except LabError as error:
        print(f"\nFAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.once:
        print("FAILED" if failures else "everything went through")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
