# SPDX-License-Identifier: Apache-2.0
"""SIP messages as text: enough for a user agent of the tests."""

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l":
           "content-length", "c": "content-type", "o": "event", "s": "subject", "k": "supported"}


class SipMessage:
    """A request (method, uri) or a response (code, reason); headers in order."""

    def __init__(self, start, headers, body=b""):
        self.start = start
        self.headers = headers
        self.body = body
        words = start.split(" ", 2)
        self.is_response = words[0] == "SIP/2.0"
        self.code = int(words[1]) if self.is_response else None
        self.method = None if self.is_response else words[0]
        self.uri = None if self.is_response else words[1]

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name, default=None):
        found = self.all(name)
        return found[0] if found else default

    def text(self):
        return self.body.decode("utf-8")

    def to_bytes(self):
        lines = [self.start] + [f"{key}: {value}" for key, value in self.headers]
        lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body

    def __repr__(self):
        return self.to_bytes().decode("utf-8", "replace")


def _header(line):
    key, _, value = line.partition(":")
    key = key.strip()
    return COMPACT.get(key.lower(), key), value.strip()


def parse_head(head):
    """The start line and headers of a message whose head (without blank line) is `head`."""
    lines = head.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ")
    start, *rest = lines.split("\r\n")
    message = SipMessage(start, [_header(line) for line in rest if line])
    length = int(message.get("content-length", "0"))
    message.headers = [(k, v) for k, v in message.headers if k.lower() != "content-length"]
    return message, length


def parse(data):
    """One whole datagram."""
    head, _, body = data.partition(b"\r\n\r\n")
    message, length = parse_head(head)
    message.body = body[:length]
    return message


def take_from_stream(buffer):
    """(message or None, rest) of the bytes read so far from a stream."""
    buffer = buffer.lstrip(b"\r\n")
    head, found, rest = buffer.partition(b"\r\n\r\n")
    if not found:
        return None, buffer
    message, length = parse_head(head)
    if len(rest) < length:
        return None, buffer
    message.body = rest[:length]
    return message, rest[length:]


def parameter(value, name):
    """A header parameter, e.g. tag of From; None if absent."""
    for part in value.split(">")[-1].split(";")[1:]:
        key, _, text = part.strip().partition("=")
        if key.lower() == name:
            return text.strip('"')
    return None


def addr_spec(value):
    """The URI of a name-addr or addr-spec header value."""
    if "<" in value:
        return value.split("<", 1)[1].split(">", 1)[0]
    return value.split(";", 1)[0].strip()
