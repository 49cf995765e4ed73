# SPDX-License-Identifier: Apache-2.0
"""A small XMPP server of many domains that says exactly what each is told to say: STARTTLS, SASL
EXTERNAL, dialback in both roles. It receives streams, opens them, and answers for its keys."""
import base64
import collections
import hashlib
import hmac
import os
import socket
import ssl
import struct
import threading
import xml.etree.ElementTree as etree
from xml.sax.saxutils import quoteattr

NS_STREAM = "http://etherx.jabber.org/streams"
NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls"
NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
NS_DIALBACK = "jabber:server:dialback"
NS_DIALBACK_FEATURE = "urn:xmpp:features:dialback"
NS_SERVER = "jabber:server"
TIMEOUT_S = 30.0
READ_SIZE = 65536
BACKLOG = 256

# What one domain does. leaf: its certificate as a server; client_leaf: as a client, None for none.
Manner = collections.namedtuple("Manner", "domain starttls external dialback leaf client_leaf")


class Ended(Exception):
    """The stream is over: closed, broken, or refused."""


class Seen:
    """What a domain saw of the other side. `streams_in` and `streams_out`: the elements that came
    on the streams that it received and opened; `clear`: all octets that came in clear."""

    def __init__(self):
        self.streams_in = []
        self.streams_out = []
        self.clear = bytearray()
        self.proven_by = None  # how the other side proved itself
        self.bodies = []  # of the messages that came
        self.faults = []
        self.change = threading.Condition()

    def add(self, trace, what):
        with self.change:
            trace.append(what)
            self.change.notify_all()


def _local(name):
    return name.split("}")[1] if "}" in name else name


def _conditions(element):
    return [_local(child.tag) for child in element if _local(child.tag) != "text"]


def _features(element):
    words = ["features"]
    starttls = element.find(f"{{{NS_TLS}}}starttls")
    if starttls is not None:
        words.append("starttls")
        if starttls.find(f"{{{NS_TLS}}}required") is not None:
            words.append("required")
    words += [(mechanism.text or "").lower()
              for mechanism in element.findall(f"{{{NS_SASL}}}mechanisms/{{{NS_SASL}}}mechanism")]
    if element.find(f"{{{NS_DIALBACK_FEATURE}}}dialback") is not None:
        words.append("dialback")
    return " ".join(words)


def describe(element):
    """One element as the words of a trace."""
    name = _local(element.tag)
    if element.tag == f"{{{NS_STREAM}}}features":
        return _features(element)
    if element.tag.startswith(f"{{{NS_DIALBACK}}}"):
        words = [name, element.get("type", "")]
        for error in element.findall(f"{{{NS_SERVER}}}error"):
            words += _conditions(error)
        return " ".join(word for word in words if word)
    if name in ("error", "failure"):
        return " ".join([name, *_conditions(element)])
    return name


class XmlStream:
    """One stream over a socket, in either role."""

    def __init__(self, plain, seen=None, trace=None):
        plain.settimeout(TIMEOUT_S)
        self.secure = False
        self.seen = seen
        self._trace = trace
        self._socket = plain
        self._early = bytearray()  # in clear, before it was known for whom
        self._begin()

    def _begin(self):
        self._parser = etree.XMLPullParser(("start", "end"))
        self._depth = 0
        self._events = collections.deque()

    def belongs_to(self, seen, trace):
        self.seen = seen
        self._trace = trace
        seen.clear += self._early

    def _read_events(self):
        try:
            data = self._socket.recv(READ_SIZE)
            if not data:
                raise Ended("connection closed")
            if not self.secure:
                (self._early if self.seen is None else self.seen.clear).extend(data)
            self._parser.feed(data)
            self._events.extend(self._parser.read_events())
        except (OSError, etree.ParseError) as error:
            raise Ended(f"{type(error).__name__} {error}") from error

    def _next(self):
        while not self._events:
            self._read_events()
        return self._events.popleft()

    def header(self):
        """Attributes of the other side's header."""
        kind, element = self._next()
        if kind != "start" or element.tag != f"{{{NS_STREAM}}}stream":
            raise Ended("no stream header")
        self._depth = 1
        return dict(element.attrib)

    def element(self):
        """The next first-level element, noted in the trace."""
        while True:
            kind, element = self._next()
            self._depth += 1 if kind == "start" else -1
            if self._depth == 0:
                raise Ended("stream closed")
            if kind == "end" and self._depth == 1:
                self.seen.add(self._trace, ("tls " if self.secure else "") + describe(element))
                if element.tag == f"{{{NS_STREAM}}}error":
                    raise Ended("stream error")
                return element

    def send(self, text):
        try:
            self._socket.sendall(text.encode())
        except OSError as error:
            raise Ended(str(error)) from error

    def open(self, own, remote, ident=None):
        words = "" if ident is None else f" id={quoteattr(ident)}"
        self.send(f"<?xml version='1.0'?><stream:stream xmlns='{NS_SERVER}' xmlns:stream="
                  f"'{NS_STREAM}' xmlns:db='{NS_DIALBACK}' from={quoteattr(own)} "
                  f"to={quoteattr(remote)} version='1.0'{words}>")

    def restart(self):
        """After TLS and after SASL a stream begins anew."""
        self._begin()

    def start_tls(self, context, name=None):
        """The handshake, as a client with the name of the server, else as a server."""
        if self._events:
            raise Ended("input behind <starttls/> or <proceed/>")
        try:
            self._socket = context.wrap_socket(self._socket, server_side=name is None,
                                               server_hostname=name)
        except (OSError, ValueError) as error:
            raise Ended(f"TLS: {error}") from error
        self.secure = True
        self.restart()

    def names(self):
        """DNS names of the other side's certificate; none if it showed none that is trusted."""
        shown = self._socket.getpeercert() if self.secure else None
        return [name for kind, name in (shown or {}).get("subjectAltName", ()) if kind == "DNS"]

    def reset(self):
        """Waits for input, and answers with RST."""
        self._socket.recv(READ_SIZE)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self):
        try:
            self._socket.sendall(b"</stream:stream>")
        except OSError:
            pass
        self.drop()

    def drop(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()


def _dialback(name, own, remote, content="", **attributes):
    words = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return (f"<db:{name} xmlns:db='{NS_DIALBACK}' from={quoteattr(own)} to={quoteattr(remote)}"
            f"{words}>{content}</db:{name}>")


def _dialback_error(condition):
    return (f"<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
            "</error>")


def _stream_error(condition):
    return (f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "</stream:error>")


class Refused(Exception):
    """A stream error of ours, of that condition."""


class Receiver:
    """One stream that came in."""

    def __init__(self, peer, plain):
        self._peer = peer
        self._stream = XmlStream(plain)
        self._manner = None
        self._remote = None
        self._ident = None
        self._proven_by = None

    def run(self):
        try:
            self._header()
            while True:
                self._take(self._stream.element())
        except Refused as refusal:
            self._stream.send(_stream_error(refusal.args[0]))
        except Ended as end:
            if self._stream.seen is not None:
                self._stream.seen.faults.append(str(end))
        finally:
            self._stream.close()

    def _header(self):
        header = self._stream.header()
        self._ident = os.urandom(8).hex()
        if self._manner is None:
            self._manner = self._peer.manners.get(header.get("to"))
            if self._manner is None:
                raise Ended("a stream to nobody")
            seen = self._peer.seen[self._manner.domain]
            self._stream.belongs_to(seen, seen.streams_in)
        self._remote = header.get("from", "")
        self._stream.open(self._manner.domain, self._remote, self._ident)
        self._stream.send(f"<stream:features>{self._offer()}</stream:features>")

    def _offer(self):
        offer = ""
        if not self._stream.secure and self._manner.starttls != "lacks":
            offer += f"<starttls xmlns='{NS_TLS}'>"
            if self._manner.starttls == "requires":
                return offer + "<required/></starttls>"
            offer += "</starttls>"
        if self._manner.external and self._proven_by is None:  # the worst of them do so in clear
            offer += f"<mechanisms xmlns='{NS_SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>"
        if self._manner.dialback:
            offer += f"<dialback xmlns='{NS_DIALBACK_FEATURE}'><errors/></dialback>"
        return offer

    def _take(self, element):
        takes = {f"{{{NS_TLS}}}starttls": self._starttls, f"{{{NS_SASL}}}auth": self._auth,
                 f"{{{NS_DIALBACK}}}result": self._result,
                 f"{{{NS_DIALBACK}}}verify": self._verify}
        take = takes.get(element.tag)
        if take is not None:
            take(element)
        elif self._proven_by is None:
            raise Refused("not-authorized")
        else:
            seen = self._stream.seen
            seen.proven_by = self._proven_by
            seen.add(seen.bodies, element.findtext(f"{{{NS_SERVER}}}body", ""))

    def _starttls(self, _):
        if self._manner.starttls == "lacks" or self._stream.secure:
            self._stream.send(f"<failure xmlns='{NS_TLS}'/>")
            raise Ended("no TLS here")
        self._stream.send(f"<proceed xmlns='{NS_TLS}'/>")
        if self._manner.starttls == "resets":
            self._stream.reset()
            raise Ended("reset in place of a handshake")
        self._stream.start_tls(self._peer.server_context(self._manner.leaf))
        self._header()

    def _auth(self, element):
        asserted = base64.b64decode(element.text or "").decode()
        if not self._stream.secure or self._remote not in self._stream.names() or \
                asserted != self._remote:
            self._stream.send(f"<failure xmlns='{NS_SASL}'><not-authorized/></failure>")
            return
        self._stream.send(f"<success xmlns='{NS_SASL}'/>")
        self._proven_by = "sasl_tls"
        self._stream.restart()
        self._header()

    def _must_do_dialback(self):
        if not self._manner.dialback:  # a server of RFC 6120 and nothing else
            raise Refused("unsupported-stanza-type")

    def _result(self, element):
        self._must_do_dialback()
        own, remote = self._manner.domain, element.get("from")
        if self._manner.starttls == "requires" and not self._stream.secure:
            self._stream.send(_dialback("result", own, remote,
                                        _dialback_error("policy-violation"), type="error"))
            return
        word = self._peer.ask(self._manner, remote, self._ident, element.text)
        content = "" if word in ("valid", "invalid") else \
            _dialback_error("remote-connection-failed")
        self._stream.send(_dialback("result", own, remote, content,
                                    type="error" if content else word))
        if word == "valid":
            self._proven_by = "tls_dialback" if self._stream.secure else "tcp_dialback"

    def _verify(self, element):
        self._must_do_dialback()
        own, remote, ident = self._manner.domain, element.get("from"), element.get("id")
        valid = (element.text or "").strip() == self._peer.key(own, remote, ident)
        self._stream.send(_dialback("verify", own, remote, id=ident,
                                    type="valid" if valid else "invalid"))


class Initiator:
    """One stream that goes out: first as far as it gets, then a stanza."""

    def __init__(self, peer, manner, remote):
        self._peer = peer
        self._manner = manner
        self._remote = remote
        seen = peer.seen[manner.domain]
        plain = socket.create_connection(peer.target, TIMEOUT_S, (peer.address, 0))
        self._stream = XmlStream(plain, seen, seen.streams_out)
        self._ident = None
        self._features = None

    def begin(self):
        """Header, features, and TLS as the manner wants it."""
        self._header()
        offered = "starttls" in self._features
        if self._manner.starttls == "requires" or (self._manner.starttls == "offers" and offered):
            self._stream.send(f"<starttls xmlns='{NS_TLS}'/>")
            if describe(self._stream.element()) != "proceed":
                raise Ended("the other side refuses TLS")
            self._stream.start_tls(self._peer.client_context(self._manner.client_leaf),
                                   self._remote)
            self._header()

    def _header(self):
        self._stream.open(self._manner.domain, self._remote)
        self._ident = self._stream.header().get("id")
        self._features = describe(self._stream.element()).split()

    def prove(self):
        """Whether EXTERNAL, else dialback has proven us. What is not offered is tried, too."""
        return (self._manner.external and self._external()) or \
            (self._manner.dialback and self._prove_by_key())

    def _external(self):
        asserted = base64.b64encode(self._manner.domain.encode()).decode()
        self._stream.send(f"<auth xmlns='{NS_SASL}' mechanism='EXTERNAL'>{asserted}</auth>")
        if describe(self._stream.element()) != "success":
            return False
        self._stream.restart()
        self._header()
        return True

    def _prove_by_key(self):
        key = self._peer.key(self._manner.domain, self._remote, self._ident)
        self._stream.send(_dialback("result", self._manner.domain, self._remote, key))
        return self._stream.element().get("type") == "valid"

    def stanza(self, user, text):
        self._stream.send(f"<message from='juliet@{self._manner.domain}' to={quoteattr(user)} "
                          f"type='chat' id='{os.urandom(6).hex()}'><body>{text}</body></message>")

    def wait_for_end(self):
        while True:
            self._stream.element()

    def verify(self, ident, key):
        """The authoritative server's word on a key."""
        self._stream.send(_dialback("verify", self._manner.domain, self._remote, key or "",
                                    id=ident))
        return self._stream.element().get("type", "")

    def close(self):
        self._stream.close()


class RawPeer:
    """All domains on one address. `target`: address and port of the server that is tried."""

    def __init__(self, address, port, target, ca_file):
        self.address = address
        self.target = target
        self.manners = {}
        self.seen = {}
        self._ca_file = ca_file
        self._secret = os.urandom(32)
        self._contexts = {}
        self._lock = threading.Lock()
        self._listener = socket.create_server((address, port), backlog=BACKLOG)
        threading.Thread(target=self._accept, daemon=True).start()

    def add(self, manner):
        self.manners[manner.domain] = manner
        self.seen[manner.domain] = Seen()

    def key(self, own, remote, ident):
        """XEP-0185 by intent; how we make it is nobody's business."""
        text = f"{remote} {own} {ident}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def _context(self, key, make):
        with self._lock:
            if key not in self._contexts:
                self._contexts[key] = make()
            return self._contexts[key]

    def server_context(self, leaf):
        def make():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_verify_locations(self._ca_file)
            context.verify_mode = ssl.CERT_OPTIONAL
            if leaf is not None:
                context.load_cert_chain(leaf.certificate, leaf.key)
            return context
        return self._context(("server", leaf and leaf.certificate), make)

    def client_context(self, leaf):
        def make():
            context = ssl.create_default_context(cafile=self._ca_file)
            if leaf is not None:
                context.load_cert_chain(leaf.certificate, leaf.key)
            return context
        return self._context(("client", leaf and leaf.certificate), make)

    def _accept(self):
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=Receiver(self, plain).run, daemon=True).start()

    def ask(self, manner, remote, ident, key):
        """What the authoritative server of `remote` says about a key, "" if nothing."""
        try:
            stream = Initiator(self, manner, remote)
            try:
                stream.begin()
                return stream.verify(ident, key)
            finally:
                stream.close()
        except (Ended, OSError) as end:
            self.seen[manner.domain].faults.append(f"verification: {end}")
            return ""

    def write_to(self, domain, user, text, is_done):
        """Opens a stream as `domain` and writes to `user`. A proven stream stays until
        is_done()."""
        stream = Initiator(self, self.manners[domain], user.split("@")[1])
        try:
            stream.begin()
            proven = stream.prove()
            stream.stanza(user, text)
            if proven:
                is_done()
            else:
                stream.wait_for_end()
        except Ended as end:
            self.seen[domain].faults.append(str(end))
        finally:
            stream.close()

    def close(self):
        self._listener.close()
