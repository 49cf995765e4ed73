# SPDX-License-Identifier: Apache-2.0
"""The lab itself, without Causeway: what it proves about others must hold of itself first."""
import unittest

from lab import pidf
from lab.process import wait_until
from lab.world import FABRIKAM, NORTHWIND, STRANGER, World, partner


class FederationTest(unittest.TestCase):
    """Two real XMPP servers federate through our DNS and our CA."""

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, NORTHWIND, STRANGER], with_causeway=False).start()
        cls.addClassCleanup(cls.world.stop)
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony")
        cls.nina = cls.world.probe("nina@northwind.example", "desk")
        for user in (cls.juliet, cls.nina):
            user.available()

    def test_prosody_to_ejabberd_with_certificates(self):
        text = "Grüße <&> \"'\U0001f339"
        self.juliet.message(self.nina.jid, text)
        self.assertEqual(self.nina.wait("message")["body"], text)
        self.assertIn("SASL", self.world.servers["fabrikam.example"].log_text())

    def test_ejabberd_to_prosody_with_certificates(self):
        self.nina.message(self.juliet.full_jid, "and back")
        self.assertEqual(self.juliet.wait("message", body="and back")["from"], self.nina.full_jid)

    def test_secure_server_refuses_untrusted_certificate(self):
        sam = self.world.probe("sam@litware.example", "x")
        mid = sam.message(self.juliet.full_jid, "let me in")
        error = sam.wait("message", type="error", id=mid, timeout_s=30)
        self.assertIn("error", error)
        self.assertEqual([], self.juliet.since(0, "message", body="let me in"))

    def test_presence_between_servers(self):
        self.juliet.do("subscribe", to=self.nina.jid)
        self.nina.wait("presence", type="subscribe")
        self.nina.do("subscribed", to=self.juliet.jid)
        self.juliet.wait("presence", type="subscribed")
        self.nina.do("presence", show="dnd", status="busy", priority=3)
        seen = self.juliet.wait("presence", show="dnd")
        self.assertEqual(("busy", "3"), (seen["status"], seen["priority"]))


class DialbackTest(unittest.TestCase):
    """Servers that prove themselves by dialback alone."""

    def test_untrusted_certificates_and_dialback(self):
        partners = [STRANGER, partner("tailspin.example", "ejabberd-stranger")]
        with World(partners, with_causeway=False) as world:
            sam = world.probe("sam@litware.example", "a")
            tara = world.probe("tara@tailspin.example", "b")
            sam.message(tara.full_jid, "by dialback")
            tara.wait("message", body="by dialback")
            tara.message(sam.full_jid, "likewise")
            sam.wait("message", body="likewise")
            log = world.servers["litware.example"].log_text()
            self.assertIn("sent dialback key on outgoing", log)


class SipTest(unittest.TestCase):
    """Real SIP users write to and watch each other through Kamailio, on every transport."""

    def test_messages_and_presence_by_sipp_and_baresip(self):
        for transport in ("udp", "tcp", "tls"):
            with self.subTest(transport), World([], transport, with_causeway=False) as world:
                self._talk(world)

    def _talk(self, world):
        bare = world.baresip("benvolio", "romeo@contoso.example")
        sipp = world.sipp("romeo")
        sipp.register()
        receiver = sipp.receive(200)
        bare.message("Good morrow")
        receiver.wait()
        self.assertIn("Good morrow", receiver.log_text())
        sipp.send(bare.jid, "Good even", 200)
        bare.wait_output("Good even")
        sipp.publish(pidf.document(f"sip:{sipp.jid}", pidf.element("t1")))
        bare.wait_contact_status("Online")

    def test_answers_for_users_who_are_not_there(self):
        with World([], with_causeway=False) as world:
            romeo = world.sip_ua("romeo")
            self.assertEqual(480, romeo.message("tybalt@contoso.example", "hi").code)
            self.assertEqual(404, romeo.message("nobody@contoso.example", "hi").code)
            self.assertEqual(200, romeo.message(romeo.jid, "x" * 20000).code)

    def test_watching_waits_for_approval(self):
        with World([], force_active=False, with_causeway=False) as world:
            romeo = world.sip_ua("romeo")
            mercutio = world.sip_ua("mercutio")
            subscription, response = mercutio.subscribe(romeo.jid)
            self.assertEqual(200, response.code)
            subscription.wait_notify("pending")
            world.kamailio.allow(romeo.jid, mercutio.jid)
            subscription.wait_notify("active")
            romeo.publish(pidf.document(romeo.aor, pidf.element("t1", show="away", note="out")))
            notify = subscription.wait_notify("active", lambda n: n.body)
            self.assertEqual("away", pidf.read(notify.body)["t1"]["show"])
            world.kamailio.block(romeo.jid, mercutio.jid)
            self.assertIn("rejected",
                          subscription.wait_notify("terminated").get("subscription-state"))

    def test_sipp_watches(self):
        with World([], force_active=False, with_causeway=False) as world:
            watcher = world.sipp("paris", "udp").subscribe("romeo@contoso.example")
            wait_until(lambda: world.kamailio.watchers("romeo@contoso.example"), 5, "watcher")
            world.kamailio.allow("romeo@contoso.example", "paris@contoso.example")
            watcher.wait()


if __name__ == "__main__":
    unittest.main()
