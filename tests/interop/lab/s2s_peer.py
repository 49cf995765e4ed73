# SPDX-License-Identifier: Apache-2.0
"""An S2S peer by hand, for what no real server does on purpose: several pairs on one stream, a peer
that does not read, one that never answers a closing tag."""
import base64
import re
import socket
import ssl
import time

from .process import LabError

PORT = 5269
TIMEOUT_S = 10.0
ERROR = re.compile(r"<stream:error[^>]*>\s*<([a-z-]+)")
HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
          "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' "
          "from='{}' to='{}' version='1.0'{}>")
TLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"


class _Stream:
    """Reads and writes, in one thread. `answers`: it ends its side when the other one does."""

    def __init__(self, connection):
        self._socket = connection
        self.address = "%s:%u" % connection.getsockname()
        self.text = ""
        self.ended = False
        self.answers = True

    def write(self, text):
        self._socket.settimeout(TIMEOUT_S)
        self._socket.sendall(text.encode())

    def expect(self, *words):
        """Reads until one of the words has come; forgets what came so far. Returns the word."""
        while True:
            for word in words:
                if word in self.text:
                    self.text = self.text.split(word, 1)[1]
                    return word
            self._read(words)

    def _read(self, words):
        if "</stream:stream>" in self.text:
            self.close()
            raise LabError(f"S2S peer: {self.error() or 'the end'} instead of {words}")
        self._socket.settimeout(TIMEOUT_S)
        try:
            data = self._socket.recv(65536)
        except OSError as error:
            raise LabError(f"S2S peer: {error} instead of {words}; got {self.text[-500:]}") \
                from error
        if not data:
            raise LabError(f"S2S peer: the end instead of {words}; got {self.text[-500:]}")
        self.text += data.decode("utf-8", "replace")

    def secure(self, leaf, ca_file, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_cert_chain(leaf.certificate, leaf.key)
        context.load_verify_locations(ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
        self._socket = context.wrap_socket(self._socket, server_side=server)
        self.text = ""

    def poll(self):
        """Takes what has come, without waiting. Returns whether the stream goes on."""
        if self.ended:
            return False
        self._socket.settimeout(0)
        try:
            while not self.ended:
                data = self._socket.recv(65536)
                self.text += data.decode("utf-8", "replace")
                self.ended = not data
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            self.ended = True
        if self.answers and (self.ended or "</stream:stream>" in self.text):
            self.close()
        return not self.ended

    def error(self):
        """The stream error that came, or None."""
        found = ERROR.search(self.text)
        return found[1] if found else None

    def close(self):
        """In order, without waiting."""
        try:
            self.write("</stream:stream>")
        except OSError:
            pass
        self._socket.close()
        self.ended = True


class S2sClient(_Stream):
    """Opens a stream to the edge at `target` as `domain`, and proves that domain."""

    # pylint: disable=too-many-arguments
    def __init__(self, target, source, own, domain, leaf, ca_file):
        super().__init__(socket.create_connection((target, PORT), TIMEOUT_S, (source, 0)))
        self.own, self.domain = own, domain
        self._header()
        self.write(TLS)
        self.expect("<proceed")
        self.secure(leaf, ca_file, server=False)
        if "EXTERNAL" in self._header():
            name = base64.b64encode(domain.encode()).decode()
            self.write(f"<auth {SASL} mechanism='EXTERNAL'>{name}</auth>")
            self.expect("<success")
            self._header()
        else:
            self.add_pair(domain)

    def _header(self):
        """Returns the features that are offered."""
        self.text = ""
        self.write(HEADER.format(self.domain, self.own, ""))
        while "</stream:features>" not in self.text and "<stream:features/>" not in self.text:
            self._read(("features",))
        return self.text

    def add_pair(self, domain):
        """Asserts one more domain, which the certificate proves as well (XEP-0220 and XEP-0344).
        Returns whether that was taken."""
        self.write(f"<db:result from='{domain}' to='{self.own}'>any key</db:result>")
        valid = self.expect("type='valid'", "type='error'", "type='invalid'") == "type='valid'"
        self.text = ""
        return valid

    def message(self, sender, to, body):
        self.write(f"<message from='{sender}' to='{to}' type='chat' id='raw'>"
                   f"<body>{body}</body></message>")


class S2sServer:
    """Listens for the edge; `receive` takes one connection through to a proven stream."""

    # pylint: disable=too-many-arguments
    def __init__(self, address, own, domain, leaf, ca_file):
        self._listener = socket.create_server((address, PORT))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.settimeout(TIMEOUT_S)
        self._own, self._domain, self._leaf, self._ca_file = own, domain, leaf, ca_file

    def accept(self):
        """A connection to which nothing is said."""
        return _Stream(self._listener.accept()[0])

    def receive(self):
        stream = self.accept()
        self._answer(stream, TLS.replace("/>", "><required/></starttls>"))
        stream.expect("<starttls")
        stream.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        stream.secure(self._leaf, self._ca_file, server=True)
        self._answer(stream, f"<mechanisms {SASL}><mechanism>EXTERNAL</mechanism></mechanisms>")
        stream.expect("<auth")
        stream.write(f"<success {SASL}/>")
        self._answer(stream, "")
        return stream

    def _answer(self, stream, features):
        stream.expect("version='1.0'")
        stream.write(HEADER.format(self._domain, self._own, f" id='{time.monotonic_ns()}'") +
                     f"<stream:features>{features}</stream:features>")

    def close(self):
        self._listener.close()
