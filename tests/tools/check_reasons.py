#!/usr/bin/env python3
"""Fails when a reason that Headgate writes into conditions or events is not told of in docs/operations.md: check_reasons.py [ROOT]

Reasons are found in the code: those of conditions in reconciler/report.cc and in the words of health, those of events in the first
words of Say(...) and of rollout's events. Each must stand there between backticks.
"""
import pathlib
import re
import sys

WORD = r'"([A-Z][A-Za-z]+)"'
CONDITIONS = [  # in reconciler/report.cc
    re.compile(r"return " + WORD + ";"),  # of a trouble
    re.compile(r"(?:true|false), (?:true|false), (?:true|false), " + WORD),  # of a standing
    re.compile(r'"Drifted", true, contested \? ' + WORD + " : " + WORD),
]
HEALTH = re.compile(r"return " + WORD + ";")  # in deploy/health/health.cc
PHASES = re.compile(r"return " + WORD + ";")  # in core/position.cc
EVENTS = re.compile(r"(?:Say\([^;{]*|events(?:\.push_back\(| = \{)\s*|\{|return )\{?\{" + WORD + r",\s*(?:fmt|\"|what|why|core|moves)")


def reasons(root):
    """Every reason with the file that writes it."""
    found = {}
    for pattern in CONDITIONS:
        for match in pattern.finditer((root / "reconciler/report.cc").read_text()):
            found.update({word: "reconciler/report.cc" for word in match.groups()})
    for path in sorted([*root.glob("reconciler/*.cc"), *root.glob("rollout/from_*.cc")]):
        text = re.sub(r"\s+", " ", path.read_text())
        for match in EVENTS.finditer(text):
            found[match[1]] = str(path.relative_to(root))
    for name, pattern in (("deploy/health/health.cc", HEALTH), ("core/position.cc", PHASES)):
        for match in pattern.finditer((root / name).read_text()):
            found.setdefault(match[1], name)
    return found


def main():
    if any(a in ("-h", "--help") for a in sys.argv[1:]):
        print(__doc__)
        return 0
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    page = (root / "docs/operations.md").read_text()
    known = set(re.findall(r"`([A-Z][A-Za-z]+)`", page))
    found = reasons(root)
    for reason, where in sorted(found.items()):
        if reason not in known:
            print(f"docs/operations.md does not tell of the reason {reason} ({where})")
    if len(found) < 30:
        print(f"only {len(found)} reasons found: the code has changed its form, and this check must follow")
        return 1
    return 1 if set(found) - known else 0


if __name__ == "__main__":
    sys.exit(main())
