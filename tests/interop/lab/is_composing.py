# SPDX-License-Identifier: Apache-2.0
"""Indications of composition, application/im-iscomposing+xml (RFC 3994)."""
import xml.etree.ElementTree as ET

TYPE = "application/im-iscomposing+xml"
NS = "urn:ietf:params:xml:ns:im-iscomposing"


def document(state, refresh=None):
    """That state, with the refresh interval in seconds if given."""
    interval = "" if refresh is None else f"<refresh>{refresh}</refresh>"
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<isComposing xmlns="{NS}">'
            f"<state>{state}</state><contenttype>text/plain</contenttype>{interval}</isComposing>")


def is_one(request):
    """Whether a request is a status message."""
    return request.get("content-type", "").startswith(TYPE)


def read(request):
    """(state, refresh in seconds or None)."""
    root = ET.fromstring(request.body)
    if root.tag != f"{{{NS}}}isComposing":
        raise ValueError(f"not an indication: {root.tag}")
    refresh = root.findtext(f"{{{NS}}}refresh")
    return root.findtext(f"{{{NS}}}state"), None if refresh is None else int(refresh)
