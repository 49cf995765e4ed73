# SPDX-License-Identifier: Apache-2.0
"""What rides on messages between real XMPP servers and SIP users: typing, receipts, markers,
disposition notifications, threads, corrections."""
import unittest

from lab import cpim, is_composing
from lab.friendship import sip_watches_xmpp, xmpp_watches_sip
from lab.probe import sent_by
from lab.world import FABRIKAM, NORTHWIND, SIP_USERS, World


class TalkTest(unittest.TestCase):
    """What the gateway knows of a user must not help another test: romeo never shows that he takes
    message/cpim, and nobody but its own test writes to tybalt, paris, mercutio and rosaline."""

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, NORTHWIND]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony").available()
        cls.nina = cls.world.probe("nina@northwind.example", "desk").available()
        for name in SIP_USERS:
            setattr(cls, name, cls.world.sip_ua(name))

    def setUp(self):
        for user in (self.juliet, self.nina, *(getattr(self, name) for name in SIP_USERS)):
            user.mark()

    # Steps

    def _says(self, user, agent, text, **marks):
        """A message of the XMPP user, seen by the SIP user. Returns (its id, the request)."""
        mid = user.message(agent.jid, text, **marks)
        return mid, agent.wait_request("MESSAGE", lambda r: text in r.text())

    def _answers(self, agent, user, text):
        self.assertIn(agent.message(user.jid, text).code, (200, 202))
        return user.wait("message", body=text, **{"from": sent_by(agent.jid)})

    def _types(self, agent, user, state, refresh=None):
        response = agent.message(user.jid, is_composing.document(state, refresh),
                                 is_composing.TYPE)
        self.assertEqual(2, response.code // 100, response.start)

    def _takes_cpim(self, agent, user):
        """The SIP user shows that he has a client for message/cpim."""
        body = cpim.write(agent.jid, user.jid, "wrapped")[1]
        self.assertIn(agent.message(user.jid, body, cpim.TYPE).code, (200, 202))
        user.wait("message", body="wrapped", **{"from": sent_by(agent.jid)})

    def _notifies(self, agent, user, about, status):
        response = agent.message(user.jid, cpim.write_imdn(agent.jid, user.jid, about, status),
                                 cpim.TYPE)
        self.assertEqual(2, response.code // 100, response.start)

    # Typing

    def test_typing_to_sip(self):  # CT-1 CT-4 CT-5 CT-8
        for user in (self.juliet, self.nina):
            with self.subTest(user.jid):
                mark = self.tybalt.mark()
                user.do("message", to=self.tybalt.jid, state="composing")  # nobody has spoken yet
                self._says(user, self.tybalt, f"Ay me, says {user.jid}", state="active")
                user.do("message", to=self.tybalt.jid, state="composing")
                status = self.tybalt.wait_request("MESSAGE", is_composing.is_one)
                self.assertEqual(("active", 90), is_composing.read(status))
                self.assertIn(f"sip:{user.jid}", status.get("from"))
                self.assertEqual([], status.all("contact"))
                user.do("message", to=self.tybalt.jid, state="paused")
                status = self.tybalt.wait_request("MESSAGE", is_composing.is_one)
                self.assertEqual("idle", is_composing.read(status)[0])
                self.assertEqual(2, len([r for r in self.tybalt.since(mark, "MESSAGE")
                                         if is_composing.is_one(r)]))

    def test_typing_ends_with_presence(self):  # CT-5
        tybalt = self.tybalt
        laura = self.world.probe("laura@fabrikam.example", "phone").available()
        sip_watches_xmpp(tybalt, laura)
        self._says(laura, tybalt, "Peace?", state="active")
        laura.do("message", to=tybalt.jid, state="composing")
        tybalt.wait_request("MESSAGE", is_composing.is_one)
        laura.do("presence", type="unavailable")
        status = tybalt.wait_request("MESSAGE", is_composing.is_one)
        self.assertEqual("idle", is_composing.read(status)[0])

    def test_typing_to_xmpp(self):  # CT-2 CT-6 CT-9 CT-10
        for jid in ("helena@fabrikam.example", "ursula@northwind.example"):
            with self.subTest(jid):
                user = self.world.probe(jid, "desk").available()
                first = self._answers(self.romeo, user, f"She speaks, {user.jid}")
                self.assertEqual("active", first.get("state"))
                self._says(user, self.romeo, f"What man, {user.jid}", state="active")
                mark = user.mark()
                self._types(self.romeo, user, "active", 60)
                event = user.wait("message", state="composing",
                                  **{"from": sent_by(self.romeo.jid)})
                self.assertEqual("chat", event["type"])
                self.assertNotIn("body", event)
                self._types(self.romeo, user, "active", 60)
                self._types(self.romeo, user, "idle")
                user.wait("message", state="active")
                self._types(self.romeo, user, "active", 1)
                user.wait("message", state="composing")
                user.wait("message", state="paused")
                self.assertEqual(["composing", "active", "composing", "paused"],
                                 [e["state"] for e in user.since(mark, "message")])

    def test_states_are_not_for_clients_that_do_not_know_them(self):  # CT-9
        self._says(self.nina, self.romeo, "no states here")
        mark = self.nina.mark()
        self._types(self.romeo, self.nina, "active")
        message = self._answers(self.romeo, self.nina, "none here, then")
        self.assertNotIn("state", message)
        self.assertEqual(1, len(self.nina.since(mark, "message")))

    def test_status_refused(self):  # CT-7 MSG-44
        paris = self.paris
        paris.answers["MESSAGE"] = lambda r: 415 if is_composing.is_one(r) else 200
        self._says(self.juliet, paris, "Happily met", state="active")
        self.juliet.do("message", to=paris.jid, state="composing")
        paris.wait_request("MESSAGE", is_composing.is_one)
        mark = paris.mark()
        events = self.juliet.mark()
        self.juliet.do("message", to=paris.jid, state="paused")
        self.juliet.do("message", to=paris.jid, state="composing")
        self._says(self.juliet, paris, "That may be", state="active")
        self.assertEqual([], [r for r in paris.since(mark, "MESSAGE") if is_composing.is_one(r)])
        self.assertEqual([], self.juliet.since(events, "message", type="error"))

    # Receipts and notifications

    def test_receipt_after_200(self):  # RCPT-5 RCPT-6 RCPT-7
        xmpp_watches_sip(self.juliet, self.romeo)
        mid, request = self._says(self.juliet, self.romeo, "Art thou not Romeo?", request=True)
        self.assertTrue(request.get("content-type").startswith("text/plain"))
        receipt = self.juliet.wait("message", received=mid, **{"from": sent_by(self.romeo.jid)})
        self.assertEqual("chat", receipt["type"])
        self.assertNotIn("body", receipt)
        self.romeo.answers["MESSAGE"] = 202
        self.addCleanup(self.romeo.answers.update, {"MESSAGE": 200})
        second, _ = self._says(self.juliet, self.romeo, "and a Montague?", request=True)
        mark = self.nina.mark()  # she may not see him
        third, _ = self._says(self.nina, self.romeo, "Good even, cousin", request=True)
        self._answers(self.romeo, self.juliet, "Neither, fair saint")
        self._answers(self.romeo, self.nina, "Is the day so young?")
        self.assertEqual([], self.juliet.since(0, "message", received=second))
        self.assertEqual([], self.nina.since(mark, "message", received=third))

    def test_notifications_to_xmpp(self):  # RCPT-1 RCPT-2 RCPT-3 RCPT-4 SEC-10
        mercutio = self.mercutio
        xmpp_watches_sip(self.juliet, mercutio)
        self._takes_cpim(mercutio, self.juliet)
        mid, request = self._says(self.juliet, mercutio, "Tybalt seeks him", request=True,
                                  markable=True)
        self.assertTrue(cpim.is_one(request), repr(request))
        wrapped = cpim.Cpim(request.body)
        self.assertEqual("Tybalt seeks him", wrapped.content)
        self.assertEqual(f"imdn <{cpim.NS_HEADER}>", wrapped.headers["NS"])
        self.assertEqual({"positive-delivery", "negative-delivery", "display"},
                         set(wrapped.headers["imdn.Disposition-Notification"].split(", ")))
        self.assertIn(self.juliet.jid, wrapped.headers["From"])
        about = wrapped.headers["imdn.Message-ID"]
        mark = self.juliet.mark()
        self._notifies(self.benvolio, self.juliet, about, "delivered")  # it did not go to him
        self._notifies(mercutio, self.juliet, "nobody-issued-this", "delivered")
        self._notifies(mercutio, self.juliet, about, "delivered")
        self.juliet.wait("message", received=mid, **{"from": sent_by(mercutio.jid)})
        self._notifies(mercutio, self.juliet, about, "displayed")
        self.juliet.wait("message", displayed=mid, **{"from": sent_by(mercutio.jid)})
        self.assertEqual(2, len(self.juliet.since(mark, "message")))
        mid, request = self._says(self.juliet, mercutio, "a challenge", request=True)
        self._notifies(mercutio, self.juliet,
                       cpim.Cpim(request.body).headers["imdn.Message-ID"], "failed")
        error = self.juliet.wait("message", id=mid, type="error")["error"]
        self.assertEqual(("wait", "recipient-unavailable"), (error["type"], error["condition"]))

    def test_notifications_to_sip(self):  # RCPT-8 RCPT-9 RCPT-10 RCPT-11 MSG-58
        benvolio = self.benvolio
        sip_watches_xmpp(benvolio, self.nina)
        ids = []
        for text in ("one", "two", "three"):
            about, body = cpim.write(benvolio.jid, self.nina.jid, text,
                                     "positive-delivery, negative-delivery, display")
            self.assertIn(benvolio.message(self.nina.jid, body, cpim.TYPE).code, (200, 202))
            event = self.nina.wait("message", body=text, **{"from": sent_by(benvolio.jid)})
            self.assertEqual((True, True, about),
                             (event["request"], event["markable"], event["id"]))
            ids.append(about)
        self.nina.do("message", to=benvolio.jid, received=ids[0])
        notice = benvolio.wait_request("MESSAGE", cpim.is_imdn)
        wrapped = cpim.Cpim(notice.body)
        self.assertEqual((ids[0], "delivered"), wrapped.imdn())
        self.assertEqual("notification", wrapped.mime["Content-Disposition"])
        self.assertIn(self.nina.jid, wrapped.headers["From"])
        self.assertIn(benvolio.jid, wrapped.headers["To"])
        self.assertNotIn("imdn.Disposition-Notification", wrapped.headers)
        self.nina.do("message", to=benvolio.jid, received=ids[0])
        self.nina.do("message", to=benvolio.jid, displayed=ids[1])
        seen = [cpim.Cpim(benvolio.wait_request("MESSAGE", cpim.is_imdn).body).imdn()
                for _ in range(2)]
        self.assertEqual([(ids[0], "displayed"), (ids[1], "displayed")], seen)

    def test_late_failure(self):  # MSG-50 RCPT-12
        about, body = cpim.write(self.benvolio.jid, "nobody@fabrikam.example", "anybody?",
                                 "negative-delivery")
        response = self.benvolio.message("nobody@fabrikam.example", body, cpim.TYPE)
        self.assertEqual(202, response.code)
        notice = self.benvolio.wait_request("MESSAGE", cpim.is_imdn)
        self.assertEqual((about, "failed"), cpim.Cpim(notice.body).imdn())

    def test_back_to_plain_text(self):  # MSG-40
        rosaline = self.rosaline
        xmpp_watches_sip(self.nina, rosaline)
        self._takes_cpim(rosaline, self.nina)
        rosaline.answers["MESSAGE"] = lambda r: 415 if cpim.is_one(r) else 200
        mid, refused = self._says(self.nina, rosaline, "Dost thou love me?", request=True)
        self.assertTrue(cpim.is_one(refused))
        plain = rosaline.wait_request("MESSAGE")
        self.assertEqual("Dost thou love me?", plain.text())
        self.assertEqual(refused.get("call-id"), plain.get("call-id"))
        self.assertGreater(int(plain.get("cseq").split()[0]), int(refused.get("cseq").split()[0]))
        self.nina.wait("message", received=mid)
        _, request = self._says(self.nina, rosaline, "Or shall I frown?", request=True)
        self.assertFalse(cpim.is_one(request))

    # Conversations

    def test_threads(self):  # MSG-15 MSG-16 MSG-56
        for thread in ("3f6c9d1e-77aa-4c55-9f0b-2d1c8e5b7a10", "a feud, & <old>"):
            with self.subTest(thread):
                _, first = self._says(self.juliet, self.romeo, "one of it", thread=thread)
                _, second = self._says(self.juliet, self.romeo, "two of it", thread=thread)
                self.assertEqual(first.get("call-id"), second.get("call-id"))
                self.romeo.send("MESSAGE", f"sip:{self.juliet.jid}",
                                [("Content-Type", "text/plain;charset=UTF-8")], "three of it",
                                call_id=first.get("call-id"))
                self.assertEqual(thread, self.juliet.wait("message", body="three of it")["thread"])

    def test_conversation_from_sip(self):  # MSG-56
        begun = self._answers(self.romeo, self.juliet, "begun here")
        _, request = self._says(self.juliet, self.romeo, "and answered", thread=begun["thread"])
        self.assertEqual(begun["thread"], request.get("call-id"))

    def test_correction(self):  # EXT-1
        mid, _ = self._says(self.juliet, self.romeo, "Romo")
        _, request = self._says(self.juliet, self.romeo, "Romeo", replaces=mid)
        self.assertEqual("* Romeo", request.text())


if __name__ == "__main__":
    unittest.main()
