# SPDX-License-Identifier: Apache-2.0
"""Partners as an operator edits them: causewayctl and the API, with real servers behind."""
import http.client
import json
import os
import socket
import time
import unittest

from lab.friendship import arrives, sip_watches_xmpp, xmpp_watches_sip
from lab.world import FABRIKAM, World, partner

ADATUM = partner("adatum.example", kind="federated")
OK, USAGE, NOT_FOUND, UNREACHABLE, CONFIG, CONFLICT = 0, 2, 3, 5, 6, 7
CSV = ('"Domain","Description","AdditionalDomains","PartnerType","TlsNegotiation",'
       '"SaslNegotiation","SupportDialbackNegotiation","EnableKeepAlive"\n'
       '"lync-one.example","from Lync","","Federated","Required","Optional","True","True"\n'
       '"lync-two.example","","","PublicVerified","Required","Required","False","True"\n')


class Api(http.client.HTTPConnection):
    """The API over the daemon's unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        here = os.getcwd()  # the whole path may pass 107 octets
        os.chdir(os.path.dirname(self._path))
        try:
            self.sock.connect(os.path.basename(self._path))
        finally:
            os.chdir(here)

    def ask(self, method, path, document=None, **headers):
        """(status, headers, document)"""
        body = None if document is None else json.dumps(document)
        self.request(method, path, body,
                     {name.replace("_", "-"): value for name, value in headers.items()})
        response = self.getresponse()
        text = response.read()
        return response.status, response.headers, json.loads(text) if text else None


class PolicyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM, ADATUM]).start()
        cls.addClassCleanup(cls.world.stop)
        cls.gateway, cls.edge = cls.world.gateway, cls.world.edge
        cls.gateway.remove_partner("adatum.example")  # the store will have it
        assert cls.gateway.ctl("reload")[0] == OK
        cls.juliet = cls.world.probe("juliet@fabrikam.example", "balcony").available()
        cls.tybalt = cls.world.probe("tybalt@adatum.example", "x").available()
        cls.romeo = cls.world.sip_ua("romeo")

    def setUp(self):
        for user in (self.juliet, self.tybalt, self.romeo):
            user.mark()
        self.addCleanup(self._start_over)

    def _start_over(self):
        for domain in [p["domain"] for p in self._json("policy", "show")["document"]["partners"]]:
            self._ctl("partner", "remove", domain)
        self._ctl("federation", "on")

    def _ctl(self, *words, code=OK, stdin=None):
        got, output = self.gateway.ctl(*words, stdin=stdin)
        self.assertEqual(code, got, output)
        return output

    def _json(self, *words):
        return json.loads(self._ctl("--json", *words))

    def _revision(self):
        return self._json("status")["policy_revision"]

    def _add_adatum(self, *options):
        return self._ctl("partner", "add", "adatum.example", "--type", "federated", *options)

    def _file(self, name, text):
        path = os.path.join(self.gateway.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def _arrives(self, probe, text):
        return arrives(self.world, probe, self.romeo, text)

    def _streams_of(self, domain):
        return [s for s in self._json("streams") if s["remote_domain"] == domain]

    def test_a_committed_partner_is_served_at_once_and_after_a_restart(self):
        self.assertEqual(404, self.romeo.message(self.tybalt.jid, "too early").code)
        before = self._revision()
        output = self._add_adatum("--comment", "the sales people asked for it")
        self.assertIn("+ adatum.example  federated", output)
        self.assertRegex(output, r"applied at edge1 in \d+ ms")
        self.assertEqual(before + 1, self._revision())
        self.assertEqual(202, self.romeo.message(self.tybalt.jid, "now").code)
        self.tybalt.wait("message", body="now")
        head = self._json("policy", "history", "--limit", "1")[0]
        self.assertEqual(before + 1, head["revision"])
        self.assertEqual("the sales people asked for it", head["comment"])
        self.assertTrue(head["author"])
        self.gateway.kill()
        self.gateway.restart()
        self.romeo.mark()
        self.assertEqual(before + 1, self._revision())
        self.assertEqual(202, self.romeo.message(self.tybalt.jid, "still").code)
        self.tybalt.wait("message", body="still")

    def test_edges_apply_within_a_second(self):
        self._add_adatum()
        slowest = 0
        for n in range(30):
            self._ctl("partner", "set", "adatum.example", "--description", f"number {n}")
            link = self._json("status")["links"][0]
            self.assertEqual(0, link["lag_ms"])
            slowest = max(slowest, link["applied_in_ms"])
        print(f"# slowest of 30 commits at the edge: {slowest} ms")
        self.assertLess(slowest, 1000)
        self.assertEqual(self.edge.metric("causeway_config_revision"),
                         self.gateway.metric("causeway_config_revision"))

    def test_sasl_needs_tls(self):  # PARTNERS section 2
        self._add_adatum()
        before = self._revision()
        output = self._ctl("partner", "set", "adatum.example", "--tls", "not_supported",
                           code=CONFIG)
        self.assertIn("E104", output)
        self.assertIn("set tls to required (recommended) or optional, or sasl to not_supported",
                      output)
        self.assertEqual(before, self._revision())
        self.assertEqual("required", self._json("partner", "show", "adatum.example")["tls"])
        self.assertTrue(self._arrives(self.tybalt, "as before"))

    def test_rows_with_a_warning_are_saved(self):
        output = self._add_adatum("--sasl", "required", "--dialback", "true")
        self.assertIn("warning W101", output)
        self.assertIn("W101", self._ctl("partner", "lint", "adatum.example"))
        self._ctl("partner", "lint", "--strict", code=1)

    def test_preconditions_of_the_api(self):
        api = Api(self.gateway.socket)
        path = "/v1/partners/adatum.example"
        record = {"type": "federated"}
        self.assertEqual(428, api.ask("PUT", path, record)[0])
        status, headers, answer = api.ask("PUT", path, record, If_None_Match="*")
        self.assertEqual((201, path), (status, headers["Location"]))
        tag = f'"{answer["revision"]}"'
        self.assertEqual(tag, headers["ETag"])
        self.assertEqual("federated", answer["partner"]["type"])
        self.assertEqual(412, api.ask("PUT", path, record, If_None_Match="*")[0])
        self.assertEqual(409, api.ask("POST", "/v1/partners", {"domain": "ADATUM.example"},
                                      If_Match=tag)[0])
        status, headers, answer = api.ask("PATCH", path, {"tls": "not_supported", "dialback": None},
                                          If_Match=tag)
        self.assertEqual((422, tag), (status, headers["ETag"]))
        self.assertEqual([("/sasl", "E104")],
                         [(e["pointer"], e["code"]) for e in answer["errors"]])
        self.assertEqual(422, api.ask("PATCH", path, {"domain": "other.example"}, If_Match=tag)[0])
        self.assertEqual(200, api.ask("PATCH", path, {"dialback": False}, If_Match=tag)[0])
        self.assertEqual(412, api.ask("DELETE", path, If_Match=tag)[0])
        self.assertEqual(400, api.ask("PATCH", path, ["no object"], If_Match="*")[0])
        self.assertEqual(400, api.ask("DELETE", path + "?comment=%FF", If_Match="*")[0])
        self.assertEqual(200, api.ask("PATCH", path + "?comment=a%0Ab%1B%5B2J", {"dialback": True},
                                      If_Match="*")[0])
        self.assertEqual("a b [2J", api.ask("GET", "/v1/policy")[2]["comment"])
        first, second = (api.ask("GET", path)[1]["X-Request-Id"] for _ in range(2))
        self.assertNotEqual(first, second)
        self.assertEqual(200, api.ask("DELETE", path, If_Match="*")[0])
        self.assertEqual(404, api.ask("DELETE", path, If_Match="*")[0])
        api.close()

    def test_two_operators_do_not_overwrite_each_other(self):
        self._add_adatum()
        seen = self._revision()
        self._ctl("partner", "set", "adatum.example", "--description", "ana's")
        output = self._ctl("partner", "set", "adatum.example", "--description", "ben's",
                           "--if-match", str(seen), code=CONFLICT)
        self.assertIn("Somebody else changed the policy", output)
        self.assertEqual("ana's", self._json("partner", "show", "adatum.example")["description"])

    def test_dry_run_changes_nothing(self):
        before = self._revision()
        output = self._add_adatum("--dry-run")
        self.assertIn("+ adatum.example", output)
        self.assertIn("nothing was changed", output)
        self.assertEqual(before, self._revision())
        self._ctl("partner", "show", "adatum.example", code=NOT_FOUND)

    def test_files_are_read_only_here_and_own_their_domains(self):
        output = self._ctl("partner", "set", "fabrikam.example", "--tls", "optional",
                           code=CONFLICT)
        self.assertIn("fabrikam.example.yaml:", output)
        output = self._ctl("partner", "add", "other.example", "--additional-domains",
                           "Fabrikam.EXAMPLE.", code=CONFIG)
        self.assertIn("E122 fabrikam.example belongs to the partner fabrikam.example", output)
        self._add_adatum()
        self.gateway.write_partner("adatum.example", type="federated")
        self.addCleanup(self.gateway.remove_partner, "adatum.example")
        output = self._ctl("reload", code=CONFIG)
        self.assertIn("E122 adatum.example belongs to the partner adatum.example already", output)
        self.assertTrue(self._arrives(self.tybalt, "the old policy is in force"))

    def test_rollback(self):
        self._add_adatum()
        good = self._revision()
        self._ctl("partner", "disable", "adatum.example")
        self.assertFalse(self._arrives(self.tybalt, "while disabled"))
        output = self._ctl("policy", "rollback", str(good), "--comment", "that was wrong")
        self.assertIn('~ adatum.example/enabled: false -> true', output)
        self.assertEqual(good + 2, self._revision())
        self.assertTrue(self._arrives(self.tybalt, "after the rollback"))
        self.assertIn("no difference", self._ctl("policy", "diff", str(good)))
        self._ctl("policy", "rollback", "99999", code=NOT_FOUND)

    def test_a_removed_partner_loses_all_and_others_nothing(self):  # CASES 52
        self._add_adatum()
        xmpp_watches_sip(self.tybalt, self.romeo)
        sip_watches_xmpp(self.romeo, self.juliet)
        self.assertTrue(self._arrives(self.juliet, "the others"))
        others = {s["id"] for s in self._streams_of("fabrikam.example")}
        self.assertTrue(others and self._streams_of("adatum.example"))
        self.romeo.mark()
        began = time.monotonic()
        self._ctl("partner", "remove", "adatum.example")
        self.world.wait(lambda: not self._streams_of("adatum.example"), "its streams stay", 5)
        self.assertLess(time.monotonic() - began, 5)
        self.assertLessEqual(others, {s["id"] for s in self._streams_of("fabrikam.example")})
        self.assertTrue(self._arrives(self.juliet, "unharmed"))
        self.assertEqual(404, self.romeo.message(self.tybalt.jid, "gone").code)

    def test_less_trust_is_announced(self):  # W140
        self._add_adatum()
        xmpp_watches_sip(self.tybalt, self.romeo)
        output = self._ctl("partner", "set", "adatum.example", "--type", "public_unverified",
                           "--dry-run")
        self.assertIn("W140", output)
        self.assertIn("1 authorization", output)
        self.assertTrue(self._arrives(self.tybalt, "it was only a dry run"))

    def test_export_and_import_give_the_same(self):
        self._add_adatum("--additional-domains", "xn--bcher-kva.example,b.example",
                         "--description", 'says: "hello" # not a comment',
                         "--invites-per-minute", "7", "--max-stanza", "20000")
        exported = self._ctl("partner", "export")
        document = self._json("policy", "show")["document"]
        self._ctl("partner", "remove", "adatum.example")
        self._ctl("partner", "import", self._file("exported.yaml", exported))
        self.assertEqual(document, self._json("policy", "show")["document"])
        self.assertIn("nothing to change",
                      self._ctl("partner", "import", self._file("exported.yaml", exported)))

    def test_import_lync(self):
        path = self._file("lync.csv", CSV)
        self.assertIn("dry run", self._ctl("import", "lync", path, "--dry-run"))
        self._ctl("import", "lync", path, "--comment", "from the old pool")
        two = self._json("partner", "show", "lync-two.example")
        self.assertEqual(("public_verified", "required", "required", False),
                         (two["type"], two["tls"], two["sasl"], two["dialback"]))
        self.assertEqual("from Lync",
                         self._json("partner", "show", "lync-one.example")["description"])
        broken = self._file("broken.csv", CSV.replace("PublicVerified", "Enemy"))
        self.assertIn("E208", self._ctl("import", "lync", broken, code=CONFIG))
        wrong = self._file("wrong.csv", CSV.replace("Required\",\"Required\",\"False",
                                                    "NotSupported\",\"Required\",\"False"))
        self.assertRegex(self._ctl("import", "lync", wrong, code=CONFIG), r"record 2: error E104")

    def test_validate_and_usage(self):
        path = self._file("bad.yaml", "partners:\n  - domain: q.example\n    tsl: required\n")
        output = self._ctl("policy", "validate", path, code=CONFIG)
        self.assertIn("line 3: error E005 unknown key tsl", output)
        self.assertIn("did you mean tls", output)
        self._ctl("partner", "add", code=USAGE)
        self._ctl("partner", "set", "adatum.example", code=USAGE)
        self._ctl("partner", "set", "adatum.example", "--dialback", "maybe", code=USAGE)
        self._ctl("partner", "remove", "nobody.example", code=NOT_FOUND)
        self._ctl("partner", "import", "/nonexistent", code=USAGE)
        self._ctl("partner", "import", "-", code=CONFIG, stdin="include: [/etc/passwd]\n")

    def test_master_switch(self):
        self.assertTrue(self._arrives(self.juliet, "while on"))
        self._ctl("federation", "off", "--comment", "an incident")
        self.world.wait(lambda: not self._json("streams"), "streams stay", 5)
        self.assertEqual(403, self.romeo.message(self.juliet.jid, "off").code)
        self.assertIn("master_off", self._ctl("explain", self.romeo.jid, self.juliet.jid))
        self._ctl("federation", "on")
        self.world.wait(lambda: self._arrives(self.juliet, "on again"), "it stays off")

    def test_explain_names_rule_and_remedy(self):
        self._add_adatum()
        self._ctl("partner", "set", "adatum.example", "--type", "public_unverified")
        self.assertFalse(self._arrives(self.tybalt, "as a stranger"))
        output = self._ctl("explain", self.romeo.jid, self.tybalt.jid)
        self.assertIn("unverified_not_invited", output)
        self.assertIn("causewayctl partner set adatum.example --type public_verified", output)
        checks = self._json("explain", self.romeo.jid, self.tybalt.jid, "--kind", "message",
                            "--direction", "out")["checks"]
        self.assertEqual([("sip_to_xmpp", "message", "allow")],
                         [(c["direction"], c["kind"], c["verdict"]) for c in checks])
        self._ctl("explain", "romeo@elsewhere.example", self.tybalt.jid, code=CONFIG)


if __name__ == "__main__":
    unittest.main()
