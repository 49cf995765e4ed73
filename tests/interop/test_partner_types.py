# SPDX-License-Identifier: Apache-2.0
"""What the type of a partner lets its users do (PARTNERS section 3)."""
import time
import unittest

from lab.friendship import sip_watches_xmpp
from lab.probe import sent_by
from lab.world import FABRIKAM, STRANGER, WILDMAIL, World, partner

QUIET_S = 1.5
WAIT_S = 20  # three streams are set up for the first message


class PublicUnverifiedTest(unittest.TestCase):
    """A stranger of an unverified partner does not exist for SIP until a SIP user invites him."""

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, WILDMAIL]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.romeo = cls.world.sip_ua("romeo")

    def _reached_sip(self, name):
        return f"from sip:{name}@wildmail.example" in self.world.kamailio.log_text()

    def _error(self, probe, to):
        mid = probe.message(to, "buy my potion")
        error = probe.wait("message", id=mid, type="error", **{"from": sent_by(to)})["error"]
        return error["type"], error["condition"], error.get("text")

    def test_stranger_is_refused_like_for_an_unknown_user(self):  # PARTNERS section 3
        mallory = self.world.probe("mallory@wildmail.example", "x").available()
        refused = self._error(mallory, self.romeo.jid)
        self.assertEqual(("cancel", "service-unavailable", None), refused)
        self.assertEqual(refused, self._error(mallory, "nobody@contoso.example"))
        mark = mallory.mark()
        mallory.do("subscribe", to=self.romeo.jid)
        mallory.do("subscribe", to="nobody@contoso.example")
        mallory.do("presence", to=self.romeo.jid)
        time.sleep(QUIET_S)
        answers = {jid: [e.get("type") for e in mallory.since(
            mark, "presence", **{"from": sent_by(jid)})]
            for jid in (self.romeo.jid, "nobody@contoso.example")}
        self.assertEqual(answers["nobody@contoso.example"], answers[self.romeo.jid])
        self.assertNotIn("subscribed", answers[self.romeo.jid])
        self.assertFalse(self._reached_sip("mallory"))
        self.assertEqual([], [r for r in self.romeo.requests if "mallory" in r.get("from")])
        self.assertGreaterEqual(self.world.gateway.metric("causeway_policy_decisions_total",
                                                          decision="deny"), 1)

    def test_the_same_message_of_a_federated_partner_arrives(self):
        juliet = self.world.probe("juliet@fabrikam.example", "x").available()
        juliet.message(self.romeo.jid, "buy my potion")
        self.romeo.wait_request("MESSAGE", lambda r: "juliet" in r.get("from"))

    def test_invited_user_passes_until_he_is_removed(self):
        nurse = self.world.probe("nurse@wildmail.example", "x").available()
        self.assertEqual("service-unavailable", self._error(nurse, self.romeo.jid)[1])
        self.assertFalse(self._reached_sip("nurse"))
        sip_watches_xmpp(self.romeo, nurse)
        nurse.message(self.romeo.jid, "good day")
        request = self.romeo.wait_request("MESSAGE")
        self.assertEqual("good day", request.text())
        nurse.do("subscribe", to=self.romeo.jid)
        nurse.wait("presence", type="subscribed", **{"from": self.romeo.jid})

    def test_local_user_may_write_first(self):
        peter = self.world.probe("peter@wildmail.example", "x").available()
        self.assertIn(self.romeo.message(peter.jid, "hello Peter").code, (200, 202))
        peter.wait("message", body="hello Peter", **{"from": sent_by(self.romeo.jid)})
        self.assertEqual("service-unavailable", self._error(peter, self.romeo.jid)[1])


class ReplyWindowTest(unittest.TestCase):
    """A stranger of an unverified partner may answer where the operator lets him."""

    def test_stranger_answers_until_he_is_blocked(self):  # PARTNERS section 3, reply_window
        with World([WILDMAIL]) as world:
            romeo = world.sip_ua("romeo")
            peter = world.probe("peter@wildmail.example", "x").available()
            with open(world.gateway.config, "a", encoding="utf-8") as config:
                config.write("messages: {reply_window: 1m}\n")
            self.assertEqual(0, world.gateway.ctl("reload")[0])
            self.assertIn(romeo.message(peter.jid, "hello Peter").code, (200, 202))
            peter.wait("message", body="hello Peter", **{"from": sent_by(romeo.jid)})
            peter.message(romeo.jid, "hello Romeo")
            self.assertEqual("hello Romeo", romeo.wait_request("MESSAGE").text())
            mark = peter.mark()
            peter.do("subscribe", to=romeo.jid)
            peter.wait("presence", type="unsubscribed", **{"from": romeo.jid})
            self.assertEqual(0, world.gateway.ctl("block", romeo.jid, peter.jid)[0])
            mid = peter.message(romeo.jid, "still there?")
            error = peter.wait("message", id=mid, type="error")["error"]
            self.assertEqual("service-unavailable", error["condition"])
            self.assertEqual([], peter.since(mark, "presence", type="subscribed"))
            for rule in ("reply_window", "unverified_not_invited", "blocked_by_user"):
                self.assertEqual(1, world.gateway.metric("causeway_policy_decisions_total", rule=rule))


class DialbackPartnerTest(unittest.TestCase):
    """Partners that prove themselves by dialback over TLS, with servers of two kinds."""

    def _talks_by_dialback(self, entry, first, second):
        """`first` opens the stream to us, and we ours to the server of `second`."""
        with World([entry]) as world:
            romeo = world.sip_ua("romeo")
            writer = world.probe(f"{first}@{entry['domain']}", "x").available()
            writer.message(romeo.jid, "by dialback")
            self.assertEqual("by dialback", romeo.wait_request("MESSAGE", timeout_s=WAIT_S).text())
            reader = world.probe(f"{second}@{entry['domain']}", "x").available()
            self.assertIn(romeo.message(reader.jid, "likewise").code, (200, 202))
            reader.wait("message", WAIT_S, body="likewise")
            for direction in ("in", "out"):
                self.assertGreaterEqual(world.edge.metric(
                    "causeway_s2s_streams", auth="tls_dialback", direction=direction), 1)
            self.assertEqual(0, world.edge.metric("causeway_s2s_streams", auth="sasl_tls"))
            self.assertEqual(0, world.edge.metric("causeway_s2s_failures_total"))

    def test_prosody_with_a_certificate_that_nobody_trusts(self):  # STREAM-142
        self._talks_by_dialback(STRANGER, "sam", "sue")

    def test_ejabberd_with_a_certificate_that_nobody_trusts(self):  # STREAM-142
        self._talks_by_dialback(partner("tailspin.example", "ejabberd-stranger",
                                        sasl="not_supported"), "tara", "tess")

    def test_ejabberd_that_may_use_either(self):  # its certificate rules SASL out: STREAM-V08
        self._talks_by_dialback(partner("tailspin.example", "ejabberd-stranger"), "tara", "tess")


if __name__ == "__main__":
    unittest.main()
