# SPDX-License-Identifier: Apache-2.0
"""What the negotiation of a stream has to come to, for every partner record and every peer: worked
out from docs/reference/partners.md section 2, RFC 6120, RFC 7590, XEP-0178, XEP-0220 and XEP-0344,
and from nothing of the product. Where those leave a choice, CHOICES says which one is ours."""
import collections
import itertools

TLS = SASL = ("required", "optional", "not_supported")
STARTTLS = ("requires", "offers", "lacks")
CERTIFICATES = ("trusted", "untrusted", "none", "mismatch")
DIRECTIONS = ("out", "in")
PINS = ("none", "right", "wrong")  # of the record: no pin, the peer's key, another key
FLOORS = {"none": {"sasl_tls", "tls_dialback", "tcp_dialback"},
          "tls": {"sasl_tls", "tls_dialback"}, "sasl": {"sasl_tls"}}

REASONS = {
    "commit": "the record is refused before anything is connected",
    "no_tls": "TLS is needed, and there is none",
    "peer_wants_tls": "the peer insists on TLS, which the record rules out or which cannot be had",
    "certificate": "only SASL is left, and the peer's certificate does not prove its domain",
    "pin": "the peer's key is not one of those that the record pins",
    "no_external": "only SASL is left, and the peer does not do EXTERNAL",
    "no_dialback": "only dialback is left, and the peer does not do it",
    "dialback_barred": "the peer asserts its domain by dialback, which the record rules out",
    "no_proof": "the peer proves nothing",
}

CHOICES = (
    ("A certificate that proves nothing, TLS required",
     "Dialback over it is permitted where the record has `tls_dialback`: encryption without "
     "authentication, shown as `tls_dialback` (RFC 7590 section 3.4). Where only `sasl_tls` is "
     "left, the stream is refused (RFC 6120 section 13.7.2)."),
    ("A record with pins",
     "Another key is refused under TLS, whatever else proves the domain. In clear nobody shows a "
     "key, so `tcp_dialback` is out of the question. The right key does not stand in for a "
     "certificate that proves the domain (RFC 9525 section 6.6)."),
    ("`<starttls/>` that the peer does not offer",
     "It is tried all the same (RFC 7590 section 3.1). If it is refused, the record decides: "
     "`tcp_dialback` means one more connection in clear, anything else the end."),
    ("TLS that fails before a certificate was seen",
     "As above: one more connection in clear where `tcp_dialback` is permitted, else the end "
     "(RFC 6120 section 5.4.3.2 leaves it to local policy)."),
    ("EXTERNAL towards a peer whose certificate proves nothing",
     "It would prove us to somebody unknown, so it is not used; dialback over TLS may be."),
    ("Dialback that the peer does not advertise",
     "It is tried where it is permitted: the feature came late and older servers lack it "
     "(XEP-0220 section 2.4)."),
    ("Dialback over TLS with a certificate that proves the domain",
     "The receiver calls it valid at once, without dialling back (XEP-0344 section 2.4). It has "
     "the strength of EXTERNAL and is shown as `sasl_tls` where the record permits that, else as "
     "`tls_dialback`."),
    ("A record that requires SASL, TLS optional, dialback on (row 3)",
     "All three methods are permitted, as the matrix says: SASL is preferred, not enforced."),
    ("Dialback that a record rules out",
     "`not-authorized` where no kind of dialback is permitted, `policy-violation` where it is "
     "permitted over TLS only; the stream stays open for a better proof (XEP-0220 section 2.5)."),
    ("EXTERNAL in clear",
     "`encryption-required`, also where TLS is not supported (RFC 6120 section 6.5.4)."),
    ("A peer that insists on TLS where TLS is not supported, or has failed",
     "The stream ends with `unsupported-feature` and no dialback key is sent in clear (RFC 6120 "
     "section 4.9.3.23)."),
    ("A peer under TLS to whom nothing can be offered",
     "`policy-violation` at once, in place of the features (RFC 6120 section 6.4.5)."),
)

# Besides: "resets" offers TLS and breaks the connection where the handshake should begin.
Row = collections.namedtuple("Row", "number tls sasl dialback")
Peer = collections.namedtuple("Peer", "starttls certificate external dialback")
# trace: the elements that we send on the stream; verify: those on the stream that asks about a key.
# Both without headers, and with "tls " before what goes under TLS.
Outcome = collections.namedtuple("Outcome", "method reason trace verify why")

ROWS = tuple(Row(number, tls, sasl, dialback) for number, (sasl, tls, dialback) in
             enumerate(itertools.product(SASL, TLS, (True, False)), 1))
PEERS = tuple(itertools.starmap(Peer, itertools.product(STARTTLS, CERTIFICATES, (True, False),
                                                        (True, False))))


def permitted(row, floor="none", pin="none"):
    """The three lines of partners.md, less what the floor and pins take away."""
    can = set()
    if row.sasl != "not_supported" and row.tls != "not_supported":
        can.add("sasl_tls")
    if row.dialback and row.tls != "not_supported" and not (
            row.tls == "required" and row.sasl == "required"):
        can.add("tls_dialback")
    if row.dialback and row.tls != "required" and pin == "none":
        can.add("tcp_dialback")
    return can & FLOORS[floor]


def refusal(row, floor="none"):
    """Code of the error that a commit of the record ends with, or None."""
    if row.sasl != "not_supported" and row.tls == "not_supported":
        return "E104"
    if not permitted(row):
        return "E105"
    return None if permitted(row, floor) else "E110"


def words(peer):
    return "-".join((peer.starttls, peer.certificate, "ext" if peer.external else "noext",
                     "db" if peer.dialback else "nodb"))


def distinct(peer):
    """The peer that stands for this one on the wire. Without TLS nobody sees a certificate, so
    peers that lack TLS and differ in nothing else are one."""
    return peer._replace(certificate="any") if peer.starttls == "lacks" else peer


def offer_in_clear(row, can):
    offer = ["features"]
    if row.tls != "not_supported":
        offer.append("starttls" if "tcp_dialback" in can else "starttls required")
    if "tcp_dialback" in can:
        offer.append("dialback")
    return " ".join(offer)


def offer_under_tls(can, proven_by_certificate):
    """None: there is nothing to offer."""
    offer = ["tls features"]
    if "sasl_tls" in can and proven_by_certificate:
        offer.append("external")
    if "tls_dialback" in can:
        offer.append("dialback")
    return " ".join(offer) if len(offer) > 1 else None


def _good(method, trace, verify, why):
    return Outcome(method, None, trace, verify, why)


def _bad(reason, trace, why):
    return Outcome(None, reason, trace, [], why)


def _peer_asks(row, can, peer):
    """What we send on the stream on which the peer, as a receiver, asks about our key."""
    clear = offer_in_clear(row, can)
    if peer.starttls in ("lacks", "resets") or row.tls == "not_supported":
        return [clear, "verify valid"]
    return [clear, "proceed", offer_under_tls(can, peer.certificate == "trusted"),
            "tls verify valid"]


def _out_in_clear(row, can, peer, trace):
    if peer.starttls == "requires":
        return _bad("peer_wants_tls", trace + ["error unsupported-feature"],
                    "nothing is proven in clear to a peer that insists on TLS")
    if not peer.dialback:
        return _bad("no_dialback", trace + ["result"],
                    "dialback is all that there is in clear, and the peer does not know it")
    return _good("tcp_dialback", trace + ["result", "message"], _peer_asks(row, can, peer),
                 "no TLS, and the record permits dialback in clear")


def _out_under_tls(row, can, peer, pin):
    trace = ["starttls"]
    if pin == "wrong":
        return _bad("pin", trace, "a key that is not pinned")
    known = peer.certificate == "trusted"
    if not known and "tls_dialback" not in can:
        return _bad("certificate", trace,
                    "a certificate that does not prove the domain, and no dialback over TLS")
    if known and peer.external and "sasl_tls" in can:
        return _good("sasl_tls", trace + ["tls auth", "tls message"], [], "EXTERNAL comes first")
    if "tls_dialback" not in can:
        return _bad("no_external", trace + ["tls error policy-violation"],
                    "EXTERNAL is not offered and no dialback is permitted")
    if not peer.dialback:
        return _bad("no_dialback", trace + ["tls result"],
                    "EXTERNAL is out of the question and the peer does not know dialback")
    return _good("tls_dialback", trace + ["tls result", "tls message"], _peer_asks(row, can, peer),
                 "EXTERNAL is not offered" if known and "sasl_tls" in can else
                 "the record has no SASL" if known else
                 "an unproven certificate encrypts, dialback proves")


def _outbound(row, can, peer, pin):
    """We connect, and the peer receives."""
    if row.tls == "not_supported":
        return _out_in_clear(row, can, peer, [])
    # A server without a certificate cannot do TLS, either.
    if peer.starttls in ("lacks", "resets") or peer.certificate == "none":
        if "tcp_dialback" in can:
            return _out_in_clear(row, can, peer, ["starttls"])
        return _bad("no_tls", ["starttls"], "there is no TLS and no method in clear")
    return _out_under_tls(row, can, peer, pin)


def _we_ask(row, peer):
    """What we send on the stream on which we, as a receiver, ask about the peer's key."""
    if row.tls == "not_supported":
        return ["verify"]
    return ["starttls", "verify"] if peer.starttls == "lacks" else ["starttls", "tls verify"]


def _in_clear(row, can, peer, trace):
    if peer.external:
        trace = trace + ["failure encryption-required"]
    if peer.dialback and "tcp_dialback" in can:
        return _good("tcp_dialback", trace + ["result valid"], _we_ask(row, peer),
                     "the peer does no TLS, and the record permits dialback in clear")
    if peer.dialback:
        trace = trace + ["result error " + ("policy-violation" if "tls_dialback" in can else
                                            "not-authorized")]
    trace = trace + ["error not-authorized"]
    if "tcp_dialback" in can:
        return _bad("no_proof", trace, "dialback is all that there is in clear")
    return _bad("no_tls", trace, "the record has no method in clear")


def _in_under_tls(row, can, peer, trace, pin):
    known = peer.certificate == "trusted"
    offer = offer_under_tls(can, known)
    trace = trace + ["proceed"]
    if pin == "wrong":
        return _bad("pin", trace + ["tls error not-authorized"], "a key that is not pinned")
    if offer is None:
        return _bad("certificate", trace + ["tls error policy-violation"],
                    "a certificate that does not prove the domain, and no dialback over TLS")
    trace = trace + [offer]
    if peer.external and known and "sasl_tls" in can:
        after = "tls features" + (" dialback" if "tls_dialback" in can else "")
        return _good("sasl_tls", trace + ["tls success", after], [], "EXTERNAL proves the domain")
    if peer.external:
        trace = trace + ["tls failure invalid-mechanism"]
    if not peer.dialback:
        return _bad("no_proof", trace + ["tls error not-authorized"],
                    "EXTERNAL proves nothing or is not used, and the peer does no dialback")
    if "tls_dialback" not in can:
        return _bad("dialback_barred",
                    trace + ["tls result error not-authorized", "tls error not-authorized"],
                    "the record permits no dialback")
    trace = trace + ["tls result valid"]
    if known:
        return _good("sasl_tls" if "sasl_tls" in can else "tls_dialback", trace, [],
                     "the certificate proves the domain, nobody need be asked")
    return _good("tls_dialback", trace, _we_ask(row, peer),
                 "an unproven certificate encrypts, dialback proves")


def _inbound(row, can, peer, pin):
    """The peer connects, and is asked about its key. It tries whatever it can do, offered or
    not, and in the end a stanza. Where it shows no certificate, that is as a client: as a server
    it has one that nobody trusts."""
    trace = [offer_in_clear(row, can)]
    if peer.starttls == "lacks" or (peer.starttls == "offers" and row.tls == "not_supported"):
        return _in_clear(row, can, peer, trace)
    if row.tls == "not_supported":
        return _bad("peer_wants_tls", trace + ["failure"], "the record rules TLS out")
    return _in_under_tls(row, can, peer, trace, pin)


# pylint: disable=too-many-arguments
def judge(row, direction, peer, floor="none", pin="none"):
    code = refusal(row, floor)
    if code is not None:
        return _bad("commit", [], f"the configuration is refused with {code}")
    play = _outbound if direction == "out" else _inbound
    return play(row, permitted(row, floor, pin), peer, pin)


def verdict(outcome):
    return outcome.method or f"refused:{outcome.reason}"
