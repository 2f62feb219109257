#!/usr/bin/env python3
"""Fails when a folder includes or links what it must not: check_arrows.py [ROOT]

The rule (docs/ARCHITECTURE.md): cli -> reconciler -> {rollout, deploy, templating, git} -> core, and
git, deploy/kube, rollout/metrics -> net -> core; the four in the middle do not know each other. The headers of
libgit2, libcurl and prometheus-cpp are each included in one folder only. Tests may use every folder (a tree
read from YAML is the shortest way to state a bundle); nothing but tests may use theirs.
"""
import pathlib
import re
import sys

FOLDERS = ("core", "net", "git", "templating", "deploy", "rollout", "reconciler", "install", "cli")

# What a part of the tree may include beside itself. The longest prefix that fits holds.
MAY_INCLUDE = {
    "core": set(),
    "net": {"core"},
    "git": {"core", "net"},
    "templating": {"core"},
    "deploy": {"core"},
    "deploy/kube": {"core", "deploy", "net"},
    "rollout": {"core"},
    "rollout/metrics": {"core", "rollout", "net"},
    "reconciler": {"core", "git", "templating", "deploy", "rollout"},
    "install": {"core"},
    "cli": {"core", "net", "git", "templating", "deploy", "rollout", "reconciler", "install"},
}

# Headers of a library -> the one folder that includes them.
ONLY_IN = {r"git2(\.h|/.*)": "git", r"curl/.*": "net", r"prometheus/.*": "reconciler"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', re.MULTILINE)
LINK = re.compile(r"\bheadgate_(" + "|".join(FOLDERS) + r")\b")


def part_of(path):
    """The key of MAY_INCLUDE that a path ("deploy/kube/client.cc", "tests/unit/git/a.cc") belongs to, or None."""
    parts = path.split("/")
    if parts[:2] == ["tests", "unit"]:
        parts = parts[2:]
    for length in (2, 1):
        if "/".join(parts[:length]) in MAY_INCLUDE and len(parts) > length:
            return "/".join(parts[:length])
    return None


def faults_of_source(path, text):
    """What is wrong with the includes of one C++ file, as lines "path: why"."""
    faults = []
    part = part_of(path)
    in_tests = path.startswith("tests/")
    for header in INCLUDE.findall(text):
        for library, folder in ONLY_IN.items():
            if re.fullmatch(library, header) and part and part.split("/")[0] != folder:
                faults.append(f"{path}: includes <{header}>, which only {folder}/ may")
        if header.startswith("../") or "/../" in header:
            faults.append(f'{path}: includes "{header}"; headers are included from the root, as "core/result.h"')
            continue
        if header.startswith("tests/") and not in_tests:
            faults.append(f'{path}: includes "{header}"; only tests may')
        target = header.split("/")[0]
        if in_tests or part is None or target not in FOLDERS or "/" not in header or target == part.split("/")[0]:
            continue
        if target not in MAY_INCLUDE[part]:
            allowed = ", ".join(sorted(MAY_INCLUDE[part])) or "nothing"
            faults.append(f'{path}: includes "{header}"; {part}/ may include {allowed}')
    return faults


def faults_of_links(path, text):
    """What is wrong with the headgate_* libraries that a folder's CMakeLists.txt names."""
    folder = path.split("/")[0]
    allowed = {folder}
    for part, targets in MAY_INCLUDE.items():
        if part.split("/")[0] == folder:
            allowed |= targets
    text = re.sub(r"#.*", "", text)
    return [f"{path}: names headgate_{name}, which {folder}/ must not link"
            for name in sorted(set(LINK.findall(text)) - allowed)]


def check(root):
    """(faults, number of files read) of the tree below root."""
    faults, files = [], 0
    for top in (*FOLDERS, "tests"):
        for path in sorted((root / top).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix in (".h", ".cc"):
                faults += faults_of_source(name, path.read_text())
            elif path.name == "CMakeLists.txt" and top != "tests":
                faults += faults_of_links(name, path.read_text())
            else:
                continue
            files += 1
    return faults, files


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    faults, files = check(root)
    if not files:
        faults = [f"{root}: no source files found"]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
