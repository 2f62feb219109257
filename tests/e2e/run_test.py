#!/usr/bin/env python3
"""Lists the e2e tests for ctest, runs one, and brings the cluster up and down around them.

  run_test.py list FILE...        CLASS.METHOD FILE, a line each
  run_test.py run FILE CLASS.METHOD
  run_test.py up | down           the cluster; `down` leaves it alone where it ran before `up`

Exit code 77: skipped, for it needs root. With HEADGATE_REQUIRE_E2E=1 that is 1.
"""
import ast
import os
import pathlib
import subprocess
import sys
import unittest

import processes

HERE = pathlib.Path(__file__).resolve().parent
CLUSTER = HERE.parent / "cluster" / "cluster"
STATE = pathlib.Path(os.environ.get("HEADGATE_E2E_STATE") or HERE.parents[1] / "build" / "e2e")
DEMO = pathlib.Path(os.environ.get("HEADGATE_CACHE") or pathlib.Path.home() / ".cache" / "headgate") / "demo"
SKIPPED = 77


def tests_of(path):
    """CLASS.METHOD of each test in a file; the file is read, not run."""
    for node in ast.parse(pathlib.Path(path).read_text()).body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and member.name.startswith("test_"):
                    yield f"{node.name}.{member.name}"


def needs_root():
    if os.getuid() == 0:
        return
    print("skipped: e2e tests need root (containerd, network namespaces)")
    sys.exit(1 if os.environ.get("HEADGATE_REQUIRE_E2E") == "1" else SKIPPED)


def up():
    ran = subprocess.run([CLUSTER, "pid", "kubelet"], capture_output=True).returncode == 0
    STATE.mkdir(parents=True, exist_ok=True)
    if not ran:
        (STATE / "cluster-is-ours").touch()
    return subprocess.run([CLUSTER, "up"]).returncode


def down():
    marker = STATE / "cluster-is-ours"
    if not marker.exists():
        print("the cluster ran before; left as it is")
        return 0
    marker.unlink()
    return subprocess.run([CLUSTER, "down"]).returncode


def main():
    command, *rest = sys.argv[1:] or ["help"]
    if command == "list":
        for path in rest:
            for name in tests_of(path):
                print(name, path)
        return 0
    if command not in ("run", "up", "down"):
        print(__doc__)
        return 2
    needs_root()
    if command in ("up", "down"):
        return up() if command == "up" else down()
    path, name = rest
    if processes.Processes(DEMO).pid("headgate"):
        print("scripts/demo has left its headgate running, and only one can lead on a cluster; end it with scripts/demo --down")
        return 1
    sys.path.insert(0, str(HERE))
    suite = unittest.defaultTestLoader.loadTestsFromName(f"{pathlib.Path(path).stem}.{name}")
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
