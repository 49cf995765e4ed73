#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference/conformance.md: which rule of mapping.md is carried out where, and which
tests prove it. It is made of the tags in code and tests, and of docs/reference/not-carried-out.md.

  ledger.py           write the page
  ledger.py --check   fail if the page is stale, or if a rule is neither in code nor in the list
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULES = "docs/reference/mapping.md"
LISTED = "docs/reference/not-carried-out.md"
PAGE = "docs/reference/conformance.md"
CODE = ("include", "translate", "proxy-link", "gateway", "edge")
TESTS = ("tests/unit", "tests/vectors", "tests/interop", "tests/fuzz", "tests/scenario")

# In these areas each rule is in the code or has a reason; in the others it may wait.
DUE = ("ARCH", "ADDR", "MSG", "CT", "RCPT", "EXT", "PRES", "IQ", "ERR", "SEC")
LATER = ("SUB", "WINFO", "PUB", "RLS", "SESS", "GC", "STREAM", "COMP", "STATE")
TAG = r"(?:%s)-[0-9]+" % "|".join(DUE + LATER)
CITED = re.compile(r"\b" + TAG + r"\b")
# A rule begins a row of a table, a heading or a paragraph in bold letters.
RULE = re.compile(r"(?:\| |\*\*|#+ [0-9.]+ )(" + TAG + r")\b(.*)")
LEVEL = re.compile(r"\[([SID])\b[^]]*\]")


def lines_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read().splitlines()


def read_rules():
    """{tag: levels in the order of the text}; the rows of a section "all [D]" need not say so."""
    rules, whole = {}, ""
    for line in lines_of(RULES):
        if line.startswith("## "):
            whole = ""
        if "all [D]" in line and not line.startswith("|"):
            whole = "D"
        found = RULE.match(line)
        if found and (found[1] not in rules or rules[found[1]] == ""):
            marks = dict.fromkeys(LEVEL.findall(found[2]))
            rules[found[1]] = " ".join(marks) or whole
    return rules


def read_listed(problems):
    """{tag: (reason, plan)} of the hand-written list."""
    listed = {}
    for line in lines_of(LISTED):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("| ") or not re.fullmatch(TAG, cells[0]):
            continue
        if len(cells) != 3 or not cells[1] or not cells[2]:
            problems.append(f"{LISTED}: {cells[0]} needs a reason and a plan")
        elif cells[0] in listed:
            problems.append(f"{LISTED}: {cells[0]} stands there twice")
        else:
            listed[cells[0]] = (cells[1], cells[2])
    return listed


def vector_citations(text):
    """(tag, case) of the cases that are played."""
    for case in re.split(r"(?m)^(?=- id: )", text):
        name = re.match(r"- id: (\S+)", case)
        rules = re.search(r"(?m)^  rules: \[([^]]*)\]", case)
        if name and rules and not re.search(r"(?m)^  not_run:", case):
            for tag in CITED.findall(rules[1]):
                yield tag, name[1]


def citations(folders, suffixes):
    """{tag: names of files, or of conformance cases, that cite it}"""
    cited = {}
    for folder in folders:
        for here, below, names in os.walk(os.path.join(ROOT, folder)):
            below[:] = [name for name in below if name not in ("corpus", "bad_config", "__pycache__")]
            for name in names:
                if not name.endswith(suffixes):
                    continue
                path = os.path.relpath(os.path.join(here, name), ROOT)
                with open(os.path.join(here, name), encoding="utf-8") as file:
                    text = file.read()
                if name.endswith(".yaml"):
                    found = vector_citations(text)
                else:
                    found = ((tag, path) for tag in CITED.findall(text))
                for tag, place in found:
                    cited.setdefault(tag, set()).add(place)
    return cited


def order(tag):
    area, number = tag.split("-")
    return (DUE + LATER).index(area), int(number)


def is_done(tag, code):
    """A public header promises; only what stands elsewhere does it."""
    return any(not place.startswith("include/") for place in code.get(tag, ()))


def state_of(tag, code, tests, listed):
    if is_done(tag, code):
        return "yes" if tag in tests else "**untested**"
    if tag in listed:
        return "no: {} ({})".format(*listed[tag])
    if tag in code:
        return "**promised**"
    return "later" if tag.split("-")[0] in LATER else "**open**"


def short(places):
    return ", ".join(sorted(places))


def tests_of(places):
    """Cases first, then files without the common folder."""
    cases = sorted(place for place in places if "/" not in place)
    files = sorted(place[len("tests/"):] for place in places if "/" in place)
    return ", ".join(cases + files)


HEAD = """# Conformance

Which rule of [mapping.md](mapping.md) is carried out by which files, and which tests prove it. This page is made of the tags in the
sources by `make ledger`; a test fails when it is stale. Reasons come from [not-carried-out.md](not-carried-out.md).

Level: S a standard says so, I follows from several, D our decision. Tests: cases of `tests/vectors` by their id, other files below `tests/`.
State: `yes`; `no` with the reason and what is planned; `later` in areas where a rule may wait. To be mended are `untested`, `promised`
(by a header of `include/`, but no code bears the tag) and `open`.
"""


def page_of(rules, code, tests, listed):
    out = [HEAD, "| Area | Rules | Carried out | of these tested | Not, with a reason | Open or later |",
           "|---|---|---|---|---|---|"]
    tags = sorted(rules, key=order)
    for area in DUE + LATER:
        mine = [tag for tag in tags if tag.split("-")[0] == area]
        done = [tag for tag in mine if is_done(tag, code)]
        proven = [tag for tag in done if tag in tests]
        reason = [tag for tag in mine if tag in listed and tag not in done]
        rest = len(mine) - len(done) - len(reason)
        out.append(f"| {area} | {len(mine)} | {len(done)} | {len(proven)} | {len(reason)} | {rest} |")
    last = None
    for tag in tags:
        area = tag.split("-")[0]
        if area != last:
            out += ["", f"## {area}", "", "| Rule | Level | Carried out in | Tests | State |",
                    "|---|---|---|---|---|"]
            last = area
        out.append("| {} | {} | {} | {} | {} |".format(
            tag, rules[tag] or "-", short(code.get(tag, ())) or "-",
            tests_of(tests.get(tag, ())) or "-", state_of(tag, code, tests, listed)))
    return "\n".join(out) + "\n"


def check(rules, code, listed, problems):
    for tag in sorted(rules, key=order):
        if is_done(tag, code) or tag in listed:
            continue
        if tag in code:
            problems.append(f"{tag} is promised in {short(code[tag])}, but in no code")
        elif tag.split("-")[0] in DUE:
            problems.append(f"{tag} is in no code, and {LISTED} gives no reason")
    for tag in sorted(listed, key=order):
        if tag not in rules:
            problems.append(f"{LISTED}: {tag} is no rule")
        elif is_done(tag, code):
            problems.append(f"{LISTED}: {tag} is in the code: {short(code[tag])}")


def main():
    problems = []
    rules = read_rules()
    listed = read_listed(problems)
    code = citations(CODE, (".c", ".h"))
    tests = citations(TESTS, (".c", ".h", ".py", ".yaml"))
    check(rules, code, listed, problems)
    page = page_of(rules, code, tests, listed)
    path = os.path.join(ROOT, PAGE)
    if sys.argv[1:] == ["--check"]:
        if not os.path.exists(path) or "\n".join(lines_of(PAGE)) + "\n" != page:
            problems.append(f"{PAGE} is stale: make ledger")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        with open(path, "w", encoding="utf-8") as file:
            file.write(page)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


main()
