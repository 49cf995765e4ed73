# SPDX-License-Identifier: Apache-2.0
"""causewayctl and reload, seen from the users' side."""
import json
import os
import unittest

from lab.friendship import arrives, sip_watches_xmpp, xmpp_watches_sip
from lab.probe import sent_by
from lab.world import FABRIKAM, WILDMAIL, World


class ControlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, WILDMAIL]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.gateway = cls.world.gateway
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony").available()
        cls.nurse = cls.world.probe("nurse@wildmail.example", "x").available()
        cls.romeo = cls.world.sip_ua("romeo")

    def setUp(self):
        for user in (self.juliet, self.nurse, self.romeo):
            user.mark()

    def _ctl(self, *words):
        code, output = self.gateway.ctl(*words)
        self.assertEqual(0, code, output)
        return output

    def _arrives(self, probe, text):
        return arrives(self.world, probe, self.romeo, text)

    def test_status_and_lists(self):
        xmpp_watches_sip(self.juliet, self.romeo)
        self.assertIn("gw1", self._ctl("status"))
        partners = self._ctl("partner", "list")
        self.assertIn("fabrikam.example", partners)
        self.assertIn("wildmail.example", partners)
        self.assertIn("fabrikam.example", self._ctl("streams"))
        self.assertIn("juliet@fabrikam.example", self._ctl("subscriptions"))
        self.assertEqual(dict, type(json.loads(self._ctl("--json", "status"))))
        self.assertEqual(3, self.gateway.ctl("partner", "show", "unlisted.example")[0])

    def test_block_always_wins(self):  # PARTNERS section 3
        pair = (self.romeo.jid, self.juliet.jid)
        self.assertTrue(self._arrives(self.juliet, "before the block"))
        self._ctl("block", *pair)
        self.assertFalse(self._arrives(self.juliet, "blocked"))
        self._ctl("unblock", *pair)
        self.assertTrue(self._arrives(self.juliet, "after the block"))

    def test_removed_contact_is_a_stranger_again(self):  # PARTNERS section 3, SUB-92
        sip_watches_xmpp(self.romeo, self.nurse)
        self.assertTrue(self._arrives(self.nurse, "as a contact"))
        self._ctl("subscription", "remove", self.romeo.jid, self.nurse.jid)
        self.nurse.wait("presence", type="unsubscribe", **{"from": sent_by(self.romeo.jid)})
        self.assertFalse(self._arrives(self.nurse, "as a stranger"))

    def test_reload_pauses_and_resumes_a_partner(self):
        self.gateway.write_partner("fabrikam.example", type="federated", enabled=False)
        self._ctl("reload")
        self.assertFalse(self._arrives(self.juliet, "while paused"))
        self.assertIn(self.romeo.message(self.juliet.jid, "paused").code, (403, 404))
        self.gateway.write_partner("fabrikam.example", type="federated")
        self._ctl("reload")
        self.world.wait(lambda: self._arrives(self.juliet, "resumed"), "the partner stays paused")

    def _knock(self, domain, reason, direction):
        """The row of `causewayctl knocks`, once it counts something in that direction."""
        found = []

        def check():
            rows = json.loads(self._ctl("--json", "knocks"))
            found[:] = [r for r in rows if (r["domain"], r["reason"]) == (domain, reason)]
            return bool(found) and found[0][direction] > 0
        self.world.wait(check, f"{domain} was not turned away as {reason}")
        return found[0]

    def test_who_is_turned_away_at_the_edge_is_shown(self):
        self.assertTrue(self._arrives(self.juliet, "before"))
        self.gateway.write_partner("fabrikam.example", type="federated", enabled=False)
        self._ctl("reload")
        self.assertFalse(self._arrives(self.juliet, "turned away"))
        row = self._knock("fabrikam.example", "partner_disabled", "xmpp_to_sip")
        self.assertRegex(row["peer"], r"^127\.0\.\d+\.\d+:\d+$")
        self.assertRegex(row["first"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertIn("causewayctl partner add", self._ctl("knocks"))
        self.gateway.write_partner("fabrikam.example", type="federated")
        self._ctl("reload")
        self.world.wait(lambda: self._arrives(self.juliet, "again"), "the partner stays paused")

    def test_whom_our_users_want_to_reach_is_shown(self):
        self.assertIn(self.romeo.message("x@stranger.example", "anybody?").code, (403, 404))
        row = self._knock("stranger.example", "unlisted", "sip_to_xmpp")
        self.assertEqual((0, 1), (row["xmpp_to_sip"], row["local_users"]))
        self.assertIsNone(row["peer"])

    def test_quarantine_is_shown_and_ended(self):  # SEC-6
        self.assertIn("nobody is in quarantine", self._ctl("quarantine", "list"))
        self.assertEqual(3, self.gateway.ctl("quarantine", "release", "wildmail.example")[0])
        for _ in range(20):
            for n in range(30):
                self.nurse.message(self.romeo.jid, f"spam {n}")
            if "wildmail.example" in self._ctl("quarantine", "list"):
                break
        rows = json.loads(self._ctl("--json", "quarantine", "list"))
        self.assertEqual([("wildmail.example", "partner")], [(r["who"], r["scope"]) for r in rows])
        self.assertTrue(0 < rows[0]["left_s"] <= 600, rows)
        self.assertTrue(self._arrives(self.juliet, "another partner"))
        self._ctl("quarantine", "release", "wildmail.example")
        self.assertIn("nobody is in quarantine", self._ctl("quarantine", "list"))

    def test_abuse_contact_is_told(self):  # XEP-0157
        self.juliet.do("raw", xml="<iq type='get' id='abuse' to='contoso.example'><query xmlns="
                                  "'http://jabber.org/protocol/disco#info'/></iq>")
        answer = self.juliet.wait("iq", id="abuse")
        self.assertIn("mailto:abuse@contoso.example", json.dumps(answer))
        self.assertIn("http://jabber.org/network/serverinfo", json.dumps(answer))

    def test_reload_with_errors_changes_nothing(self):
        self.gateway.write_partner("broken.example", tls="not_supported", sasl="required")
        try:
            code, output = self.gateway.ctl("reload")
            self.assertEqual(6, code, output)
            self.assertIn("E104", output)
        finally:
            os.unlink(os.path.join(self.gateway.partners, "broken.example.yaml"))
        self.assertTrue(self._arrives(self.juliet, "still the old policy"))


if __name__ == "__main__":
    unittest.main()
