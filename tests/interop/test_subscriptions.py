# SPDX-License-Identifier: Apache-2.0
"""Invitations accepted, refused and withdrawn, in both directions, with the SIP user's approval."""
import unittest

from lab import pidf
from lab.process import wait_until
from lab.world import ADATUM, FABRIKAM, World


class XmppInvitesTest(unittest.TestCase):
    """An XMPP user invites a SIP user, whose presence server asks him."""

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, ADATUM], force_active=False).start()
        cls.addClassCleanup(cls.world.stop)
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony").available()
        cls.ada = cls.world.probe("ada@adatum.example", "desk").available()

    def setUp(self):
        self.juliet.mark()
        self.ada.mark()

    def _invite(self, probe, user):
        probe.do("subscribe", to=user.jid)
        wait_until(lambda: self.world.kamailio.watchers(user.jid).get(probe.jid) == 2, 10,
                   "no pending watcher in Kamailio")

    def test_accepted_by_itself_for_a_federated_partner(self):  # PARTNERS accept=auto, SUB-20
        romeo = self.world.sip_ua("romeo")
        self._invite(self.juliet, romeo)
        self.juliet.wait("presence", type="subscribed", **{"from": romeo.jid})
        romeo.publish(pidf.document(romeo.aor, pidf.element("t1", show="away", note="lunch")))
        self.assertEqual([], self.juliet.since(0, "presence", show="away"))
        self.world.kamailio.allow(romeo.jid, self.juliet.jid)
        seen = self.juliet.wait("presence", show="away")
        self.assertEqual("lunch", seen["status"])

    def test_accepted_by_the_user_for_a_verified_partner(self):  # SUB-24 SUB-26
        mercutio = self.world.sip_ua("mercutio")
        mark = self.ada.mark()
        self._invite(self.ada, mercutio)
        self.assertEqual([], self.ada.since(mark, "presence", type="subscribed"))
        self.world.kamailio.allow(mercutio.jid, self.ada.jid)
        self.ada.wait("presence", type="subscribed", **{"from": mercutio.jid})

    def test_refused(self):  # SUB-41
        tybalt = self.world.sip_ua("tybalt")
        self._invite(self.ada, tybalt)
        self.world.kamailio.block(tybalt.jid, self.ada.jid)
        self.ada.wait("presence", type="unsubscribed", **{"from": tybalt.jid})
        self.assertEqual([], self.ada.since(0, "presence", type="subscribed",
                                            **{"from": tybalt.jid}))

    def test_withdrawn_by_the_xmpp_user(self):  # SUB-32
        paris = self.world.sip_ua("paris")
        self._invite(self.juliet, paris)
        self.world.kamailio.allow(paris.jid, self.juliet.jid)
        self.juliet.wait("presence", type="subscribed", **{"from": paris.jid})
        paris.publish(pidf.document(paris.aor, pidf.element("t1", show="chat")))
        seen = self.juliet.wait("presence", show="chat")
        self.juliet.do("unsubscribe", to=paris.jid)
        self.juliet.wait("presence", type="unavailable", **{"from": seen["from"]})
        wait_until(lambda: self.juliet.jid not in self.world.kamailio.watchers(paris.jid), 10,
                   "the SIP subscription is still there")

    def test_withdrawn_by_the_sip_user(self):  # SUB-41
        rosaline = self.world.sip_ua("rosaline")
        self._invite(self.juliet, rosaline)
        self.world.kamailio.allow(rosaline.jid, self.juliet.jid)
        rosaline.publish(pidf.document(rosaline.aor, pidf.element("t1", show="xa")))
        seen = self.juliet.wait("presence", show="xa")
        self.world.kamailio.block(rosaline.jid, self.juliet.jid)
        self.juliet.wait("presence", type="unavailable", **{"from": seen["from"]})
        self.juliet.wait("presence", type="unsubscribed", **{"from": rosaline.jid})


class SipInvitesTest(unittest.TestCase):
    """A SIP user invites an XMPP user."""

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.romeo = cls.world.sip_ua("romeo")

    def _invite(self, name):
        probe = self.world.probe(f"{name}@fabrikam.example", "home").available()
        subscription, response = self.romeo.subscribe(probe.jid)
        self.assertEqual(200, response.code)
        self.assertLessEqual(int(response.get("expires")), 600)
        pending = subscription.wait_notify("pending")  # SUB-71
        self.assertIn("expires=", pending.get("subscription-state"))
        probe.wait("presence", type="subscribe", **{"from": self.romeo.jid})
        return probe, subscription

    def test_accepted(self):  # SUB-71 SUB-74 SUB-80
        probe, subscription = self._invite("juliet")
        probe.do("subscribed", to=self.romeo.jid)
        notify = subscription.wait_notify("active", lambda n: n.body)
        self.assertEqual("open", pidf.read(notify.body)["ID-home"]["basic"])

    def test_refused(self):  # SUB-76
        probe, subscription = self._invite("rosaline")
        probe.do("unsubscribed", to=self.romeo.jid)
        ended = subscription.wait_notify("terminated")
        self.assertIn("reason=rejected", ended.get("subscription-state"))
        self.assertEqual(b"", ended.body)

    def test_withdrawn_by_the_xmpp_user(self):  # SUB-76
        probe, subscription = self._invite("livia")
        probe.do("subscribed", to=self.romeo.jid)
        subscription.wait_notify("active")
        probe.do("unsubscribed", to=self.romeo.jid)
        ended = subscription.wait_notify("terminated")
        self.assertIn("reason=rejected", ended.get("subscription-state"))

    def test_end_of_a_dialog_is_no_withdrawal(self):  # SUB-83 SUB-84 SUB-73
        probe, subscription = self._invite("helena")
        probe.do("subscribed", to=self.romeo.jid)
        subscription.wait_notify("active")
        mark = probe.mark()
        self.assertEqual(200, subscription.request(0).code)
        ended = subscription.wait_notify("terminated")
        self.assertIn("reason=timeout", ended.get("subscription-state"))
        again, response = self.romeo.subscribe(probe.jid)
        self.assertEqual(200, response.code)
        again.wait_notify("active")
        for kind in ("unsubscribe", "subscribe"):
            self.assertEqual([], probe.since(mark, "presence", type=kind))

    def test_refresh_keeps_the_state(self):  # SUB-82
        probe, subscription = self._invite("hero")
        probe.do("subscribed", to=self.romeo.jid)
        subscription.wait_notify("active", lambda n: n.body)
        mark = probe.mark()
        self.assertEqual(200, subscription.request(300).code)
        notify = subscription.wait_notify("active", lambda n: n.body)
        self.assertEqual("open", pidf.read(notify.body)["ID-home"]["basic"])
        self.assertEqual([], probe.since(mark, "presence", type="subscribe"))

    def test_bad_requests(self):  # SUB-70
        subscription, response = self.romeo.subscribe("juliet@unlisted.example")
        self.assertIn(response.code, (403, 404))
        self.assertEqual([], subscription.notifies)
        response = self.romeo.send("SUBSCRIBE", "sip:juliet@fabrikam.example", [
            ("Event", "dialog"), ("Expires", "600"), ("Contact", f"<{self.romeo.contact}>")])
        self.assertEqual(489, response.code)
        self.assertIn("presence", response.get("allow-events"))

    def test_sipp_watches(self):
        beatrice = self.world.probe("beatrice@fabrikam.example", "home").available()
        sipp = self.world.sipp("paris", "udp")
        run = sipp.subscribe(beatrice.jid)
        beatrice.wait("presence", type="subscribe", **{"from": sipp.jid})
        beatrice.do("subscribed", to=sipp.jid)
        run.wait()


if __name__ == "__main__":
    unittest.main()
