# SPDX-License-Identifier: Apache-2.0
"""PIDF documents (RFC 3863, RFC 4480) of the SIP users of the tests, and reading the gateway's."""
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

PIDF = "{urn:ietf:params:xml:ns:pidf}"
SHOW = "{jabber:client}show"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RPID = "{urn:ietf:params:xml:ns:pidf:rpid}"


def element(tuple_id, basic="open", show=None, note=None, priority=None, contact=None, notes=(),
            idle_since=None):
    """One <tuple/>; `notes` are pairs of language and text."""
    status = f"<basic>{basic}</basic>"
    if show is not None:
        status += f'<show xmlns="jabber:client">{escape(show)}</show>'
    text = f"<tuple id={quoteattr(tuple_id)}><status>{status}</status>"
    if idle_since is not None:
        text += f"<rpid:user-input last-input={quoteattr(idle_since)}>idle</rpid:user-input>"
    if contact is not None:
        attribute = f' priority="{priority}"' if priority is not None else ""
        text += f"<contact{attribute}>{escape(contact)}</contact>"
    if note is not None:
        text += f'<note xml:lang="en">{escape(note)}</note>'
    for language, written in notes:
        text += f"<note xml:lang={quoteattr(language)}>{escape(written)}</note>"
    return text + "</tuple>"


def person(activity=None, note=None):
    """A <dm:person/> with one RPID activity."""
    text = '<dm:person id="p1"><rpid:activities>'
    if note is not None:
        text += f"<rpid:note>{escape(note)}</rpid:note>"
    return text + (f"<rpid:{activity}/>" if activity else "") + "</rpid:activities></dm:person>"


def document(entity, *parts):
    """A whole document of tuples, then a person."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<presence xmlns="urn:ietf:params:xml:ns:pidf" '
            'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
            'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" '
            f'entity={quoteattr(entity)}>{"".join(parts)}</presence>\n')


def _text(parent, path):
    found = parent.find(path)
    return None if found is None else (found.text or "")


def read(body):
    """{tuple id: {basic, show, note, notes, idle_since, priority, contact}} of a document, and its
    activities under None."""
    root = ET.fromstring(body)
    tuples = {}
    for node in root.findall(f"{PIDF}tuple"):
        contact = node.find(f"{PIDF}contact")
        idle = node.find(f"{RPID}user-input")
        tuples[node.get("id")] = {
            "basic": _text(node, f"{PIDF}status/{PIDF}basic"),
            "show": _text(node, f"{PIDF}status/{SHOW}"), "note": _text(node, f"{PIDF}note"),
            "notes": {note.get(LANG): note.text for note in node.findall(f"{PIDF}note")},
            "idle_since": None if idle is None else idle.get("last-input"),
            "priority": None if contact is None else contact.get("priority"),
            "contact": None if contact is None else contact.text}
    tuples[None] = [child.tag.replace(RPID, "") for activities in root.iter(f"{RPID}activities")
                    for child in activities]
    return tuples
