#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Load figures: messages a second and CPU time a message through edge and gateway, each way.

Starts DNS, edge and gateway on loopback; bench_load plays the XMPP partner (S2S, TLS, SASL EXTERNAL)
and the SIP server. Nothing else runs between them. Prints one line a run and writes all figures
to build/bench/load.json.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "interop"))

from lab import ca as authority  # noqa: E402
from lab import net as network  # noqa: E402
from lab.causeway import Edge, Gateway  # noqa: E402
from lab.dns import Dns  # noqa: E402

PARTNER = "load.example"
OWN = "contoso.example"
S2S_PORT = 5269
# Over UDP each end keeps a transaction for 32 s (RFC 3261 timers J and K) and at most 300,000 of them:
# longer runs at this rate would measure that limit, which is 9,400 messages a second for ever.
UDP_SECONDS_MAX = 2
SIP_PORT = 5060


class Route:
    """The SIP server as the gateway's configuration sees it; bench_load answers there."""

    def __init__(self, address, transport):
        self.domain = OWN
        self.transport = transport
        self.uri = f"sip:{address}:{SIP_PORT};transport={transport}"


class Bench:
    """DNS, edge and gateway, and the command line of bench_load."""

    def __init__(self, build, folder, transport):
        self.build = build
        self.transport = transport
        self.net = network.claim(None)
        self.ca = authority.CA(os.path.join(folder, "ca"))
        self.leaf = self.ca.issue(PARTNER)
        self.dns = Dns(os.path.join(folder, "dns"), self.net["dns"])
        self.dns.add_xmpp(PARTNER, "xmpp." + PARTNER, self.net["fabrikam"], S2S_PORT)
        own_leaf = self.ca.issue(OWN)
        self.edge = Edge(build, os.path.join(folder, "edge"), self.net, self.ca, self.dns, OWN,
                         own_leaf)
        self.gateway = Gateway(build, os.path.join(folder, "gateway"), self.net, self.ca,
                               Route(self.net["kamailio"], transport),
                               f"{self.net['gateway']}:9269")
        self.gateway.write_partner(PARTNER, type="federated",
                                   rate={"messages_per_second": 1000000})  # measured is the path
        for daemon in (self.edge, self.gateway):
            quiet(daemon.config)

    def start(self):
        self.dns.start()
        self.edge.start()
        self.gateway.start()
        self.edge.wait_ready()

    def stop(self):
        for part in (self.gateway, self.edge, self.dns):
            part.stop()

    def run(self, to_xmpp, lanes, seconds):
        argv = [os.path.join(self.build, "bench_load"), "--partner", PARTNER, "--own", OWN,
                "--edge", f"{self.net['edge']}:{S2S_PORT}",
                "--listen", f"{self.net['fabrikam']}:{S2S_PORT}",
                "--sip-listen", f"{self.net['kamailio']}:{SIP_PORT}",
                "--gateway", f"{self.net['gateway']}:{SIP_PORT}",
                "--transport", self.transport, "--certificate", self.leaf.certificate,
                "--key", self.leaf.key, "--ca", self.ca.file, "--lanes", str(lanes),
                "--seconds", str(seconds),
                "--edge-pid", str(self.edge.child.pid),
                "--gateway-pid", str(self.gateway.child.pid)]
        if to_xmpp:
            argv.append("--to-xmpp")
        done = subprocess.run(argv, capture_output=True, text=True, timeout=3 * seconds + 60,
                              check=False)
        if not done.stdout.strip():
            raise SystemExit(f"bench_load: {done.stderr.strip()}")
        return [json.loads(line) for line in done.stdout.splitlines()]


def quiet(config):
    """A bench measures the product as it runs, not its debug log."""
    with open(config, encoding="utf-8") as source:
        text = source.read().replace("level: debug", "level: notice")
    with open(config, "w", encoding="utf-8") as out:
        out.write(text)


def show(figure):
    lost = figure["sent"] - figure["arrived"]
    print(f"{figure['direction']:12} {figure['transport']:4} {figure['percent']:4} % "
          f"{figure['rate']:8.0f}/s  "
          f"p50 {figure['p50_us'] / 1000:7.2f} ms  p99 {figure['p99_us'] / 1000:7.2f} ms  "
          f"edge {figure['edge_cpu_us']:6.1f} us  gateway {figure['gateway_cpu_us']:6.1f} us  "
          f"lost {lost}  twice {figure['duplicates']}  refused {figure['refused']}", flush=True)


def measure(options, folder, transport, to_xmpp):
    """One direction on daemons of its own, so that its CPU time and memory are its own."""
    bench = Bench(os.path.abspath(options.build), tempfile.mkdtemp(dir=folder), transport)
    try:
        bench.start()
        seconds = min(options.seconds, UDP_SECONDS_MAX) if transport == "udp" else options.seconds
        figures = bench.run(to_xmpp, options.lanes, seconds)
    finally:
        bench.stop()
    for figure in figures:
        show(figure)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--short", action="store_true", help="one second a run, TCP only")
    parser.add_argument("--transport", choices=("tcp", "udp"), action="append",
                        help="towards SIP; both unless said")
    parser.add_argument("--lanes", type=int, default=256, help="pairs of users")
    parser.add_argument("--seconds", type=int, default=8, help="of each run")
    options = parser.parse_args()
    if options.short:
        options.seconds = 1
    out = os.path.join(ROOT, "build", "bench")
    os.makedirs(out, exist_ok=True)
    figures = []
    for transport in options.transport or (["tcp"] if options.short else ["tcp", "udp"]):
        with tempfile.TemporaryDirectory(dir=out) as folder:
            for to_xmpp in (False, True):
                figures += measure(options, folder, transport, to_xmpp)
    with open(os.path.join(out, "load.json"), "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=2)
    bad = [figure for figure in figures
           if figure["arrived"] == 0 or figure["arrived"] != figure["sent"]
           or figure["duplicates"] or figure["refused"]]
    print(f"{len(bad)} runs lost, doubled or refused messages" if bad
          else "every message arrived once")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
