# SPDX-License-Identifier: Apache-2.0
"""Reload while everything runs: what a change must end ends within 5 s, and nothing else does
(PARTNERS section 2)."""
import concurrent.futures
import hashlib
import os
import random
import re
import signal
import subprocess
import time
import unittest

from lab.friendship import sip_watches_xmpp, xmpp_watches_sip
from lab.process import LabError, wait_until
from lab.s2s_peer import S2sClient, S2sServer
from lab.world import FABRIKAM, SIP_DOMAIN, World, partner

RELOADS = 500
LIMIT_S = 5.0
APPLIED_S = 1.0
ADATUM = partner("adatum.example", kind="federated")
RAW = [f"raw{n}.example" for n in range(1, 9)]
PRIMARIES = RAW[:3]
STREAMS = 8  # of raw peers, kept open
ROWS = [{"sasl": "optional"}, {"sasl": "optional", "dialback": False},
        {"sasl": "not_supported"}, {"tls": "optional", "sasl": "optional"},
        {"tls": "optional", "sasl": "not_supported"}]
ENDS = ["stays", "order", "reset", "host-gone", "policy-violation"]  # mildest first


def methods_of(settings):
    """What PARTNERS section 2 leaves under the floor `tls`."""
    tls, sasl = settings.get("tls", "required"), settings.get("sasl", "optional")
    dialback = settings.get("dialback", True)
    found = set()
    if sasl != "not_supported" and tls != "not_supported":
        found.add("sasl_tls")
    if dialback and tls != "not_supported" and (tls, sasl) != ("required", "required"):
        found.add("tls_dialback")
    return found


def permits_of(partners):
    """Remote domain to what it is permitted, by the files as they are."""
    return {domain: {"partner": primary, "methods": methods_of(settings),
                     "pins": settings.get("pins", [])}
            for primary, settings in partners.items() if settings.get("enabled", True)
            for domain in [primary, *settings.get("additional_domains", [])]}


def judge(before, now, stream, key):
    """How `stream`, an entry of the edge's list, ends, and the pairs that it keeps."""
    worst, kept, lives = 0, set(), False
    for pair in stream["pairs"]:
        remote = pair["remote"]
        new = now.get(remote)
        end = "stays"
        if remote in before:
            if new is None:
                end = "policy-violation"
            elif pair["method"] not in new["methods"] or (
                    new["pins"] and key not in new["pins"]) or (
                    new["partner"] != before[remote]["partner"]):
                end = "reset"
        worst = max(worst, ENDS.index(end))
        if end == "stays":
            kept.add(remote)
            lives = lives or (new is not None and new["partner"] == stream["partner"])
    return ("stays", kept) if lives or worst == 0 else (ENDS[worst], set())


def complies(stream, now, key):
    """Whether all of a stream's pairs are as they may be."""
    return all(pair["remote"] in now and pair["method"] in now[pair["remote"]]["methods"] and
               (not now[pair["remote"]]["pins"] or key in now[pair["remote"]]["pins"])
               for pair in stream["pairs"])


def spki(leaf):
    """The pin of a certificate."""
    public = subprocess.run(["openssl", "x509", "-in", leaf.certificate, "-noout", "-pubkey"],
                            capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public,
                         capture_output=True, check=True).stdout
    return hashlib.sha256(der).hexdigest()


class ReloadTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, ADATUM]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.gateway, cls.edge, cls.ca = cls.world.gateway, cls.world.edge, cls.world.ca
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony").available()
        cls.tybalt = cls.world.probe("tybalt@adatum.example", "x").available()
        cls.tybalt_jid = "tybalt@adatum.example"
        cls.romeo = cls.world.sip_ua("romeo")
        cls.mercutio = cls.world.sip_ua("mercutio")
        cls.leaves = [cls.ca.issue("raw-one", RAW), cls.ca.issue("raw-two", RAW)]
        cls.keys = [spki(leaf) for leaf in cls.leaves]
        cls.adatum_key = spki(cls.ca.issue("adatum.example"))
        cls.source = cls.world.net.new_user()
        cls.slowest_s = 0.0

    def setUp(self):
        self.partners = {}
        self.peers = []
        self.addCleanup(self._start_over)
        for user in (self.juliet, self.tybalt, self.romeo, self.mercutio):
            user.mark()

    def _start_over(self):
        for peer in self.peers:
            if not peer.ended:
                peer.close()
        for domain in self.partners:
            self.gateway.remove_partner(domain)
        self.gateway.write_partner("adatum.example", **ADATUM["settings"])
        self._apply()

    # Steps

    def _put(self, domain, **settings):
        settings.setdefault("type", "federated")
        self.partners[domain] = settings
        self.gateway.write_partner(domain, **settings)

    def _drop(self, domain):
        del self.partners[domain]
        self.gateway.remove_partner(domain)

    def _reload(self):
        return self.gateway.call("POST", "/v1/reload")[0]

    def _wait_applied(self):
        """The edge has confirmed the gateway's revision, as the gateway sees it."""
        begin = time.monotonic()

        def confirmed():
            status = self.gateway.call("GET", "/v1/status")[1]
            return all(link["revision"] == status["revision"] for link in status["links"])
        wait_until(confirmed, 5, "the edge did not apply the policy")
        type(self).slowest_s = max(self.slowest_s, time.monotonic() - begin)

    def _apply(self):
        self.assertEqual(200, self._reload())
        self._wait_applied()

    def _connect(self, domain, leaf=0, own=SIP_DOMAIN):
        peer = S2sClient(self.world.net["edge"], self.source, own, domain, self.leaves[leaf],
                         self.ca.file)
        peer.key = self.keys[leaf]
        return peer

    def _client(self, domain, leaf=0, own=SIP_DOMAIN):
        peer = self._connect(domain, leaf, own)
        self.peers.append(peer)
        peer.id = wait_until(lambda: self._id_of(peer), 5, "the stream is not in the list")
        return peer

    def _id_of(self, peer):
        return next((entry["id"] for entry in self.edge.streams().values()
                     if entry["peer"] == peer.address and entry["state"] == "up"), None)

    def _ends(self, peer, condition, within_s=LIMIT_S):
        begin = time.monotonic()
        wait_until(lambda: not peer.poll(), within_s, f"{peer.domain} was not ended")
        self.assertEqual(condition, peer.error())
        wait_until(lambda: peer.id not in self.edge.streams(), LIMIT_S, "it is still there")
        return time.monotonic() - begin

    def _stays(self, *peers):
        streams = self.edge.streams()
        for peer in peers:
            self.assertTrue(peer.poll(), peer.text)
            self.assertEqual("up", streams[peer.id]["state"], peer.domain)

    def _pairs(self, peer):
        return {pair["remote"] for pair in self.edge.streams()[peer.id]["pairs"]}

    # What must end, and what not

    def test_methods_and_pins(self):
        self._put(RAW[0])
        self._put(RAW[1], sasl="not_supported")
        self._apply()
        external, dialback = self._client(RAW[0]), self._client(RAW[1])
        for settings in ({"dialback": False}, {"tls": "optional"}, {"keep_alive": False},
                         {"description": "other words"}, {"type": "public_verified"},
                         {"pins": [self.keys[1], self.keys[0]]}, {"proxy": "192.0.2.1:5269"}, {}):
            self._put(RAW[0], **settings)
            self._put(RAW[1], **{**settings, "sasl": "not_supported", "dialback": True})
            self._apply()
            self._stays(external, dialback)
        self._put(RAW[0], sasl="not_supported")
        self._apply()
        self._ends(external, "reset")
        self._put(RAW[1], pins=[self.keys[1]])
        self._apply()
        self._ends(dialback, "reset")
        self._put(RAW[1])
        self._apply()
        again = self._client(RAW[1])
        self._put(RAW[1], dialback=False)
        self._apply()
        self._stays(again)

    def test_a_lower_limit_cuts_nobody(self):
        self._put(RAW[0])
        self._apply()
        peers = [self._client(RAW[0]) for _ in range(3)]
        self._put(RAW[0], connection_limit=1)
        self._apply()
        self._stays(*peers)
        self.assertTrue(peers[0].add_pair(RAW[0]))  # the same again is no new stream
        self._stays(*peers)
        late = self._connect(RAW[0])
        wait_until(lambda: not late.poll(), LIMIT_S, "one more was let in")
        self.assertEqual("resource-constraint", late.error())
        self._stays(*peers)

    def test_one_stream_of_many_domains(self):
        self._put(RAW[0], additional_domains=[RAW[3], RAW[4]])
        self._put(RAW[1])
        self._apply()
        peer = self._client(RAW[3])
        for domain in (RAW[0], RAW[4], RAW[1]):
            self.assertTrue(peer.add_pair(domain))
        self._put(RAW[0], additional_domains=[RAW[3]])
        self._apply()
        self._stays(peer)
        self.assertEqual({RAW[3], RAW[0], RAW[1]}, self._pairs(peer))
        self._drop(RAW[1])
        self._apply()
        self._stays(peer)
        self._put(RAW[0])  # the domain that it was opened for goes, one of its partner stays
        self._apply()
        self.assertEqual({RAW[0]}, self._pairs(peer))
        peer.message(f"paris@{RAW[0]}", self.romeo.jid, "still permitted")
        self.romeo.wait_request("MESSAGE", lambda r: r.text() == "still permitted")
        peer.message(f"paris@{RAW[4]}", self.romeo.jid, "no more")
        self._ends(peer, "invalid-from")
        self.assertFalse(any(r.text() == "no more" for r in self.romeo.requests
                             if r.method == "MESSAGE"))

    def test_a_domain_moves_to_another_partner(self):
        self._put(RAW[0], additional_domains=[RAW[3]])
        self._put(RAW[1])
        self._apply()
        moved, mine, theirs = self._client(RAW[3]), self._client(RAW[0]), self._client(RAW[1])
        self._put(RAW[0])
        self._put(RAW[1], additional_domains=[RAW[3]])
        self._apply()
        self._ends(moved, "reset")
        self._stays(mine, theirs)
        again = self._client(RAW[3])
        self.assertEqual(RAW[1], self.edge.streams()[again.id]["partner"])
        self.assertEqual(2, self.edge.metric("causeway_s2s_streams", partner=RAW[1]))
        self.assertEqual(1, self.edge.metric("causeway_s2s_streams", partner=RAW[0]))

    def test_an_own_domain_goes(self):
        with open(self.gateway.config, encoding="utf-8") as config:
            text = config.read()

        def serve(*domains):
            with open(self.gateway.config, "w", encoding="utf-8") as config:
                config.write(re.sub(r"sip_domains: \[[^]]*\]",
                                    f"sip_domains: [{', '.join(domains)}]", text))
            self._apply()

        self.addCleanup(serve, SIP_DOMAIN)
        self._put(RAW[0])
        serve(SIP_DOMAIN, "sub.contoso.example")
        stays, both = self._client(RAW[0]), self._client(RAW[0])
        goes = self._client(RAW[0], own="sub.contoso.example")
        both.own = "sub.contoso.example"
        self.assertTrue(both.add_pair(RAW[0]))
        serve(SIP_DOMAIN)
        self._ends(goes, "host-gone")
        self._stays(stays, both)
        self.assertEqual([SIP_DOMAIN], [pair["own"] for pair in
                                        self.edge.streams()[both.id]["pairs"]])
        self.assertFalse(both.add_pair(RAW[0]))

    def test_a_peer_that_does_not_let_go(self):
        self._put(RAW[0])
        self._apply()
        deaf = self._client(RAW[0])
        deaf.answers = False
        begin = time.monotonic()
        self._drop(RAW[0])
        self._apply()
        wait_until(lambda: deaf.id not in self.edge.streams(), 8, "it is still there")
        self.assertLess(time.monotonic() - begin, LIMIT_S)
        deaf.poll()
        self.assertEqual("policy-violation", deaf.error())

    def _out(self, domain):
        return [entry for entry in self.edge.streams().values()
                if entry["direction"] == "out" and entry["partner"] == domain]

    def test_a_peer_that_does_not_read(self):
        address = self.world.net.new_user()
        server = S2sServer(address, SIP_DOMAIN, RAW[0], self.leaves[0], self.ca.file)
        self.addCleanup(server.close)
        self._put(RAW[0], proxy=f"{address}:5269", dialback=False)
        self._apply()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            first = pool.submit(self.mercutio.message, f"x@{RAW[0]}", "hello")
            stuck = server.receive()
            first.result()
        self.peers.append(stuck)
        for number in range(400):
            self.mercutio.message(f"x{number % 7}@{RAW[0]}", "a" * 15000)
            if self._out(RAW[0])[0]["queued_bytes"] > 0:
                break
        self.assertGreater(self._out(RAW[0])[0]["queued_bytes"], 0)
        begin = time.monotonic()
        self._drop(RAW[0])
        self._apply()
        wait_until(lambda: not self._out(RAW[0]), 12, "it is still there")
        self.assertLess(time.monotonic() - begin, LIMIT_S)

    def test_another_way_to_a_partner(self):
        old, new = self.world.net.new_user(), self.world.net.new_user()
        servers = [S2sServer(address, SIP_DOMAIN, RAW[0], self.leaves[0], self.ca.file)
                   for address in (old, new)]
        for server in servers:
            self.addCleanup(server.close)
        self._put(RAW[0], proxy=f"{old}:5269", dialback=False)
        self._apply()
        theirs = self._client(RAW[0])
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            said = pool.submit(self.mercutio.message, f"x@{RAW[0]}", "by the old way")
            first = servers[0].receive()
            self.peers.append(first)
            self.assertEqual(202, said.result().code)
            self._put(RAW[0], proxy=f"{new}:5269", dialback=False)
            self._apply()
            wait_until(lambda: not first.poll(), LIMIT_S, "our stream was not ended")
            self.assertIsNone(first.error())
            self._stays(theirs)
            said = pool.submit(self.mercutio.message, f"x@{RAW[0]}", "by the new way")
            second = servers[1].receive()
            self.peers.append(second)
            second.expect("by the new way")
            self.assertEqual(202, said.result().code)

    def test_a_removed_partner(self):  # CASES 52
        """Its dialogs end, what waits for it bounces, and all of it comes back with it."""
        subscription = sip_watches_xmpp(self.romeo, self.tybalt)
        xmpp_watches_sip(self.tybalt, self.romeo)
        self._wait_dialog("active")
        mark = len(self.world.kamailio.log_text())
        self.gateway.remove_partner("adatum.example")
        self._apply()
        notify = subscription.wait_notify("terminated", timeout_s=LIMIT_S)
        self.assertIn("reason=rejected", notify.get("subscription-state").replace(" ", ""))
        self._wait_dialog("closing", "none")
        self.world.wait(lambda: re.search(  # in the dialog: to Kamailio itself
            f"lab: SUBSCRIBE sip:{re.escape(self.world.kamailio.address)}:.* from "
            f"sip:{self.tybalt_jid}", self.world.kamailio.log_text()[mark:]),
            "the SIP side was not told", LIMIT_S)
        self.assertIn(self.romeo.subscribe(self.tybalt_jid)[1].code, (403, 404))
        self.assertIn(self.romeo.message(self.tybalt_jid, "gone").code, (403, 404))
        self.world.wait(lambda: not any(
            entry["partner"] == "adatum.example" for entry in self.edge.streams().values()),
            "a stream goes on", LIMIT_S)
        self.gateway.write_partner("adatum.example", **ADATUM["settings"])
        self._apply()
        self._wait_dialog("active")
        self.tybalt.message(self.romeo.jid, "back again")
        self.romeo.wait_request("MESSAGE", lambda r: r.text() == "back again")

    def _wait_dialog(self, *states):
        """The state of our subscription to romeo's presence for tybalt."""
        def reached():
            found = [entry["dialog"] for entry in self.gateway.call("GET", "/v1/subscriptions")[1]
                     if (entry["remote"], entry["direction"]) == (self.tybalt_jid, "xmpp_to_sip")]
            return found and found[0] in states
        self.world.wait(reached, f"the dialog is not {states}", LIMIT_S)

    def test_what_waits_for_a_removed_partner_bounces(self):
        address = self.world.net.new_user()
        silent = S2sServer(address, SIP_DOMAIN, RAW[0], self.leaves[0], self.ca.file)
        self.addCleanup(silent.close)
        self._put(RAW[0], proxy=f"{address}:5269")
        self._apply()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waits = pool.submit(self.mercutio.message, f"x@{RAW[0]}", "is anybody there?")
            self.peers.append(silent.accept())
            wait_until(lambda: self.edge.call("GET", "/v1/status")[1]["waiting"] == 1, 5,
                       "nothing waits")
            self._drop(RAW[0])
            begin = time.monotonic()
            self._apply()
            code = waits.result().code
        self.assertIn(code, (403, 404, 480, 488, 503, 504))
        self.assertLess(time.monotonic() - begin, LIMIT_S)
        self.assertEqual(0, self.edge.call("GET", "/v1/status")[1]["waiting"])

    # At random

    def test_random_reloads(self):  # CASES 52, 109
        seed = int(os.environ.get("CAUSEWAY_SEED") or random.SystemRandom().randrange(1 << 32))
        print(f"seed {seed}", flush=True)
        walk = Walk(self, random.Random(seed))
        untouched = walk.begin()
        for number in range(RELOADS):
            try:
                walk.step()
            except Exception as error:
                raise AssertionError(f"seed {seed}, reload {number}") from error
            if number % 50 == 0:
                self.assertTrue(self.edge.is_running() and self.gateway.is_running())
        walk.end(untouched)
        print(f"slowest apply {1000 * self.slowest_s:.0f} ms, {walk.ended} streams ended, "
              f"{walk.stayed} stayed through a change of their partner", flush=True)
        self.assertLess(self.slowest_s, APPLIED_S)
        self.assertGreater(walk.ended, RELOADS / 10)
        self.assertGreater(walk.stayed, RELOADS / 10)


class Walk:
    """A random walk of the operator's through partners.d, with users who talk meanwhile."""

    # pylint: disable=too-many-instance-attributes,protected-access
    def __init__(self, test, chance):
        self.test, self.chance = test, chance
        self.gateway, self.edge = test.gateway, test.edge
        self.partners = test.partners
        self.sent = 0
        self.ended = self.stayed = 0

    # The users

    def talk(self):
        """One message each way between users whose partner nobody touches."""
        self.sent += 1
        self.test.juliet.message(self.test.romeo.jid, f"to SIP {self.sent}")
        code = self.test.romeo.message(self.test.juliet.jid, f"to XMPP {self.sent}").code
        self.test.assertEqual(202, code)
        if self.sent % 5 == 0:
            self.test.tybalt.message(self.test.mercutio.jid, f"whatever {self.sent}")

    def fabrikam(self):
        return {ident for ident, entry in self.edge.streams().items()
                if entry["partner"] == "fabrikam.example" and entry["state"] == "up"}

    def begin(self):
        self.test._put("adatum.example", **ADATUM["settings"])
        for domain in PRIMARIES:
            self.test._put(domain)
        self.test._apply()
        self.talk()
        wait_until(lambda: self.arrived() == self.wanted(), 20, "the first messages are missing")
        self.test.assertEqual(2, len(self.fabrikam()))  # one each way
        return self.fabrikam()

    def wanted(self):
        return {"SIP": [f"to SIP {n}" for n in range(1, self.sent + 1)],
                "XMPP": [f"to XMPP {n}" for n in range(1, self.sent + 1)]}

    def arrived(self):
        return {"SIP": [r.text() for r in self.test.romeo.requests
                        if r.method == "MESSAGE" and r.text().startswith("to SIP ")],
                "XMPP": [e["body"] for e in self.test.juliet.since(0, "message")
                         if (e.get("body") or "").startswith("to XMPP ")]}

    def end(self, untouched):
        test = self.test
        test.assertEqual(untouched, self.fabrikam())
        try:
            wait_until(lambda: self.arrived() == self.wanted(), 10, "messages are missing")
        finally:
            test.assertEqual(self.wanted(), self.arrived())

    # The operator

    def free_domains(self, primary):
        taken = {d for name, settings in self.partners.items() if name != primary
                 for d in [name, *settings.get("additional_domains", [])]}
        return [d for d in RAW[3:] if d not in taken]

    def edit(self):
        """One change of one file."""
        chance = self.chance
        domain = chance.choice(PRIMARIES + ["adatum.example"])
        if domain not in self.partners:
            self.test._put(domain)
            return
        settings = dict(self.partners[domain])
        keys = self.test.keys if domain in RAW else [self.test.adatum_key]
        rows = ROWS if domain in RAW else ROWS[:2] + ROWS[3:4]
        what = chance.randrange(11)
        if what == 0:
            self.test._drop(domain)
            return
        if what == 1:
            settings["enabled"] = not settings.get("enabled", True)
        elif what in (2, 3):
            for key in ("tls", "sasl", "dialback"):
                settings.pop(key, None)
            settings.update(chance.choice(rows))
        elif what in (4, 5) and domain in RAW:
            free = self.free_domains(domain)
            settings["additional_domains"] = chance.sample(free, chance.randint(0, len(free)))
        elif what == 6:
            settings["pins"] = chance.choice([[], [keys[0]], [keys[-1]], keys, ["00" * 32],
                                              ["00" * 32, keys[0]]])
        elif what == 7:
            settings["type"] = chance.choice(["federated", "public_verified",
                                              "public_unverified"])
        elif what == 8:
            settings["keep_alive"] = chance.random() < 0.5
        elif what == 9:
            settings["connection_limit"] = chance.choice([1, 2, 5, 20])
        else:
            settings["description"] = f"note {chance.randrange(1000)}"
        self.test._put(domain, **settings)

    def reload_in_some_way(self):
        """Whatever way it is done, in the end the files as they are are in force."""
        way = self.chance.randrange(20)
        if way == 0:
            self.break_and_mend()
        elif way == 1:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                both = [pool.submit(self.test._reload) for _ in range(2)]
                self.test.assertEqual([200, 200], [done.result() for done in both])
        elif way == 2:
            before = self.gateway.revision()
            os.kill(self.gateway.child.pid, signal.SIGHUP)
            wait_until(lambda: self.gateway.revision() > before, 5, "SIGHUP did nothing")
        elif way == 3:
            self.replace_while_it_reads()
        elif way in (4, 5):
            self.shake_hands_while_it_reads()
        else:
            self.test.assertEqual(200, self.test._reload())
        self.test._wait_applied()

    def break_and_mend(self):
        """A broken file is refused and nothing changes; the one after it is taken."""
        before, streams = self.gateway.revision(), self.up()
        bad = self.chance.choice([{"tls": "not_supported", "sasl": "required"},
                                  {"pins": ["abc"]}, {"typ": "federated"},
                                  {"additional_domains": ["fabrikam.example"]}])
        self.gateway.write_partner("broken.example", **bad)
        self.test.assertEqual(422, self.test._reload())
        self.gateway.remove_partner("broken.example")
        self.test.assertEqual(before, self.gateway.revision())
        self.test.assertLessEqual(set(streams), set(self.up()))
        self.test.assertEqual(200, self.test._reload())

    def replace_while_it_reads(self):
        """Either of two contents may be read, and nothing between them; both are the same to us."""
        domain = next(iter(self.partners))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            done = pool.submit(self.test._reload)
            while not done.done():
                for note in ("one", "the other " * 50):
                    self.gateway.write_partner(domain, **{**self.partners[domain],
                                                          "description": note})
            self.test.assertEqual(200, done.result())
        self.gateway.write_partner(domain, **self.partners[domain])

    def shake_hands_while_it_reads(self):
        """A stream that is set up meanwhile goes by the new rules, or does not come about."""
        test = self.test
        domain, leaf = self.chance.choice(RAW), self.chance.randrange(2)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            coming = pool.submit(test._connect, domain, leaf)
            time.sleep(self.chance.random() * 0.01)
            test.assertEqual(200, test._reload())
            try:
                test.peers.append(coming.result())
            except (LabError, OSError):
                pass

    # The streams

    def up(self):
        return {ident: entry for ident, entry in self.edge.streams().items()
                if entry["state"] == "up"}

    def fill(self, permits):
        """Opens what is missing of the raw peers' streams, as far as it is permitted."""
        test, chance = self.test, self.chance
        test.peers[:] = [peer for peer in test.peers if peer.poll()]
        wanted = [d for d in RAW if d in permits]
        for _ in range(min(2, STREAMS - len(test.peers))):
            leaf = chance.randrange(2)
            may = [d for d in wanted
                   if not permits[d]["pins"] or test.keys[leaf] in permits[d]["pins"]]
            if may:
                self.open(chance.choice(may), leaf, may, permits)

    def open(self, domain, leaf, may, permits):
        test = self.test
        primary = permits[domain]["partner"]
        limit = self.partners[primary].get("connection_limit", 20)
        if sum(entry["partner"] == primary for entry in self.edge.streams().values()) >= limit:
            return
        peer = test._client(domain, leaf)
        for other in self.chance.sample(may, min(len(may), self.chance.randrange(3))):
            if other != domain and "tls_dialback" in permits[other]["methods"]:
                test.assertTrue(peer.add_pair(other), (other, permits[other]))

    def key_of(self, entry):
        for peer in self.test.peers:
            if entry["peer"] == peer.address:
                return peer.key
        return self.test.adatum_key if entry["partner"] == "adatum.example" else None

    def step(self):
        before, streams = permits_of(self.partners), self.up()
        for _ in range(self.chance.choice([0, 1, 1, 1, 2, 3])):
            self.edit()
        now = permits_of(self.partners)
        self.talk()
        begin = time.monotonic()
        self.reload_in_some_way()
        left = self.edge.streams()
        for ident, entry in streams.items():
            if entry["partner"] != "fabrikam.example":
                end, kept = judge(before, now, entry, self.key_of(entry))
                self.check(entry, left.get(ident), end, kept, before != now)
        self.test.assertLess(time.monotonic() - begin, LIMIT_S)
        for entry in self.up().values():
            if entry["partner"] != "fabrikam.example":
                self.test.assertTrue(complies(entry, now, self.key_of(entry)), (entry, now))
        self.fill(now)

    # pylint: disable=too-many-arguments
    def check(self, entry, found, end, kept, changed):
        """`entry` is a stream before the reload and `found` the same one as soon as the edge had
        confirmed the revision."""
        test = self.test
        peer = next((p for p in test.peers if p.address == entry["peer"]), None)
        if end == "stays":
            test.assertIsNotNone(found, entry)
            test.assertEqual(("up", kept), (found["state"], {p["remote"] for p in found["pairs"]}))
            self.stayed += changed
            return
        if found is not None:
            test.assertEqual("closing", found["state"])
        wait_until(lambda: (peer is None or not peer.poll()) and
                   entry["id"] not in self.edge.streams(), LIMIT_S, f"{entry} should end: {end}")
        if peer is not None:
            test.assertEqual(end, peer.error(), entry)
        self.ended += 1


class DrainTest(unittest.TestCase):
    def test_reloads_while_a_node_drains(self):  # CASES 109
        """The edge goes, a new one has the policy of then; then the gateway goes."""
        with World([FABRIKAM]) as world:
            gateway, edge = world.gateway, world.edge
            juliet = world.probe("juliet@fabrikam.example", "x").available()
            romeo = world.sip_ua("romeo")
            self.assertIn(romeo.message(juliet.jid, "before").code, (200, 202))
            self.assertEqual(202, edge.call("POST", "/v1/drain")[0])
            for number in range(21):
                gateway.write_partner("fabrikam.example", type="federated",
                                      enabled=number % 2 == 0)
                self.assertEqual(200, gateway.call("POST", "/v1/reload")[0])
            wait_until(lambda: not edge.is_running(), 30, "the edge does not end")
            self.assertEqual(0, edge.child.popen.returncode)
            edge.restart()
            wait_until(lambda: edge.revision() == gateway.revision(), 20, "no policy")
            wait_until(lambda: romeo.message(juliet.jid, "after").code in (200, 202), 20,
                       "no way to the partner")
            gateway.child.popen.send_signal(signal.SIGTERM)
            for _ in range(10):
                gateway.child.popen.send_signal(signal.SIGHUP)
            wait_until(lambda: not gateway.is_running(), 40, "the gateway does not end")
            self.assertEqual(0, gateway.child.popen.returncode)


if __name__ == "__main__":
    unittest.main()
