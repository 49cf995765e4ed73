# SPDX-License-Identifier: Apache-2.0
"""Messages both ways between real XMPP servers and real SIP users, on every SIP transport."""
import json
import os
import subprocess
import threading
import unittest

from lab.probe import sent_by
from lab.world import FABRIKAM, NORTHWIND, PASSWORD, World, build_folder

TEXT = ("Good morrow, <Romeo> & \"friends\": 'tis \u00fcn\u00ef "
        "\U0001f339\U0001f468\u200d\U0001f469\u200d\U0001f467")


class Messages:
    """The tests; a subclass names the transport towards Kamailio."""

    transport = None
    contact = None  # port and parameters of the gateway's

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, NORTHWIND], cls.transport).start()
        cls.addClassCleanup(cls.world.stop)
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony").available()
        cls.nina = cls.world.probe("nina@northwind.example", "desk").available()
        cls.romeo = cls.world.sip_ua("romeo")

    def setUp(self):
        for user in (self.juliet, self.nina, self.romeo):
            user.mark()
        self.romeo.answers["MESSAGE"] = 200

    def test_prosody_to_sip(self):  # MSG-11 MSG-12 MSG-13 MSG-24
        self.juliet.message(self.romeo.jid, TEXT)
        request = self.romeo.wait_request("MESSAGE")
        self.assertEqual(TEXT, request.text())
        self.assertRegex(request.get("content-type").lower().replace(" ", ""),
                         '^text/plain;charset="?utf-8"?$')
        self.assertIn("sip:juliet@fabrikam.example", request.get("from"))
        self.assertIn(f"sip:{self.romeo.jid}", request.get("to"))
        self.assertEqual([], request.all("contact"))
        self.assertEqual(["fabrikam.example;type=federated"], request.all("p-causeway-partner"))

    def test_subscribe_says_who_and_how(self):  # PARTNERS section 3
        watched = "rosaline@contoso.example"
        self.nina.do("subscribe", to=watched)
        self.nina.wait("presence", type="subscribed", **{"from": watched})
        self.assertEqual(f"sip:nina@{self.world.net['gateway']}:{self.contact}",
                         self.world.kamailio.watcher_contact(watched, self.nina.jid))
        self.assertRegex(self.world.kamailio.log_text(), f"SUBSCRIBE sip:{watched} .* "
                         "partner northwind.example;type=federated")

    def test_sip_to_prosody(self):  # MSG-54 MSG-55 MSG-56 MSG-61
        response = self.romeo.message(self.juliet.jid, TEXT)
        self.assertIn(response.code, (200, 202))
        message = self.juliet.wait("message", body=TEXT, **{"from": sent_by(self.romeo.jid)})
        self.assertNotEqual("error", message.get("type"))
        self.assertTrue(message["thread"])

    def test_ejabberd_to_sip_and_back(self):
        self.nina.message(self.romeo.jid, TEXT)
        request = self.romeo.wait_request("MESSAGE")
        self.assertEqual(TEXT, request.text())
        self.assertIn("sip:nina@northwind.example", request.get("from"))
        self.assertIn(self.romeo.message(self.nina.jid, "answer").code, (200, 202))
        self.nina.wait("message", body="answer", **{"from": sent_by(self.romeo.jid)})

    def test_subject_and_lines(self):  # MSG-14 MSG-13
        self.juliet.message(self.romeo.jid, "one\ntwo", subject="Balcony")
        request = self.romeo.wait_request("MESSAGE")
        self.assertEqual("Balcony", request.get("subject"))
        self.assertEqual("one\r\ntwo", request.text())
        self.romeo.message(self.juliet.jid, "three\r\nfour", headers=[("Subject", "Garden")])
        message = self.juliet.wait("message", body="three\nfour")
        self.assertEqual("Garden", message["subject"])

    def test_order_is_kept(self):  # MSG-30
        bodies = [f"number {n}" for n in range(20)]
        for body in bodies:
            self.juliet.message(self.romeo.jid, body)
        self.assertEqual(bodies, [self.romeo.wait_request("MESSAGE").text() for _ in bodies])
        for body in bodies:
            self.romeo.message(self.juliet.jid, body)
        self.assertEqual(bodies, [self.juliet.wait("message")["body"] for _ in bodies])

    def test_sipp_receives_and_sends(self):
        sipp = self.world.sipp("mercutio")
        sipp.register()
        receiver = sipp.receive(200)
        self.juliet.message(sipp.jid, "for SIPp")
        receiver.wait()
        self.assertIn("for SIPp", receiver.log_text())
        sipp.send(self.juliet.jid, "from SIPp", 202)
        self.juliet.wait("message", body="from SIPp", **{"from": sent_by(sipp.jid)})

    def test_baresip_receives_and_sends(self):
        bare = self.world.baresip("benvolio", self.juliet.jid)
        self.juliet.message(bare.jid, "for baresip \U0001f339")
        bare.wait_output("for baresip \U0001f339")
        bare.message("from baresip \U0001f339")
        self.juliet.wait("message", body="from baresip \U0001f339",
                         **{"from": sent_by(bare.jid)})

    def _error(self, to):
        mid = self.juliet.message(to, "is anybody there?")
        error = self.juliet.wait("message", id=mid, type="error", **{"from": sent_by(to)})
        return error["error"]

    def test_unknown_and_absent_users_look_alike(self):  # ERR-30 MSG-38
        unknown = self._error("nobody@contoso.example")
        absent = self._error("tybalt@contoso.example")
        self.assertEqual({"type": "cancel", "condition": "service-unavailable"}, unknown)
        self.assertEqual(unknown, absent)

    def test_sip_answers_become_errors(self):  # MSG-38 MSG-41 ERR-20 ERR-30
        expected = {404: ("cancel", "service-unavailable"), 486: ("cancel", "service-unavailable"),
                    603: ("cancel", "service-unavailable"), 403: ("cancel", "service-unavailable"),
                    500: ("cancel", "internal-server-error"), 413: ("modify", "policy-violation"),
                    406: ("modify", "not-acceptable"), 400: ("modify", "bad-request")}
        for code, (kind, condition) in expected.items():
            with self.subTest(code):
                self.romeo.answers["MESSAGE"] = code
                error = self._error(self.romeo.jid)
                self.assertEqual((kind, condition), (error["type"], error["condition"]))

    def test_unknown_xmpp_user_and_domain(self):  # MSG-50 ERR-34
        before = self.world.gateway.metric("causeway_undelivered_total",
                                           direction="sip_to_xmpp")
        response = self.romeo.message("nobody@fabrikam.example", "is anybody there?")
        self.assertIn(response.code, (202, 403, 404, 480))
        self.world.gateway.wait_metric(before + 1, "causeway_undelivered_total",
                                       direction="sip_to_xmpp")
        self.assertIn(self.romeo.message("x@unlisted.example", "hello").code, (403, 404))

    def test_unsupported_body_type(self):  # MSG-71
        response = self.romeo.message(self.juliet.jid, b"\x00\x01", "application/octet-stream")
        self.assertEqual(415, response.code)
        self.assertIn("text/plain", response.get("accept", ""))


class UdpTest(Messages, unittest.TestCase):
    transport = "udp"
    contact = "5060"

    def test_too_long_for_udp(self):  # MSG-26 MSG-27
        mark = self.romeo.mark()
        mid = self.juliet.message(self.romeo.jid, "x" * 4000)
        error = self.juliet.wait("message", id=mid, type="error")["error"]
        self.assertEqual(("modify", "policy-violation"), (error["type"], error["condition"]))
        self.assertEqual([], self.romeo.since(mark, "MESSAGE"))


class LongBodies:
    """For transports that know no limit of 1300 bytes."""

    def test_long_body_both_ways(self):
        text = ("<&>\"' äß€ \U0001f339 ]]> \n" * 300).strip()
        self.juliet.message(self.romeo.jid, text)
        request = self.romeo.wait_request("MESSAGE")
        self.assertEqual(text.replace("\n", "\r\n"), request.text())
        self.assertIn(self.romeo.message(self.juliet.jid, text).code, (200, 202))
        self.juliet.wait("message", body=text)


class TcpTest(Messages, LongBodies, unittest.TestCase):
    transport = "tcp"
    contact = "5060;transport=tcp"

    def test_ping_path(self):
        """The synthetic test of monitoring: out through the gateway to a SIP user, and back."""
        watchdog = "watchdog@fabrikam.example"
        self.world.servers["fabrikam.example"].add_user(watchdog, PASSWORD)

        def echo():
            request = self.romeo.wait_request("MESSAGE", lambda r: "causeway-probe" in r.text())
            self.romeo.message(watchdog, request.text())
        thread = threading.Thread(target=echo)
        thread.start()
        done = subprocess.run(
            [os.path.join(build_folder(), "causeway-probe"), "ping-path", "--jid", watchdog,
             "--password-file", self.juliet.password_file, "--ca", self.world.ca.file, "--connect",
             self.juliet.server_address, "--to", self.romeo.jid], capture_output=True, text=True,
            timeout=60, check=False)
        thread.join()
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertEqual("echo", json.loads(done.stdout)["result"])


class TlsTest(Messages, LongBodies, unittest.TestCase):
    transport = "tls"
    contact = "5061;transport=tls"


if __name__ == "__main__":
    unittest.main()
