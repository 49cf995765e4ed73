#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mutation test of gateway/policy.c: makes mutants of the rules and of what reads them, builds test_policy.c with each, and counts
those that the test kills. A mutant of the table that decides every question as the table does is none: an evaluation of the table of
its own finds those. All that is built stays below build/mutate.

  mutate.py              all mutants; fails where fewer than 90 % are killed
  mutate.py --list       the mutants, without running them
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SUBJECT = os.path.join(ROOT, "gateway/policy.c")
TEST = os.path.join(ROOT, "tests/unit/test_policy.c")
PLACE = os.path.join(ROOT, "build/mutate")
WANTED = 90
BATCH = 25  # mutants of one program
FLAGS = ["-std=c17", "-O0", "-w", "-D_POSIX_C_SOURCE=200809L", "-I" + os.path.join(ROOT, "include"),
         "-I" + os.path.join(ROOT, "gateway"), "-I" + os.path.join(ROOT, "tests/unit")]

PARTNERS = ["ANY", "FEDERATED", "VERIFIED", "UNVERIFIED"]
DIRECTIONS = ["ANY", "FROM_XMPP", "FROM_SIP"]
REQUESTS = ["ANY", "CANCEL", "PROBE", "TALK"]
VERDICTS = ["ALLOW", "REFUSE", "AS_UNKNOWN"]
ROW = re.compile(r"^    \{(\w+), +(\w+), +(\w+), +(\w+(?:\(\w+\))?), +(\w+), +(CW_REASON_\w+)\},$")

# Places outside the table: (what is found once, what stands there instead).
PLACES = [
    ("(rule->partners & BIT(q->partner)) != 0 &&", ["", "(rule->partners & BIT(q->partner)) == 0 &&",
                                                  "(rule->partners | BIT(q->partner)) != 0 &&"]),
    ("(rule->directions & BIT(q->direction)) != 0", ["true", "(rule->directions & BIT(q->direction)) == 0",
                                                    "(rule->directions & BIT(q->request)) != 0"]),
    ("(rule->requests & BIT(q->request)) != 0", ["true", "(rule->requests & BIT(q->request)) == 0",
                                                "(rule->requests & BIT(q->direction)) != 0"]),
    ("(q->facts & rule->facts_mask) == rule->facts_want",
     ["true", "(q->facts & rule->facts_mask) != rule->facts_want", "(q->facts & rule->facts_want) == rule->facts_want",
      "(q->facts | rule->facts_mask) == rule->facts_want", "q->facts == rule->facts_want"]),
    ("for (size_t i = 0; i < sizeof(RULES)", ["for (size_t i = 1; i < sizeof(RULES)"]),
    ("i < sizeof(RULES) / sizeof(RULES[0])", ["i + 1 < sizeof(RULES) / sizeof(RULES[0])"]),
    ("{RULES[i].verdict, RULES[i].reason}", ["{RULES[0].verdict, RULES[i].reason}", "{RULES[i].verdict, RULES[0].reason}"]),
    ("{REFUSE, CW_REASON_NO_RULE}", ["{ALLOW, CW_REASON_NO_RULE}", "{AS_UNKNOWN, CW_REASON_NO_RULE}",
                                    "{REFUSE, CW_REASON_UNLISTED}"]),
    ("return partner == CW_PARTNER_FEDERATED;", ["return partner != CW_PARTNER_FEDERATED;", "return true;", "return false;"]),
    ("#define BIT(n)      (1u << (n))", ["#define BIT(n)      (1u << ((n) + 1))"]),
    ("#define NEED(facts) (facts), (facts)", ["#define NEED(facts) (facts), 0", "#define NEED(facts) 0, 0"]),
    ("#define LACK(facts) (facts), 0", ["#define LACK(facts) (facts), (facts)", "#define LACK(facts) 0, 0"]),
    ("#define TALK        (BIT(CW_REQUEST_MESSAGE) | BIT(CW_REQUEST_TYPING))",
     ["#define TALK        BIT(CW_REQUEST_MESSAGE)", "#define TALK        BIT(CW_REQUEST_TYPING)", "#define TALK        ANY"]),
    ("? REASONS[reason].label", ["? REASONS[reason].text", "? REASONS[0].label"]),
    ("? REASONS[reason].text", ["? REASONS[reason].label", "? REASONS[0].text"]),
    (".label : REASONS[0].label", [".label : REASONS[1].label"]),
    (".text : REASONS[0].text", [".text : REASONS[1].text"]),
]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def facts_of(header):
    return [name for name in re.findall(r"(CW_FACT_\w+) =", read(header))]


def reasons_of(header):
    return ["CW_REASON_" + name for name in re.findall(r"^    X\((\w+), ", read(header), re.M)]


def row_text(cells):
    return "    {" + ", ".join(cells) + "},"


def fact_changes(cell, facts):
    """Another fact, the opposite of it, none at all."""
    found = re.fullmatch(r"(NEED|LACK)\((\w+)\)", cell)
    if found is None:
        return ["NEED(%s)" % fact for fact in facts] + ["LACK(%s)" % fact for fact in facts]
    kind, fact = found.groups()
    other = {"NEED": "LACK", "LACK": "NEED"}[kind]
    return ["%s(%s)" % (other, fact), "WHATEVER"] + ["%s(%s)" % (kind, f) for f in facts if f != fact]


def next_of(names, name):
    """One other word for each cell of many words: the rest would say the same again."""
    return [names[(names.index(name) + 1) % len(names)], names[names.index(name) - 1]]


def mutants_of_row(lines, at, facts, reasons):
    cells = list(ROW.match(lines[at]).groups())
    yield "dropped", lines[:at] + lines[at + 1:]
    if at + 1 < len(lines) and ROW.match(lines[at + 1]):
        yield "after the next", lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]
    changes = [(0, [p for p in PARTNERS if p != cells[0]]), (1, [d for d in DIRECTIONS if d != cells[1]]),
               (2, [r for r in REQUESTS if r != cells[2]]), (3, fact_changes(cells[3], facts)),
               (4, [v for v in VERDICTS if v != cells[4]]), (5, next_of(reasons, cells[5]))]
    for column, others in changes:
        for other in others:
            changed = cells[:column] + [other] + cells[column + 1:]
            yield "%s -> %s" % (cells[column], other), lines[:at] + [row_text(changed)] + lines[at + 1:]


def mutants(source):
    """(name, text) of each."""
    header = os.path.join(ROOT, "gateway/policy.h")
    facts = facts_of(header)
    reasons = reasons_of(header)
    lines = source.split("\n")
    rows = [at for at, line in enumerate(lines) if ROW.match(line)]
    if len(rows) < 10:
        sys.exit("mutate.py no longer reads the table of " + SUBJECT)
    for at in rows:
        for name, text in mutants_of_row(lines, at, facts, reasons):
            yield "line %d: %s" % (at + 1, name), "\n".join(text)
    for found, others in PLACES:
        if source.count(found) != 1:
            sys.exit("mutate.py no longer finds, once: " + found)
        for other in others:
            yield "%s -> %s" % (found, other or "nothing"), source.replace(found, other)


# ---- which mutants are none: the table once more, over all questions at once ----

TYPES, SIDES, KINDS, FACTS = 3, 2, 7, 256
QUESTIONS = TYPES * SIDES * KINDS * FACTS
WORDS = {"FEDERATED": 1, "VERIFIED": 2, "UNVERIFIED": 4, "FROM_XMPP": 1, "FROM_SIP": 2, "CANCEL": 1 << 2, "PROBE": 1 << 3,
         "TALK": 1 << 5 | 1 << 6, "ANY": 255}


def set_of(holds):
    """The questions for which holds(type, side, kind, facts), one bit each."""
    bits = 0
    for n in range(QUESTIONS):
        if holds(n % TYPES, n // TYPES % SIDES, n // (TYPES * SIDES) % KINDS, n // (TYPES * SIDES * KINDS)):
            bits |= 1 << n
    return bits


class Table:
    """What a table of rules decides. Sets of questions are kept, as most rows share their words."""

    def __init__(self, facts):
        self.facts = facts
        self.kept = {}

    def column(self, place, word):
        if (place, word) not in self.kept:
            if place < 3:
                bits = WORDS[word]
                self.kept[place, word] = set_of(lambda *q: bits >> q[place] & 1)
            elif word == "WHATEVER":
                self.kept[place, word] = (1 << QUESTIONS) - 1
            else:
                kind, fact = re.fullmatch(r"(NEED|LACK)\((\w+)\)", word).groups()
                bit = self.facts.index(fact)
                self.kept[place, word] = set_of(lambda *q: (q[3] >> bit & 1) == (kind == "NEED"))
        return self.kept[place, word]

    def decides(self, lines):
        left = (1 << QUESTIONS) - 1
        decided = {}
        for found in filter(None, map(ROW.match, lines)):
            cells = found.groups()
            mine = left
            for place in range(4):
                mine &= self.column(place, cells[place])
            decided[cells[4:]] = decided.get(cells[4:], 0) | mine
            left &= ~mine
        return {what: which for what, which in decided.items() if which}, left


def split(source, every):
    """The mutants of the table that decide all as the table does, and the rest."""
    table = Table(facts_of(os.path.join(ROOT, "gateway/policy.h")))
    same = table.decides(source.split("\n"))
    none = [name for name, text in every
            if name.startswith("line ") and table.decides(text.split("\n")) == same]
    return none, [(name, text) for name, text in every if name not in none]


# ---- building and running ----

HIDDEN = ["RULES", "REASONS", "fits", "rule"]
PUBLIC = ["cw_policy_decide", "cw_policy_shows_notes", "cw_reason_label", "cw_reason_text"]
DRIVER = """#include "policy.h"
#include <stdlib.h>
struct subject {
    struct cw_decision (*decide)(const struct cw_question *);
    bool (*shows_notes)(enum cw_partner_type);
    const char *(*label)(enum cw_reason);
    const char *(*text)(enum cw_reason);
};
extern const struct subject SUBJECTS[];
static const struct subject *subject(void) { return &SUBJECTS[atoi(getenv("MUTANT"))]; }
struct cw_decision cw_policy_decide(const struct cw_question *q) { return subject()->decide(q); }
bool cw_policy_shows_notes(enum cw_partner_type partner) { return subject()->shows_notes(partner); }
const char *cw_reason_label(enum cw_reason reason) { return subject()->label(reason); }
const char *cw_reason_text(enum cw_reason reason) { return subject()->text(reason); }
"""


def unit_of(number, text):
    """One mutant among others in one file: all its names get its number."""
    macros = re.findall(r"^#define (\w+)", text, re.M)
    names = HIDDEN + PUBLIC
    return "\n".join(["#define %s %s_%d" % (name, name, number) for name in names] +
                     [re.sub(r"(?m)^#include .*$", "", text)] +
                     ["#undef " + name for name in names + sorted(set(macros) - {"X"})])


def run(command, mutant=0):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
                          env=dict(os.environ, MUTANT=str(mutant)))


def compile_to(out, *what):
    return run(["cc", *FLAGS, *what, "-o", out])


def in_place(name):
    return os.path.join(PLACE, name)


def write(name, text):
    with open(in_place(name), "w", encoding="utf-8") as file:
        file.write(text)
    return in_place(name)


def build(name, batch):
    """A program of several mutants. False: one of them does not build."""
    table = ",\n".join("{" + ", ".join("%s_%d" % (public, n) for public in PUBLIC) + "}" for n in range(len(batch)))
    text = "\n".join(['#include "policy.h"', "#include <stddef.h>"] + [unit_of(n, text) for n, text in enumerate(batch)] +
                     ["struct subject { void *functions[4]; };", "const struct subject SUBJECTS[] = {" + table + "};"])
    return compile_to(in_place(name), write(name + ".c", text), in_place("test.o"), in_place("driver.o"), "-lcmocka").returncode == 0


def play(name, mutant):
    try:
        return "killed" if run([in_place(name)], mutant).returncode != 0 else "lives"
    except subprocess.TimeoutExpired:
        return "killed"


def judge(batch):
    """(first number, texts) -> 'killed', 'lives', or 'broken' for each: it does not build and says nothing."""
    first, texts = batch
    name = "mutants_%d" % first
    if build(name, texts):
        return [play(name, n) for n in range(len(texts))]
    if len(texts) == 1:
        return ["broken"]
    return [judge((first * 1000 + n, [text]))[0] for n, text in enumerate(texts)]


def prepare(source):
    shutil.rmtree(PLACE, ignore_errors=True)
    os.makedirs(PLACE)
    built = compile_to(in_place("test.o"), "-c", TEST)
    if built.returncode != 0 or compile_to(in_place("driver.o"), "-c", write("driver.c", DRIVER)).returncode != 0:
        sys.exit("test_policy.c does not build:\n" + built.stdout.decode())
    if judge((0, [source])) != ["lives"]:
        sys.exit("the test fails without any mutant")


def main():
    source = read(SUBJECT)
    none, every = split(source, list(mutants(source)))
    if sys.argv[1:] == ["--list"]:
        print("\n".join(name for name, _ in every))
        return
    if sys.argv[1:]:
        sys.exit(__doc__)
    prepare(source)
    texts = [text for _, text in every]
    batches = [(at + 1, texts[at:at + BATCH]) for at in range(0, len(texts), BATCH)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = [result for some in pool.map(judge, batches) for result in some]
    for (name, _), result in zip(every, results):
        if result != "killed":
            print("%s: %s" % (result, name))
    killed = results.count("killed")
    print("%d of %d mutants killed (%.1f %%); %d more decide every question as the rules do, %d did not build"
          % (killed, len(results), 100.0 * killed / len(results), len(none), results.count("broken")))
    if killed * 100 < WANTED * len(results):
        sys.exit(1)


main()
