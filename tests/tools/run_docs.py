#!/usr/bin/env python3
"""Does what a page says: runs its `sh` blocks in order, and shows its objects of headgate.dev to the API server.

  run_docs.py PAGE...        README.md docs/install.md ...

The blocks of a page are one bash script in an empty directory, so that a variable or a `cd` of one block holds in the next; the first
command that fails ends it. Blocks marked `sh elsewhere` are left out. Needs headgate and kubectl in PATH, and KUBECONFIG; what pages say
about themselves (GIT_URL, IMAGE, ...) comes from the environment. `yaml` blocks with objects of headgate.dev are created as a server-side
dry run, in the namespace default.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import yaml

from docs_pages import ROOT, blocks_of

PAGE_SECONDS_MAX = 600


def script_of(page):
    """(bash script, number of blocks) of a page."""
    blocks = [block for block in blocks_of(page) if block.language == "sh" and not block.elsewhere]
    lines = ["set -euo pipefail", "trap 'echo \"run_docs: failed in the block at $block: $BASH_COMMAND\" >&2' ERR"]
    for block in blocks:
        lines += [f"block={block.page}:{block.line}", 'echo "--- $block"', block.text]
    return "\n".join(lines), len(blocks)


def run_commands(page):
    """Faults of running the page's blocks."""
    script, count = script_of(page)
    if not count:
        return []
    with tempfile.TemporaryDirectory(prefix="headgate-docs-") as folder:
        # A session of its own, so that a page that hangs is stopped with all it started.
        running = subprocess.Popen(["bash", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            code = running.wait(PAGE_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            return [f"{page.name}: not done after {PAGE_SECONDS_MAX} s"]
    return [f"{page.name}: ended with {code}"] if code else []


def objects_of(page):
    """(block, object) of each headgate.dev object in the page's yaml blocks."""
    for block in blocks_of(page):
        if block.language != "yaml":
            continue
        for body in yaml.safe_load_all(block.text):
            if isinstance(body, dict) and str(body.get("apiVersion", "")).startswith("headgate.dev/"):
                body["metadata"]["namespace"] = "default"
                yield block, body


def show_objects(page):
    """Faults of the page's objects, as the API server finds them."""
    faults = []
    for block, body in objects_of(page):
        done = subprocess.run(["kubectl", "create", "--dry-run=server", "--validate=strict", "-f", "-"],
                              input=yaml.safe_dump(body), capture_output=True, text=True, timeout=60)
        if done.returncode:
            faults.append(f"{block.page}:{block.line}: {done.stderr.strip()}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", nargs="+")
    faults = []
    for name in parser.parse_args().page:
        page = (ROOT / name).resolve()
        faults += show_objects(page) + run_commands(page)
    print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
