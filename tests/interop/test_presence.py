# SPDX-License-Identifier: Apache-2.0
"""Presence through the gateway: resources, shows, notes and priorities in both directions."""
import base64
import hashlib
import unittest
import xml.etree.ElementTree as ET

from lab import pidf
from lab.friendship import sip_watches_xmpp, xmpp_watches_sip
from lab.world import ADATUM, FABRIKAM, NORTHWIND, World


CAPS = "{http://jabber.org/protocol/caps}"
INFO = "{http://jabber.org/protocol/disco#info}"
SINCE = "2026-03-02T08:00:00Z"


def statuses(event):
    """{language: text} of a presence that arrived; the probe prints xml:lang without its prefix."""
    root = ET.fromstring(event["xml"])
    return {one.get("lang"): one.text for one in root if one.tag.split("}")[-1] == "status"}


def child(event, tag):
    return ET.fromstring(event["xml"]).find(tag)


def capabilities_hash(query):
    """XEP-0115 section 5.1 of a disco#info answer."""
    identities = sorted(f"{i.get('category')}/{i.get('type')}/{i.get(pidf.LANG, '')}/{i.get('name')}<"
                        for i in query.findall(f"{INFO}identity"))
    features = sorted(f"{f.get('var')}<" for f in query.findall(f"{INFO}feature"))
    text = "".join(identities + features)
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()


class XmppPresenceTest(unittest.TestCase):
    """A SIP user sees an XMPP user."""

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, NORTHWIND]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.romeo = cls.world.sip_ua("romeo")

    def _sees(self, subscription, check):
        notify = subscription.wait_notify("active", lambda n: n.body and check(pidf.read(n.body)),
                                          timeout_s=15)
        return pidf.read(notify.body)

    def test_two_resources(self):  # PRES-5 PRES-9 PRES-16 PRES-17
        balcony = self.world.probe("juliet@fabrikam.example", "balcony").available(priority=127)
        subscription = sip_watches_xmpp(self.romeo, balcony)
        garden = self.world.probe("juliet@fabrikam.example", "garden").available(
            show="away", status="among <roses> & \U0001f339", priority=1)
        both = self._sees(subscription, lambda d: "ID-garden" in d and "ID-balcony" in d)
        self.assertEqual(("away", "among <roses> & \U0001f339", "0.007"), tuple(
            both["ID-garden"][key] for key in ("show", "note", "priority")))
        self.assertEqual(1.0, float(both["ID-balcony"]["priority"]))
        garden.do("presence", type="unavailable")
        left = self._sees(subscription, lambda d: d.get("ID-garden", {}).get("basic") != "open")
        self.assertEqual("open", left["ID-balcony"]["basic"])
        balcony.do("presence", type="unavailable")
        self._sees(subscription, lambda d: all(
            entry["basic"] == "closed" for key, entry in d.items() if key is not None))

    def test_shows(self):  # PRES-10 PRES-30
        nina = self.world.probe("nina@northwind.example", "desk").available()
        subscription = sip_watches_xmpp(self.romeo, nina)
        for show, activity in (("away", "away"), ("xa", "away"), ("dnd", "busy"), ("chat", None)):
            with self.subTest(show):
                nina.do("presence", show=show, status=f"I am {show}")
                seen = self._sees(subscription, lambda d, show=show: d.get(
                    "ID-desk", {}).get("show") == show)
                self.assertEqual(f"I am {show}", seen["ID-desk"]["note"])
                self.assertEqual([activity] if activity else [], seen[None])

    def test_languages_and_idleness(self):  # PRES-11 PRES-33
        olga = self.world.probe("olga@northwind.example", "desk").available()
        subscription = sip_watches_xmpp(self.romeo, olga)
        olga.do("raw", xml="<presence><show>away</show><status xml:lang='en'>at lunch</status>"
                           "<status xml:lang='de'>beim Essen</status>"
                           f"<idle xmlns='urn:xmpp:idle:1' since='{SINCE}'/></presence>")
        seen = self._sees(subscription, lambda d: d.get("ID-desk", {}).get("show") == "away")
        self.assertEqual({"en": "at lunch", "de": "beim Essen"}, seen["ID-desk"]["notes"])
        self.assertEqual(SINCE, seen["ID-desk"]["idle_since"])

    def test_baresip_sees_online_and_offline(self):
        helena = self.world.probe("helena@fabrikam.example", "home").available()
        bare = self.world.baresip("benvolio", helena.jid)
        helena.wait("presence", type="subscribe", **{"from": bare.jid})
        helena.do("subscribed", to=bare.jid)
        bare.wait_contact_status("Online")
        helena.do("presence", type="unavailable")
        bare.wait_contact_status("Offline", 15)


class SipPresenceTest(unittest.TestCase):
    """An XMPP user sees a SIP user."""

    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, ADATUM]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony").available()
        cls.ada = cls.world.probe("ada@adatum.example", "desk").available()
        cls.romeo = cls.world.sip_ua("romeo")
        xmpp_watches_sip(cls.juliet, cls.romeo)
        xmpp_watches_sip(cls.ada, cls.romeo)

    def setUp(self):
        self.juliet.mark()
        self.ada.mark()

    def _publish(self, *parts):
        self.romeo.publish(pidf.document(self.romeo.aor, *parts))

    def test_two_devices(self):  # PRES-27 PRES-28 PRES-29 PRES-37
        contact = self.romeo.contact
        self._publish(pidf.element("ID-phone", note="on <foot>", priority="0.5", contact=contact),
                      pidf.element("ID-desk", show="dnd", priority="1", contact=contact))
        phone = self.juliet.wait("presence", **{"from": f"{self.romeo.jid}/phone"})
        desk = self.juliet.wait("presence", **{"from": f"{self.romeo.jid}/desk"})
        self.assertEqual(("on <foot>", "64"), (phone["status"], phone["priority"]))
        self.assertEqual(("dnd", "127"), (desk["show"], desk["priority"]))
        self.assertNotIn("show", phone)
        self._publish(pidf.element("ID-phone", contact=contact))
        gone = self.juliet.wait("presence", **{"from": f"{self.romeo.jid}/desk"})
        self.assertEqual("unavailable", gone["type"])
        self._publish(pidf.element("ID-phone", "closed"))
        gone = self.juliet.wait("presence", type="unavailable",
                                **{"from": f"{self.romeo.jid}/phone"})
        self.assertNotIn("priority", gone)  # PRES-45

    def test_shows_from_rpid(self):  # PRES-30
        for activity, show in (("vacation", "xa"), ("busy", "dnd"), ("lunch", "away"),
                               ("on-the-phone", "dnd"), ("working", None)):
            with self.subTest(activity):
                self._publish(pidf.element("ID-phone", note=activity), pidf.person(activity))
                seen = self.juliet.wait("presence", status=activity)
                self.assertEqual(show, seen.get("show"))

    def test_activities_in_words(self):  # PRES-29 PRES-30
        for activity, words in (("on-the-phone", "On the phone"), ("meeting", "In a meeting")):
            with self.subTest(activity):
                self._publish(pidf.element("ID-phone"), pidf.person(activity))
                seen = self.juliet.wait("presence", show="dnd", status=words)
                self.assertEqual({"en": words}, statuses(seen))
                self.assertNotIn("status", self.ada.wait("presence", show="dnd"))
                self._publish(pidf.element("ID-phone"))
                self.juliet.wait("presence", show=None, status=None)
                self.ada.wait("presence", show=None)

    def test_languages(self):  # PRES-29
        self._publish(pidf.element("ID-phone", show="dnd",
                                   notes=(("en", "in the office"), ("pl", "w biurze"))))
        seen = self.juliet.wait("presence", show="dnd")
        self.assertEqual({"en": "in the office", "pl": "w biurze"}, statuses(seen))

    def test_idleness(self):  # PRES-33
        self._publish(pidf.element("ID-phone", idle_since=SINCE))
        seen = self.juliet.wait("presence", show="away")
        self.assertEqual(SINCE, child(seen, "{urn:xmpp:idle:1}idle").get("since"))

    def test_capabilities(self):  # PRES-43 IQ-6
        self._publish(pidf.element("ID-phone", show="xa"))
        seen = child(self.juliet.wait("presence", show="xa"), f"{CAPS}c")
        node = f"{seen.get('node')}#{seen.get('ver')}"
        self.juliet.do("raw", xml=f"<iq type='get' id='caps' to='{self.romeo.jid}/phone'><query "
                                  f"xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>"
                                  "</iq>")
        query = child(self.juliet.wait("iq", id="caps"), f"{INFO}query")
        self.assertEqual(node, query.get("node"))
        self.assertEqual(seen.get("ver"), capabilities_hash(query))

    def test_shows_copied(self):  # PRES-30
        for show in ("away", "xa", "dnd", "chat"):
            with self.subTest(show):
                self._publish(pidf.element("ID-phone", show=show))
                self.juliet.wait("presence", show=show)

    def test_note_is_stripped_for_a_verified_partner(self):  # PARTNERS section 3
        self._publish(pidf.element("ID-phone", show="away", note="a secret"))
        self.assertEqual("a secret", self.juliet.wait("presence", show="away")["status"])
        self.assertNotIn("status", self.ada.wait("presence", show="away"))

    def test_published_by_sipp(self):
        sipp = self.world.sipp("mercutio", "udp")
        xmpp_watches_sip(self.juliet, sipp)
        sipp.publish(pidf.document(f"sip:{sipp.jid}", pidf.element("ID-sipp", show="xa")))
        self.assertEqual(f"{sipp.jid}/sipp", self.juliet.wait("presence", show="xa")["from"])

    def test_published_by_baresip(self):
        bare = self.world.baresip("benvolio", "romeo@contoso.example")
        self.juliet.do("subscribe", to=bare.jid)
        opened = self.juliet.wait("presence", **{
            "type": None, "from": lambda value: (value or "").startswith(bare.jid + "/")})
        bare.publish("offline")
        self.juliet.wait("presence", type="unavailable", **{"from": opened["from"]})

    def test_probe_is_answered(self):  # SUB-36
        self._publish(pidf.element("ID-phone", show="away", note="still here"))
        self.juliet.wait("presence", status="still here")
        again = self.world.probe("juliet@fabrikam.example", "garden").available()
        self.assertEqual("away", again.wait("presence", status="still here")["show"])
        again.stop()


if __name__ == "__main__":
    unittest.main()
