#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The truth table of the negotiation of streams: every partner record towards every peer, in both
directions, between real daemons and a peer that does what the cell says. What is expected comes
from lab/negotiation.py. The table is written to build/check/negotiation-table.txt.

--write-docs writes docs/reference/negotiation.md; --check-docs says whether it is up to date."""
import collections
import concurrent.futures
import csv
import os
import sys
import time
import unittest

from lab.causeway import LABEL, SAMPLE
from lab.negotiation import (CHOICES, DIRECTIONS, PEERS, PINS, REASONS, ROWS, Peer, distinct,
                             judge, permitted, refusal, verdict, words)
from lab.process import LabError, wait_until
from lab.raw_peer import Manner, RawPeer
from lab.world import ROOT, World

TABLE = os.path.join(ROOT, "build", "check", "negotiation-table.txt")
DOCS = os.path.join(ROOT, "docs", "reference", "negotiation.md")
MATRIX = os.path.join(ROOT, "docs", "reference", "negotiation-matrix.csv")
AT_ONCE = 32
SIP_TIMEOUT_S = 25
REPORT_S = 5
SETTINGS = "security: {{floor: {}}}\nmessages: {{hold: 3s}}\n"
NAMES = {"required": "Required", "optional": "Optional", "not_supported": "NotSupported"}

# The words of the findings that refuse a record: code, text, remedy.
FINDINGS = {
    "E104": ("SASL needs TLS, and tls is not_supported",
             "set tls to required (recommended) or optional, or sasl to not_supported"),
    "E105": ("SASL or dialback must be enabled",
             "set dialback to true, or sasl to optional with tls required"),
    "E110": ("security.floor leaves no method of this combination",
             "set tls to required and sasl to optional, or lower security.floor"),
}

# Label "reason" of causeway_s2s_failures_total, by direction and reason of the refusal.
COUNTED_AS = {
    "out": {"no_tls": "tls", "certificate": "tls", "pin": "tls", "peer_wants_tls": "tls",
            "no_external": "not_authenticated", "no_dialback": "not_authenticated"},
    "in": {"no_tls": "stream_error", "certificate": "tls", "pin": "tls", "peer_wants_tls": "tls",
           "no_proof": "stream_error", "dialback_barred": "stream_error"},
}

# Peers for the floors: one that can do everything, one without EXTERNAL, one without TLS.
FLOOR_PEERS = (Peer("offers", "trusted", True, True), Peer("offers", "trusted", False, True),
               Peer("offers", "untrusted", False, True), Peer("lacks", "any", True, True))

# For pins: one whom everything proves, one whom only dialback proves, one without TLS.
PIN_PEERS = (Peer("offers", "trusted", True, True), Peer("offers", "untrusted", False, True),
             Peer("lacks", "any", False, True))

# Somebody on the way who strips TLS more roughly than by taking it out of the features.
RESETS = tuple(Peer("resets", "any", True, dialback) for dialback in (True, False))
VALID_ROWS = [row for row in ROWS if not refusal(row)]
PIN_ROWS = [row for row in VALID_ROWS if row.tls != "not_supported"]

Cell = collections.namedtuple("Cell", "row direction peer floor pin", defaults=("none", "none"))
Got = collections.namedtuple("Got", "method sip reached complaints")


def domain_of(cell):
    special = "" if cell.floor == "none" else f"{cell.floor}-"
    special += "" if cell.pin == "none" else f"{cell.pin}-pin-"
    return f"{special}r{cell.row.number:02}-{cell.direction}-{words(cell.peer)}.example"


def text_of(cell):
    return f"only for {domain_of(cell)}"


def cells_of(row, direction, floor="none", peers=PEERS):
    """The cells that differ on the wire; peers that cannot be told apart are one."""
    return [Cell(row, direction, peer, floor) for peer in dict.fromkeys(map(distinct, peers))]


def cells_with_pins():
    return [Cell(row, direction, peer, "none", pin) for row in PIN_ROWS for direction in DIRECTIONS
            for peer in PIN_PEERS for pin in PINS if pin != "none"]


def cells_with_resets():
    return [Cell(row, "out", peer) for row in VALID_ROWS for peer in RESETS]


def record_of(row, domain, pins=()):
    return {"domain": domain, "type": "federated", "tls": row.tls, "sasl": row.sasl,
            "dialback": row.dialback, "pins": list(pins)}


def counters(text):
    """{partner: {(direction, what): value}} of set-ups by result and by reason of failure."""
    found = collections.defaultdict(collections.Counter)
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match and match[1] in ("causeway_s2s_connects_total", "causeway_s2s_failures_total"):
            labels = dict(LABEL.findall(match[2]))
            what = labels.get("result") or labels["reason"]
            found[labels["partner"]][labels["direction"], what] += float(match[3])
    return found


def expected_counters(cells):
    """The same for these cells. Whoever comes in and proves nothing is not believed his name, so
    he counts as unlisted."""
    expected = collections.defaultdict(collections.Counter)
    for cell in cells:
        want = judge(*cell)
        if want.method:
            expected[domain_of(cell)][cell.direction, "ok"] = 1
            continue
        partner = domain_of(cell) if cell.direction == "out" else "_unlisted"
        expected[partner][cell.direction, "failed"] += 1
        expected[partner][cell.direction, COUNTED_AS[cell.direction][want.reason]] += 1
    return expected


class Lab:
    """The daemons, the peer, and one SIP user."""

    def __init__(self):
        self.world = World([], gateway_settings=SETTINGS.format("none"))
        self.lines = []
        self.bodies = set()
        self.cells = [cell for row in VALID_ROWS for direction in DIRECTIONS
                      for cell in cells_of(row, direction)]
        self.cells += [cell for floor in ("tls", "sasl") for row in ROWS for direction in DIRECTIONS
                       if not refusal(row, floor)
                       for cell in cells_of(row, direction, floor, FLOOR_PEERS)]
        self.cells += cells_with_pins() + cells_with_resets()
        self.pins = {}
        address = self.world.net["other"]
        self.peer = RawPeer(address, 5269, (self.world.net["edge"], 5269), self.world.ca.file)
        for cell in self.cells:
            domain = domain_of(cell)
            self.world.dns.add_xmpp(domain, f"xmpp.{domain}", address, 5269)

    def start(self):
        self.world.start()
        self.romeo = self.world.sip_ua("romeo")
        self.romeo.answers["MESSAGE"] = self._on_message
        self._issue()
        self.commit("none")
        return self

    def _on_message(self, request):
        self.bodies.add(request.text())
        return 200

    def _issue(self):
        """A certificate a row and issuer, with the exact names of the row's domains."""
        stranger = self.world.ca.issue("elsewhere.example")
        for key in dict.fromkeys((cell.row, cell.direction) for cell in self.cells):
            cells = [cell for cell in self.cells if (cell.row, cell.direction) == key]
            name = f"row{key[0].number:02}-{key[1]}"
            domains = [domain_of(cell) for cell in cells]
            leaves = {"trusted": self.world.ca.issue(name, domains), "mismatch": stranger,
                      "untrusted": self.world.untrusted_ca.issue(name, domains)}
            for cell in cells:
                self.peer.add(self._manner(cell, leaves))
                self.pins[domain_of(cell)] = self._pins(cell, leaves)

    @staticmethod
    def _pins(cell, leaves):
        if cell.pin == "none":
            return []
        return [leaves[cell.peer.certificate if cell.pin == "right" and
                       cell.peer.certificate in leaves else "mismatch"].pin()]

    @staticmethod
    def _manner(cell, leaves):
        """Somebody whose certificate has nothing to do with it has none that would help."""
        peer = cell.peer
        server = leaves.get(peer.certificate)
        if peer.certificate == "none" and cell.direction == "in":
            server = leaves["untrusted"]
        return Manner(domain_of(cell), peer.starttls, peer.external, peer.dialback, server,
                      leaves.get(peer.certificate))

    def commit(self, floor):
        """Partner records of that floor, a file a row, and no others."""
        gateway = self.world.gateway
        for name in os.listdir(gateway.partners):
            os.unlink(os.path.join(gateway.partners, name))
        cells = [cell for cell in self.cells if cell.floor == floor]
        for row in dict.fromkeys(cell.row for cell in cells):
            gateway.write_partners(f"row{row.number:02}",
                                   [record_of(row, domain_of(cell), self.pins[domain_of(cell)])
                                    for cell in cells if cell.row == row])
        self._set_floor(floor)
        code, output = gateway.ctl("reload")
        if code != 0:
            raise LabError(f"reload: {output}")
        wait_until(lambda: self.world.edge.admin_json("/v1/status")["permits"] == len(cells), 10,
                   "the edge has not got the permits")

    def _set_floor(self, floor):
        gateway = self.world.gateway
        with open(gateway.config, encoding="utf-8") as source:
            lines = source.read().splitlines(keepends=True)
        with open(gateway.config, "w", encoding="utf-8") as out:
            out.writelines(f"security: {{floor: {floor}}}\n" if line.startswith("security:") else
                           line for line in lines)

    # One cell

    def _reported(self, cell):
        """Method of the stream in the gateway's list, None if there is none."""
        for stream in self.world.gateway.admin_json("/v1/streams"):
            if (stream["remote_domain"], stream["direction"]) == (domain_of(cell), cell.direction):
                return stream["method"]
        return None

    def _wait_reported(self, cell):
        try:
            return wait_until(lambda: self._reported(cell), REPORT_S, "no stream is reported")
        except LabError:
            return None

    def _run_out(self, cell):
        response = self.romeo.message(f"juliet@{domain_of(cell)}", text_of(cell),
                                      timeout_s=SIP_TIMEOUT_S)
        seen = self.peer.seen[domain_of(cell)]
        method = None
        if response.code < 300:
            with seen.change:
                seen.change.wait_for(lambda: seen.bodies, REPORT_S)
            method = self._wait_reported(cell)
        return method or self._reported(cell), response.code, text_of(cell) in seen.bodies

    def _run_in(self, cell):
        methods = []

        def is_done():
            methods.append(self._wait_reported(cell))
            try:
                wait_until(lambda: text_of(cell) in self.bodies, REPORT_S, "")
            except LabError:
                pass  # said by the comparison
        self.peer.write_to(domain_of(cell), self.romeo.jid, text_of(cell), is_done)
        return methods[0] if methods else self._reported(cell), None, text_of(cell) in self.bodies

    def run(self, cell):
        """Got, with a complaint for each difference from what is expected."""
        want = judge(*cell)
        method, sip, reached = (self._run_out if cell.direction == "out" else self._run_in)(cell)
        seen = self.peer.seen[domain_of(cell)]
        if cell.direction == "out" and want.method is None:
            self._wait_trace(seen, want)
        return Got(method, sip, reached, list(self._differences(cell, want, method, sip, reached)))

    @staticmethod
    def _wait_trace(seen, want):
        """The SIP answer may come before the peer has read our last words."""
        with seen.change:
            seen.change.wait_for(lambda: len(seen.streams_in) >= len(want.trace), REPORT_S)

    # pylint: disable=too-many-arguments
    def _differences(self, cell, want, method, sip, reached):
        seen = self.peer.seen[domain_of(cell)]
        own, other = seen.streams_in, seen.streams_out
        if cell.direction == "in":
            own, other = other, own
        if method != want.method:
            yield f"the stream is reported as {method}"
        if own != want.trace:
            yield f"on the stream we sent {own}, not {want.trace}"
        if other != want.verify:
            yield f"on the stream that asks we sent {other}, not {want.verify}"
        if reached != (want.method is not None):
            yield f"the message {'got through' if reached else 'was lost'}"
        if sip is not None and sip != (504 if want.method is None else 202):
            yield f"the SIP user was told {sip}"
        if want.method != "tcp_dialback" and text_of(cell).encode() in seen.clear:
            yield "the message went in clear"
        if cell.direction == "out" and want.method and seen.proven_by != want.method:
            yield f"the peer knows us by {seen.proven_by}"

    def counted(self):
        return counters(self.world.edge.get("/metrics"))

    def run_all(self, cells):
        """(cell, got) of all of them, many at a time, and what was counted otherwise than
        expected."""
        before = self.counted()["_unlisted"]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(self.run, cells))
        expected = expected_counters(cells)

        def miscounted():
            now = self.counted()
            now["_unlisted"].subtract(before)
            found = {name: {key: value for key, value in now[name].items() if value}
                     for name in [*map(domain_of, cells), "_unlisted"]}
            return [f"{name} is counted as {shown}, not {dict(expected[name])}"
                    for name, shown in found.items() if shown != expected[name]]
        deadline = time.monotonic() + REPORT_S
        wrong = miscounted()
        while wrong and time.monotonic() < deadline:
            time.sleep(0.1)
            wrong = miscounted()
        return list(zip(cells, results)), wrong

    def note(self, cell, got):
        """A line of the table for each cell that this run stands for."""
        want = judge(*cell)
        shown = got if isinstance(got, str) else verdict(want) if not got.complaints else \
            f"{got.method or 'refused'} ({'; '.join(got.complaints)})"
        peers = [peer for peer in PEERS if distinct(peer) == cell.peer and
                 (cell.floor, cell.pin) == ("none", "none")]
        for peer in peers or [cell.peer]:
            self.lines.append((cell.floor, cell.pin, f"row {cell.row.number:02}", cell.direction,
                               words(peer), verdict(want), shown, want.why))

    def write_table(self):
        os.makedirs(os.path.dirname(TABLE), exist_ok=True)
        with open(TABLE, "w", encoding="utf-8") as out:
            out.write("floor\tpin\trow\tdirection\tpeer\texpected\tgot\trationale\n")
            out.writelines("\t".join(line) + "\n" for line in self.lines)
        good = sum(1 for line in self.lines if line[5] == line[6])
        print(f"\n# negotiation: {len(self.lines)} cells, {good} as expected, "
              f"{len(self.lines) - good} not; {TABLE}", file=sys.stderr)

    def stop(self):
        self.peer.close()
        self.world.stop()


class TruthTable(unittest.TestCase):
    """A test a row and direction, a sub-test a cell. The order of the names is kept: the floors,
    which come last, change the configuration."""

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.stop)
        cls.addClassCleanup(cls.lab.write_table)
        cls.lab.start()

    def _played(self, cells):
        results, miscounted = self.lab.run_all(cells)
        for cell, got in results:
            self.lab.note(cell, got)
            want = judge(*cell)
            with self.subTest(row=cell.row.number, direction=cell.direction,
                              peer=words(cell.peer), floor=cell.floor, pin=cell.pin):
                self.assertEqual([], got.complaints, f"expected {verdict(want)} ({want.why}); "
                                 f"{self.lab.peer.seen[domain_of(cell)].faults}")
        with self.subTest("metrics"):
            self.assertEqual([], miscounted)

    def _refused(self, cells):
        """Their record is refused on commit, so that none of the cells ever comes to the wire."""
        row, floor = cells[0].row, cells[0].floor
        code = refusal(row, floor)
        text, remedy = FINDINGS[code]
        status, output = self._check_config(row, floor)
        self.assertEqual(6, status, output)
        self.assertRegex(output, rf"/refused\.yaml:\d+:\d+: error: {code} {text}\n")
        self.assertIn(remedy, output)
        self.assertEqual(1, output.count("error: E"), output)
        for cell in cells:
            self.lab.note(cell, verdict(judge(*cell)))

    def _check_config(self, row, floor):
        """--check-config, and a reload, which must leave everything as it is."""
        gateway = self.lab.world.gateway
        path = os.path.join(gateway.partners, "refused.yaml")
        before = gateway.admin_json("/v1/status")["revision"]
        gateway.write_partners("refused", [
            record_of(row, f"{floor}-r{row.number:02}-refused.example")])
        try:
            found = gateway.check_config()
            self.assertNotEqual(0, gateway.ctl("reload")[0])
        finally:
            os.unlink(path)
        self.assertEqual(before, gateway.admin_json("/v1/status")["revision"])
        return found

    def _floor(self, floor):
        self.lab.commit(floor)
        by_row = {row: [cell for direction in DIRECTIONS
                        for cell in cells_of(row, direction, floor, FLOOR_PEERS)] for row in ROWS}
        for row, cells in by_row.items():
            if refusal(row, floor):
                with self.subTest(row=row.number, floor=floor):
                    self._refused(cells)
        self._played([cell for row, cells in by_row.items() if not refusal(row, floor)
                      for cell in cells])

    def test_00_matrix(self):
        """The three lines and the matrix say the same (PARTNERS section 2)."""
        with open(MATRIX, encoding="utf-8") as source:
            records = list(csv.DictReader(source))
        self.assertEqual(len(ROWS), len(records))
        for row, record in zip(ROWS, records):
            with self.subTest(row=row.number):
                self.assertEqual((str(row.number), NAMES[row.tls], NAMES[row.sasl],
                                  str(row.dialback)),
                                 (record["row"], record["tls"], record["sasl"],
                                  record["dialback"]))
                methods = record["methods_in_preference_order"]
                self.assertEqual(permitted(row),
                                 set() if methods == "INVALID" else set(methods.split("|")))
                self.assertEqual(record["severity"] == "error" or
                                 record["control_panel_commit"] == "refused",
                                 refusal(row) is not None)

    def test_00_docs(self):
        self.assertTrue(is_up_to_date(), "docs/reference/negotiation.md is stale: run "
                        "tests/interop/test_negotiation.py --write-docs")

    def test_19_reset_at_the_handshake(self):
        self._played(cells_with_resets())

    def test_20_pins(self):
        self._played(cells_with_pins())

    def test_21_floor_tls(self):
        self._floor("tls")

    def test_22_floor_sasl(self):
        self._floor("sasl")


def _add_rows():
    for row in ROWS:
        for direction in DIRECTIONS:
            def test(self, row=row, direction=direction):
                cells = cells_of(row, direction)
                (self._refused if refusal(row) else self._played)(cells)
            setattr(TruthTable, f"test_{row.number:02}_{direction}", test)


_add_rows()


# The page

def _kinds(row, direction):
    """{outcomes of (both, EXTERNAL only, dialback only, neither): peers of that outcome}."""
    kinds = {}
    for starttls, certificate in dict.fromkeys((p.starttls, p.certificate) for p in PEERS):
        outcomes = tuple(verdict(judge(row, direction, Peer(starttls, certificate, *does)))
                         for does in ((True, True), (True, False), (False, True), (False, False)))
        kinds.setdefault(outcomes, {}).setdefault(starttls, []).append(certificate)
    return kinds


def _peers_text(found):
    """{starttls: certificates} in words, those with the same certificates together."""
    by_certificates = {}
    for starttls, certificates in found.items():
        shown = "" if len(certificates) == 4 else " and ".join(
            [", ".join(certificates[:-1]), certificates[-1]] if len(certificates) > 1 else
            certificates)
        by_certificates.setdefault(shown, []).append(starttls)
    return "; ".join(f"{', '.join(names)} TLS" + (f": {shown}" if shown else "")
                     for shown, names in by_certificates.items())


def _row_text(row):
    head = (f"### Row {row.number}: TLS {row.tls}, SASL {row.sasl}, dialback "
            f"{'on' if row.dialback else 'off'}")
    if refusal(row):
        code = refusal(row)
        return [head, "", f"Refused on commit: {code} {FINDINGS[code][0]}.", ""]
    order = [m for m in ("sasl_tls", "tls_dialback", "tcp_dialback") if m in permitted(row)]
    lines = [head, "", "Permits " + ", ".join(f"`{method}`" for method in order) + ".", "",
             "| Direction | Peer | EXTERNAL and dialback | EXTERNAL only | Dialback only "
             "| Neither |", "|---|---|---|---|---|---|"]
    for direction in DIRECTIONS:
        for outcomes, found in _kinds(row, direction).items():
            lines.append(f"| {direction} | {_peers_text(found)} | " +
                         " | ".join(f"{text}" for text in outcomes) + " |")
    return lines + [""]


def _floor_text(floor):
    lines = [f"### `{floor}`", "", "| Row | Direction | all of it | no EXTERNAL | no EXTERNAL, "
             "untrusted | lacks TLS |", "|---|---|---|---|---|---|"]
    for row in ROWS:
        for direction in DIRECTIONS:
            if refusal(row):
                continue
            code = refusal(row, floor)
            outcomes = [code if code else verdict(judge(row, direction, peer, floor))
                        for peer in FLOOR_PEERS]
            lines.append(f"| {row.number} | {direction} | " + " | ".join(outcomes) + " |")
    return lines + [""]


def _pins_text():
    lines = ["## Pins", "", "A record with the peer's key, and one with another key.", "",
             "| Row | Direction | Pin | all of it | no EXTERNAL, untrusted | lacks TLS |",
             "|---|---|---|---|---|---|"]
    for row in PIN_ROWS:
        for direction in DIRECTIONS:
            for pin in PINS[1:]:
                outcomes = [verdict(judge(row, direction, peer, "none", pin))
                            for peer in PIN_PEERS]
                lines.append(f"| {row.number} | {direction} | {pin} | " + " | ".join(outcomes) +
                             " |")
    return lines + [""]


def page():
    """docs/reference/negotiation.md."""
    cells = len(ROWS) * len(DIRECTIONS) * len(PEERS)
    lines = [
        "# Negotiation: what comes of which settings with which peer", "",
        f"All {cells} combinations of the 18 partner records, both directions, and a peer's "
        "STARTTLS, certificate, SASL EXTERNAL and",
        "dialback. `tests/interop/test_negotiation.py` plays each of them between the daemons and "
        "a peer that does what is said here,",
        "and this page is written by it (`--write-docs`). What a record permits: "
        "[partners.md](partners.md) section 2.", "",
        "* **out**: we connect to the peer. **in**: the peer connects to us, tries all it can, "
        "offered or not, and is asked about its key.",
        "* **requires, offers, lacks TLS**: as a server it says so in its features; as a client it "
        "starts TLS in any case, if it is offered, never.",
        "* **trusted**: proves the domain. **untrusted**: of an unknown CA. **mismatch**: for "
        "another domain. **none**: a server without one has no TLS; a client shows none.",
        "* A cell is the method by which the stream is proven, or `refused` and why.", "",
        "| Refused | Because |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, text in REASONS.items()]
    lines += ["", "## Where the standards leave a choice", "", "| Case | What is done |",
              "|---|---|"]
    lines += [f"| {case} | {text} |" for case, text in CHOICES]
    lines += ["", "## The rows", "", "With `security.floor: none`.", ""]
    for row in ROWS:
        lines += _row_text(row)
    lines += ["## The floors", "", "Towards a peer that can do everything, one without EXTERNAL, "
              "one without EXTERNAL whose certificate is untrusted, and one without TLS.",
              "E110: the record is refused on commit, since the floor leaves no method.", ""]
    for floor in ("tls", "sasl"):
        lines += _floor_text(floor)
    lines += _pins_text()
    return "\n".join(lines).rstrip("\n") + "\n"


def is_up_to_date():
    try:
        with open(DOCS, encoding="utf-8") as source:
            return source.read() == page()
    except FileNotFoundError:
        return False


def main():
    if "--write-docs" in sys.argv:
        with open(DOCS, "w", encoding="utf-8") as out:
            out.write(page())
        return 0
    if "--check-docs" in sys.argv:
        if is_up_to_date():
            return 0
        print("docs/reference/negotiation.md is stale: run tests/interop/test_negotiation.py "
              "--write-docs", file=sys.stderr)
        return 1
    return unittest.main()


if __name__ == "__main__":
    sys.exit(main())
