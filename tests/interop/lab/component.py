# SPDX-License-Identifier: Apache-2.0
"""An XMPP component (XEP-0114) of a real server: a user of a domain that has no user accounts."""
import hashlib
import os
import socket
import threading

from .raw_peer import NS_STREAM, Ended, Seen, XmlStream

NS = "jabber:component:accept"


class Component:
    """juliet of `domain`. `bodies`: of the messages that came; `errors`: of what came back."""

    def __init__(self, address, port, domain, secret):
        self.jid = f"juliet@{domain}"
        self.bodies = []
        self.errors = []
        plain = socket.create_connection((address, port), 10)
        self._stream = XmlStream(plain, Seen(), [])
        self._stream.send(f"<stream:stream xmlns='{NS}' xmlns:stream='{NS_STREAM}' "
                          f"to='{domain}'>")
        ident = self._stream.header()["id"]
        digest = hashlib.sha1((ident + secret).encode()).hexdigest()
        self._stream.send(f"<handshake>{digest}</handshake>")
        self._stream.element()
        plain.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while True:
                element = self._stream.element()
                if element.tag == f"{{{NS}}}message":
                    kept = self.errors if element.get("type") == "error" else self.bodies
                    kept.append(element.findtext(f"{{{NS}}}body", ""))
        except Ended:
            pass

    def message(self, to, body):
        self._stream.send(f"<message from='{self.jid}' to='{to}' type='chat' "
                          f"id='{os.urandom(6).hex()}'><body>{body}</body></message>")

    def stop(self):
        self._stream.close()
