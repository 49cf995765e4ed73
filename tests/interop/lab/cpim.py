# SPDX-License-Identifier: Apache-2.0
"""message/cpim (RFC 3862) and the disposition notifications that travel in it (RFC 5438)."""
import uuid
import xml.etree.ElementTree as ET

TYPE = "message/cpim"
IMDN_TYPE = "message/imdn+xml"
NS_HEADER = "urn:ietf:params:imdn"
NS_DOCUMENT = "urn:ietf:params:xml:ns:imdn"
DATE = "2026-03-02T09:00:00Z"


class Cpim:
    """One object, read: message headers, MIME headers, content."""

    def __init__(self, body):
        head, mime, content = body.decode("utf-8").split("\r\n\r\n", 2)
        self.headers = _headers(head)
        self.mime = _headers(mime)
        self.content = content

    def imdn(self):
        """(message-id, status) of the notification that is enclosed."""
        root = ET.fromstring(self.content)
        if root.tag != f"{{{NS_DOCUMENT}}}imdn":
            raise ValueError(f"not a notification: {root.tag}")
        status = root.find(f".//{{{NS_DOCUMENT}}}status")
        return (root.findtext(f"{{{NS_DOCUMENT}}}message-id"), status[0].tag.split("}")[1])


def _headers(text):
    return dict(line.split(": ", 1) for line in text.split("\r\n"))


def is_one(request):
    return request.get("content-type", "").startswith(TYPE)


def is_imdn(request):
    return is_one(request) and Cpim(request.body).mime["Content-Type"].startswith(IMDN_TYPE)


def write(sender, receiver, content, wants=None, mime=("Content-Type: text/plain; charset=utf-8",)):
    """(id, body) of a message from one address (user@domain) to another; `wants` is the value of
    imdn.Disposition-Notification."""
    message_id = uuid.uuid4().hex
    head = [f"From: <im:{sender}>", f"To: <im:{receiver}>", f"NS: imdn <{NS_HEADER}>",
            f"imdn.Message-ID: {message_id}", f"DateTime: {DATE}"]
    head += [f"imdn.Disposition-Notification: {wants}"] if wants else []
    return message_id, "\r\n".join([*head, "", *mime, "", content])


def write_imdn(sender, receiver, about, status):
    """The body of a notification about the message of that id."""
    kind = "display" if status == "displayed" else "delivery"
    document = (f'<?xml version="1.0" encoding="UTF-8"?>\n<imdn xmlns="{NS_DOCUMENT}">'
                f"<message-id>{about}</message-id><datetime>{DATE}</datetime>"
                f"<{kind}-notification><status><{status}/></status></{kind}-notification></imdn>")
    return write(sender, receiver, document, mime=(
        f"Content-Type: {IMDN_TYPE}", "Content-Disposition: notification"))[1]
