# SPDX-License-Identifier: Apache-2.0
"""causeway-probe itself against a real server, without Causeway."""
import json
import os
import subprocess
import threading
import unittest

from lab.world import FABRIKAM, PASSWORD, World, build_folder

JULIET = "juliet@fabrikam.example"


class ProbeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World([FABRIKAM], with_causeway=False).start()
        cls.addClassCleanup(cls.world.stop)
        cls.server = cls.world.servers["fabrikam.example"]
        cls.server.add_user(JULIET, PASSWORD)
        cls.password = cls._write("right", PASSWORD)

    @classmethod
    def _write(cls, name, text):
        path = os.path.join(cls.world.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text + "\n")
        return path

    def _run(self, *words):
        binary = os.path.join(build_folder(), "causeway-probe")
        return subprocess.run([binary, *words], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)

    def _ping(self, to, *, port=None, password=None, trust=None):
        done = self._run(
            "ping-path", "--jid", JULIET, "--connect",
            f"{self.server.address}:{port or self.server.c2s_port}", "--to", to, "--deadline", "3",
            "--password-file", password or self.password,
            *(["--ca", self.world.ca.file] if trust is None else trust))
        return done.returncode, json.loads(done.stdout)

    def test_echo(self):
        nina = self.world.probe("nina@fabrikam.example", "echo").available()

        def echo():
            message = nina.wait("message")
            nina.message(message["from"], message["body"])
        thread = threading.Thread(target=echo)
        thread.start()
        code, result = self._ping("nina@fabrikam.example")
        thread.join()
        self.assertEqual((0, "echo"), (code, result["result"]))
        self.assertLess(result["round_trip_ms"], 1000)

    def test_error(self):
        code, result = self._ping("nobody@fabrikam.example", trust=["--plain"])
        self.assertEqual((1, "error"), (code, result["result"]))
        self.assertEqual("service-unavailable", result["answer"]["error"]["condition"])

    def test_silence(self):
        self.world.probe("mute@fabrikam.example", "x").available()
        code, result = self._ping("mute@fabrikam.example")
        self.assertEqual((8, "deadline"), (code, result["result"]))

    def test_refused_log_in(self):
        wrong = self._write("wrong", "not it")
        self.assertEqual(4, self._ping(JULIET, password=wrong)[0])

    def test_untrusted_server(self):
        self.assertEqual(4, self._ping(JULIET, trust=["--ca", self.world.untrusted_ca.file])[0])
        self.assertEqual(4, self._ping(JULIET, trust=[])[0])

    def test_unreachable(self):
        self.assertEqual(5, self._ping(JULIET, port=1)[0])

    def test_usage(self):
        for words in (["--jid", JULIET], ["--jid", "juliet", "--password-file", self.password],
                      ["pong"], ["--nonsense"], ["ping-path", "--jid", JULIET, "--password-file",
                                                 self.password],
                      ["--jid", JULIET, "--password-file", "/nonexistent/file"],
                      ["--jid", JULIET, "--password-file", self.password, "--plain",
                       "--connect", "xmpp.fabrikam.example:5222"]):
            with self.subTest(words):
                done = self._run(*words)
                self.assertEqual(2, done.returncode)
                self.assertIn("--help", done.stderr)
        self.assertEqual(0, self._run("--help").returncode)

    def test_bad_commands_are_reported_and_harmless(self):
        user = self.world.probe("porter@fabrikam.example", "x")
        user.do("nonsense")
        self.assertEqual("unknown command", user.wait("error")["text"])
        user.do("message", body="to nobody")
        user.wait("error")
        user.available()
        user.message(user.full_jid, "still here")
        user.wait("message", body="still here")

    def test_marks_cross(self):
        tybalt = self.world.probe("tybalt@fabrikam.example", "x").available()
        benvolio = self.world.probe("benvolio@fabrikam.example", "x").available()
        mid = tybalt.message(benvolio.full_jid, "Peace?", state="active", request=True,
                             markable=True)
        got = benvolio.wait("message", id=mid)
        self.assertEqual(("active", True, True), (got["state"], got["request"], got["markable"]))
        benvolio.do("message", to=tybalt.full_jid, state="composing")
        self.assertNotIn("body", tybalt.wait("message", state="composing"))
        benvolio.do("message", to=tybalt.full_jid, received=mid)
        tybalt.wait("message", received=mid)
        benvolio.do("message", to=tybalt.full_jid, displayed=mid)
        tybalt.wait("message", displayed=mid)
        tybalt.message(benvolio.full_jid, "I hate the word", replaces=mid)
        self.assertIn(mid, benvolio.wait("message", body="I hate the word")["xml"])


if __name__ == "__main__":
    unittest.main()
