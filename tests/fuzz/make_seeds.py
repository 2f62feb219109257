#!/usr/bin/env python3
"""Makes seeds for tests/fuzz/kustomize_build of the corpus, one file a case: make_seeds.py CASES OUT.

CASES is the unpacked corpus (tests/conformance/README.md), its folder `kustomize/cases`. Binary files and cases above
64 KiB are left out.
"""
import json
import pathlib
import posixpath
import sys

BYTES_MAX = 64 << 10


def seed(case):
    """The text of a case; None for one that does not fit."""
    inputs = case / "input"
    parts = [json.loads((case / "case.json").read_text()).get("build", ".").encode() + b"\n"]
    for file in sorted(inputs.rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        if b"\0" in data:
            continue
        parts.append(b"@@ %s\n%s" % (posixpath.relpath(file, inputs).encode(), data if data.endswith(b"\n") else data + b"\n"))
    text = b"".join(parts)
    return text if len(text) <= BYTES_MAX else None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    cases, out = map(pathlib.Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    made = 0
    for file in sorted(cases.rglob("case.json")):
        if text := seed(file.parent):
            (out / file.parent.name).write_bytes(text)
            made += 1
    print(f"{made} seeds")


if __name__ == "__main__":
    main()
