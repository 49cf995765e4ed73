# SPDX-License-Identifier: Apache-2.0
"""kill -9 of every process of the path: traffic comes back, and nobody's authorization is gone."""
import os
import signal
import time
import unittest

from lab import pidf
from lab.friendship import sip_watches_xmpp, xmpp_watches_sip
from lab.probe import sent_by
from lab.process import wait_until
from lab.world import FABRIKAM, World

RECOVERY_S = 30  # the edge need not wait 60 s: whoever opens a stream to us is up (STREAM-127)
DRAIN_S = 2


class RestartTest(unittest.TestCase):
    """One world; juliet and romeo see each other before, and must do so after each kill."""

    def setUp(self):
        self.world = World([FABRIKAM]).start()
        self.addCleanup(self.world.stop)
        self.juliet = self.world.probe("juliet@fabrikam.example", "balcony").available()
        self.romeo = self.world.sip_ua("romeo")
        self.subscription = sip_watches_xmpp(self.romeo, self.juliet)
        xmpp_watches_sip(self.juliet, self.romeo)
        self._publish("chat", "before")
        self.mark = self.juliet.mark()

    def _publish(self, show, note):
        self.romeo.publish(pidf.document(self.romeo.aor,
                                         pidf.element("ID-phone", show=show, note=note)))
        self.juliet.wait("presence", RECOVERY_S, show=show, status=note)

    def _delivered(self, text):
        """Whether a message from juliet reaches romeo, trying again as a person would."""
        mid = self.juliet.message(self.romeo.jid, text)

        def outcome():
            arrived = any(r.text() == text for r in self.romeo.requests if r.method == "MESSAGE")
            return arrived or bool(self.juliet.since(0, "message", id=mid, type="error"))
        wait_until(outcome, RECOVERY_S, "neither delivered nor reported")
        return not self.juliet.since(0, "message", id=mid, type="error")

    def _assert_still_friends(self):
        wait_until(lambda: self._delivered("again"), RECOVERY_S, "XMPP to SIP is still down")
        wait_until(lambda: self.romeo.message(self.juliet.jid, "back again",
                                              timeout_s=RECOVERY_S).code in (200, 202),
                   RECOVERY_S, "SIP to XMPP is still down")
        self.juliet.wait("message", RECOVERY_S, body="back again",
                         **{"from": sent_by(self.romeo.jid)})
        for kind in ("unsubscribe", "unsubscribed", "subscribe"):
            self.assertEqual([], self.juliet.since(self.mark, "presence", type=kind), kind)
        self._assert_presence_flows()

    def _assert_presence_flows(self):
        again, response = self.romeo.subscribe(self.juliet.jid)
        self.assertEqual(200, response.code)
        again.wait_notify("active", timeout_s=RECOVERY_S)
        self.juliet.do("presence", show="dnd", status="after")
        again.wait_notify("active", lambda n: n.body and pidf.read(n.body).get(
            "ID-balcony", {}).get("note") == "after", RECOVERY_S)
        self._publish("away", "after")

    def test_gateway(self):
        self.world.gateway.kill()
        self.world.gateway.restart()
        self._assert_still_friends()

    def test_edge(self):
        self.world.edge.kill()
        self.world.edge.restart()
        self.world.gateway.wait_ready(RECOVERY_S)
        self._assert_still_friends()

    def test_kamailio(self):
        self.world.kamailio.kill()
        self.world.kamailio.start()
        self.romeo.register()
        self._assert_still_friends()

    def test_prosody(self):
        server = self.world.servers["fabrikam.example"]
        before = self.juliet
        server.kill()
        server.start()
        self.juliet = self.world.probe("juliet@fabrikam.example", "balcony").available()
        self.mark = self.juliet.mark()
        self._assert_still_friends()
        for kind in ("unsubscribe", "unsubscribed"):
            self.assertEqual([], before.since(0, "presence", type=kind))

    def test_orderly_restart_of_both(self):
        self.assertEqual(0, self.world.gateway.stop())
        self.assertEqual(0, self.world.edge.stop())
        self.world.edge.start()
        self.world.gateway.restart()
        self.world.edge.wait_ready()
        self._assert_still_friends()

    def test_edge_leaves_without_a_gateway(self):
        os.kill(self.world.gateway.child.pid, signal.SIGTERM)
        for n in range(50):  # some are read when there is nobody left to take them
            self.juliet.message(self.romeo.jid, f"late {n}")
        self.assertEqual(0, self.world.gateway.stop())
        begin = time.monotonic()
        self.assertEqual(0, self.world.edge.stop())
        self.assertLess(time.monotonic() - begin, DRAIN_S)

    def test_edge_leaves_a_server_that_is_silent(self):  # STREAM-120
        pid = self.world.servers["fabrikam.example"].child.pid
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        begin = time.monotonic()
        self.assertEqual(0, self.world.edge.stop())
        self.assertLess(time.monotonic() - begin, DRAIN_S)


if __name__ == "__main__":
    unittest.main()
