# SPDX-License-Identifier: Apache-2.0
"""A SIP user agent of our own, for exact control and exact asserts: REGISTER, MESSAGE, SUBSCRIBE
and NOTIFY, PUBLISH through Kamailio. The tests also use baresip and SIPp, which nobody here wrote.
"""
import threading
import time
import uuid

from .process import LabError
from .sip_message import SipMessage, addr_spec, parameter
from .sip_transport import StreamTransport, UdpTransport

PORT = 5060
T1_S = 0.5
TIMEOUT_S = 10.0


def _token():
    return uuid.uuid4().hex[:16]


class Subscription:
    """The watcher's side of one notification dialog."""

    def __init__(self, agent, uri):
        self.agent = agent
        self.uri = uri
        self.call_id = _token()
        self.tag = _token()
        self.remote_tag = None
        self.target = uri
        self.routes = []
        self.cseq = 0
        self.notifies = []
        self._taken = 0

    def request(self, expires):
        """Sends SUBSCRIBE (initial, refresh, or Expires 0) and returns the final response."""
        self.cseq += 1
        to = f"<{self.uri}>" + (f";tag={self.remote_tag}" if self.remote_tag else "")
        headers = [("Route", route) for route in self.routes]
        headers += [("Event", "presence"), ("Accept", "application/pidf+xml"),
                    ("Expires", str(expires)), ("Contact", f"<{self.agent.contact}>")]
        response = self.agent.send("SUBSCRIBE", self.target, headers, to=to, tag=self.tag,
                                   call_id=self.call_id, cseq=self.cseq)
        if 200 <= response.code < 300:
            self._establish(response)
        return response

    def _establish(self, message):
        if self.remote_tag is None:
            self.remote_tag = parameter(message.get("to"), "tag")
            self.routes = list(reversed(message.all("record-route")))
        if message.get("contact"):
            self.target = addr_spec(message.get("contact"))

    def took(self, notify):
        self.notifies.append(notify)

    def wait_notify(self, state=None, check=None, timeout_s=TIMEOUT_S):
        """The next NOTIFY in that Subscription-State that passes check(notify)."""
        deadline = time.monotonic() + timeout_s
        with self.agent.change:
            while True:
                while self._taken < len(self.notifies):
                    notify = self.notifies[self._taken]
                    self._taken += 1
                    if state_of(notify) == (state or state_of(notify)) and (
                            check is None or check(notify)):
                        return notify
                left = deadline - time.monotonic()
                if left <= 0 or not self.agent.change.wait(left):
                    break
        seen = [(state_of(n), n.text()) for n in self.notifies[-3:]]
        raise LabError(f"{self.agent.aor}: no NOTIFY {state or ''} of {self.uri}, last: {seen}")


def state_of(notify):
    return notify.get("subscription-state", "").split(";")[0].strip()


class SipUa:
    """One user agent. `answers` maps a method to the code it is answered with, or to a function
    that gives it for a request. 415 says that only text/plain is taken."""

    # pylint: disable=too-many-instance-attributes
    def __init__(self, kamailio, address, user, transport="tcp", credentials=None):
        self.user = user
        self.aor = f"sip:{user}@{kamailio.domain}"
        self.jid = f"{user}@{kamailio.domain}"
        self.domain = kamailio.domain
        self.contact = f"sip:{user}@{address}:{PORT};transport={transport}"
        self.answers = {"MESSAGE": 200, "NOTIFY": 200, "OPTIONS": 200}
        self.requests = []
        self.change = threading.Condition()
        self._address = address
        self._responses = {}
        self._subscriptions = {}
        self._taken = 0
        self._cseq = 0
        self._etag = None
        next_hop = (kamailio.address, 5061 if transport == "tls" else 5060)
        if transport == "udp":
            self._transport = UdpTransport(address, PORT, next_hop, self._on_message)
        else:
            self._transport = StreamTransport(address, PORT, next_hop, self._on_message,
                                              credentials if transport == "tls" else None)

    def _on_message(self, message, reply):
        if message.is_response:
            branch = parameter(message.get("via"), "branch")
            with self.change:
                self._responses.setdefault(branch, []).append(message)
                self.change.notify_all()
            return
        reply(self._answer(message).to_bytes())
        with self.change:
            self.requests.append(message)
            subscription = self._subscriptions.get(message.get("call-id"))
            if message.method == "NOTIFY" and subscription is not None:
                subscription.took(message)
            self.change.notify_all()

    def _answer(self, request):
        code = self.answers.get(request.method, 405)
        if callable(code):
            code = code(request)
        if request.method == "NOTIFY" and request.get("call-id") not in self._subscriptions:
            code = 481
        headers = [("Via", via) for via in request.all("via")]
        headers += [(name, value) for name in ("Record-Route", "From", "Call-ID", "CSeq")
                    for value in request.all(name)]
        to = request.get("to")
        headers.append(("To", to if parameter(to, "tag") else f"{to};tag={_token()}"))
        if code == 415:
            headers.append(("Accept", "text/plain"))
        return SipMessage(f"SIP/2.0 {code} Lab", headers)

    # pylint: disable=too-many-arguments
    def send(self, method, uri, headers=(), body=b"", to=None, tag=None, call_id=None, cseq=None,
             timeout_s=TIMEOUT_S):
        """Sends a request and returns its final response."""
        branch = f"z9hG4bK{_token()}"
        if cseq is None:
            self._cseq += 1
            cseq = self._cseq
        request = SipMessage(f"{method} {uri} SIP/2.0", [
            ("Via", f"SIP/2.0/{self._transport.name} {self._address}:{PORT};branch={branch};rport"),
            ("Max-Forwards", "70"), ("From", f"<{self.aor}>;tag={tag or _token()}"),
            ("To", to or f"<{uri}>"), ("Call-ID", call_id or _token()),
            ("CSeq", f"{cseq} {method}"), *headers],
            body.encode() if isinstance(body, str) else body)
        return self._transact(request.to_bytes(), branch, f"{method} {uri}", timeout_s)

    def _transact(self, data, branch, what, timeout_s):
        deadline = time.monotonic() + timeout_s
        interval = T1_S if self._transport.name == "UDP" else timeout_s
        while time.monotonic() < deadline:
            self._transport.send(data)
            final = self._wait_final(branch, min(interval, deadline - time.monotonic()))
            if final is not None:
                return final
            interval *= 2
        raise LabError(f"{self.aor}: no final response to {what} within {timeout_s:g} s")

    def _wait_final(self, branch, timeout_s):
        deadline = time.monotonic() + timeout_s
        with self.change:
            while True:
                for response in self._responses.get(branch, []):
                    if response.code >= 200:
                        return response
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self.change.wait(left)

    def register(self, expires=600):
        response = self.send("REGISTER", f"sip:{self.domain}", [
            ("Contact", f"<{self.contact}>"), ("Expires", str(expires))], to=f"<{self.aor}>")
        if response.code != 200:
            raise LabError(f"REGISTER {self.aor}: {response.start}")
        return self

    def message(self, to, body, content_type="text/plain;charset=UTF-8", headers=(),
                timeout_s=TIMEOUT_S):
        """MESSAGE to the address `to` (user@domain); returns the final response."""
        return self.send("MESSAGE", f"sip:{to}", [("Content-Type", content_type), *headers], body,
                         timeout_s=timeout_s)

    def subscribe(self, to, expires=600):
        """SUBSCRIBE to the presence of `to`; returns (subscription, final response)."""
        subscription = Subscription(self, f"sip:{to}")
        with self.change:
            self._subscriptions[subscription.call_id] = subscription
        return subscription, subscription.request(expires)

    def publish(self, document, expires=600):
        """PUBLISH of a PIDF document; replaces the one before."""
        headers = [("Event", "presence"), ("Expires", str(expires)),
                   ("Content-Type", "application/pidf+xml")]
        if self._etag is not None:
            headers.append(("SIP-If-Match", self._etag))
        response = self.send("PUBLISH", self.aor, headers, document)
        if response.code == 412 and self._etag is not None:  # the server has lost it
            self._etag = None
            return self.publish(document, expires)
        if response.code != 200:
            raise LabError(f"PUBLISH {self.aor}: {response.start}")
        self._etag = response.get("sip-etag")
        return response

    def mark(self):
        with self.change:
            self._taken = len(self.requests)
            return self._taken

    def since(self, mark, method):
        with self.change:
            return [r for r in self.requests[mark:] if r.method == method]

    def wait_request(self, method, check=None, timeout_s=TIMEOUT_S):
        """The next request of that method that passes check(request)."""
        deadline = time.monotonic() + timeout_s
        position = self._taken
        with self.change:
            while True:
                while position < len(self.requests):
                    request = self.requests[position]
                    position += 1
                    if request.method == method and (check is None or check(request)):
                        self._taken = position
                        return request
                left = deadline - time.monotonic()
                if left <= 0 or not self.change.wait(left):
                    break
        raise LabError(f"{self.aor}: no {method} within {timeout_s:g} s; got "
                       f"{[r.start for r in self.requests[-5:]]}")

    def stop(self):
        self._transport.close()
