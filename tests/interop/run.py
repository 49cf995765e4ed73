#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the interop tests, a process a file; prints one line a test, then "N passed, N failed"."""
import argparse
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FILE_LIMIT_S = 420
GRACE_S = 15
PR_SET_CHILD_SUBREAPER = 36


def become_reaper():
    """Orphans of a test file become our children, so that they can be ended by pid."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as entry:
            return [int(word) for word in entry.read().split()]
    except OSError:
        return []


def end_orphans():
    """Kills and collects what a test file has left behind. Returns how many there were."""
    count = 0
    while True:
        left = children_of(os.getpid())
        if not left:
            return count
        for pid in left:
            try:
                if os.waitpid(pid, os.WNOHANG)[0] == pid:
                    continue
                count += 1
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


def run_file(name, folder):
    """Runs one file. Returns (output, whether it passed its time limit)."""
    environment = dict(os.environ, CAUSEWAY_LAB=folder, PYTHONUNBUFFERED="1")
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "unittest", "-v", name],
                             cwd=HERE, env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace",
                             start_new_session=True)
    try:
        return child.communicate(timeout=FILE_LIMIT_S)[0], False
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)
        try:
            return child.communicate(timeout=GRACE_S)[0], True
        except subprocess.TimeoutExpired:
            child.kill()
            return child.communicate()[0], True


def read_results(output):
    """(test, passed) of each test that unittest reported."""
    results = {}
    waiting = None
    for line in output.splitlines():
        match = re.match(r"^(test_\w+) \(([\w.]+)\)", line)
        if match:
            waiting = match[2]
        if waiting is None:
            continue
        verdict = re.search(r"(?:\.\.\. |^)(ok|FAIL|ERROR)$", line)
        if verdict:
            results[waiting] = verdict[1] == "ok"
            waiting = None
    for line in output.splitlines():
        match = re.match(r"^(?:ERROR|FAIL): (\w+) \(([\w.]+)\)", line)
        if match:
            results[match[2] if match[1].startswith("test") else f"{match[2]}.{match[1]}"] = False
    if waiting is not None:
        results[waiting] = False
    return sorted(results.items())


def report(name, seconds, output, late, orphans):
    """Prints the lines of one file. Returns (passed, failed)."""
    results = read_results(output)
    for test, passed in results:
        print(f"{'PASS' if passed else 'FAIL'} {test}")
    passed = sum(1 for _, good in results if good)
    failed = len(results) - passed
    if late or not results:
        print(f"FAIL {name} ({'time limit' if late else 'nothing ran'})")
        failed += 1
    if orphans:
        print(f"       {name}: {orphans} processes were left and have been ended")
    if failed:
        print(output)
    else:
        for line in output.splitlines():
            if line.startswith("# "):  # what a test has to say beyond that it passed
                print(f"       {line[2:]}")
    print(f"       {name}: {seconds:.1f} s", flush=True)
    return passed, failed


def test_names(chosen):
    names = sorted(entry[:-3] for entry in os.listdir(HERE)
                   if entry.startswith("test_") and entry.endswith(".py"))
    return [name for name in names if not chosen or name in chosen or name[5:] in chosen]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", help="build directory (default: build/release)")
    parser.add_argument("tests", nargs="*", help="names of test files, e.g. messages")
    options = parser.parse_args()
    if options.build:
        os.environ["CAUSEWAY_BUILD"] = os.path.abspath(options.build)
    folder = os.path.join(ROOT, "build", f"interop-{os.getpid()}")
    shutil.rmtree(folder, ignore_errors=True)
    become_reaper()
    totals = [0, 0]
    for name in test_names(options.tests):
        begin = time.monotonic()
        output, late = run_file(name, folder)
        passed, failed = report(name, time.monotonic() - begin, output, late, end_orphans())
        totals[0] += passed
        totals[1] += failed
    if totals[1] == 0:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"logs: {folder}")
    print(f"{totals[0]} passed, {totals[1]} failed")
    return 0 if totals[1] == 0 and totals[0] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
