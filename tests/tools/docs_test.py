"""What can be known about the pages without a cluster. Their commands are run by tests/e2e/docs_test.py."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from docs_pages import ROOT, blocks_of, pages

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
VERB = re.compile(r"(?<![\w/=-])headgate ([a-z][a-z-]*)(?![\w=/])")
INLINE = re.compile(r"`(headgate [^`\n]+)`")
BINARY = os.environ.get("HEADGATE_BINARY") or ROOT / "build/debug/cli/headgate"

# What the pages' Rollouts stand beside.
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  replicas: 4
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: NAME, image: shop:1}]}
---
apiVersion: v1
kind: Service
metadata: {name: NAME}
spec: {selector: {app: NAME}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: NAME-preview}
spec: {selector: {app: NAME}, ports: [{port: 80}]}
---
"""
ROUTE = """apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  rules:
"""


def shop(rollout):
    """The manifests beside a page's Rollout: the workloads that it names, and a route that leads to each."""
    names = ["web"] + (["cart"] if "name: cart" in rollout else [])
    rules = [f"  - backendRefs: [{{name: {name}, port: 80}}]\n" for name in names]
    return "".join(WORKLOAD.replace("NAME", name) for name in names) + ROUTE + "".join(rules)


class DocsTest(unittest.TestCase):
    def test_reference_is_what_the_crds_and_the_program_say(self):
        done = subprocess.run([sys.executable, ROOT / "scripts/docs", "--check", "--binary", BINARY], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_every_link_leads_to_a_file(self):
        lost = [f"{page.relative_to(ROOT)}: {link}" for page in pages() for link in LINK.findall(page.read_text())
                if not (page.parent / link).exists()]
        self.assertEqual(lost, [])

    def test_every_command_block_is_a_shell_script(self):
        wrong, seen = [], 0
        for block in (block for page in pages() for block in blocks_of(page) if block.language == "sh"):
            seen += 1
            done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, timeout=20)
            if done.returncode:
                wrong.append(f"{block.page}:{block.line}: {done.stderr}")
        self.assertEqual(wrong, [])
        self.assertGreater(seen, 10)

    def test_every_rollout_can_be_linted_and_simulated(self):
        seen = 0
        for block in (block for page in pages() for block in blocks_of(page) if block.language == "yaml"):
            if "kind: Rollout" not in block.text:
                continue
            seen += 1
            with tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder, "shop.yaml").write_text(shop(block.text))
                pathlib.Path(folder, "rollout.yaml").write_text(block.text)
                for command in (["lint"], ["simulate"]):
                    done = subprocess.run([BINARY, "rollout", *command, "-f", folder, "--traffic", "50/s"], capture_output=True,
                                          text=True, timeout=120)
                    self.assertEqual(done.returncode, 0, f"{block.page}:{block.line}: {done.stdout}{done.stderr}")
                self.assertIn("promoted after", done.stdout, f"{block.page}:{block.line}")
        self.assertGreater(seen, 1)

    def test_every_verb_is_one_of_the_program(self):
        reference = ROOT / "docs/reference/cli.md"
        known = set(re.findall(r"^## headgate ([a-z-]+)", reference.read_text(), re.MULTILINE))
        said = set()
        for page in pages():
            texts = [block.text for block in blocks_of(page) if block.language in ("sh", "text")] + INLINE.findall(page.read_text())
            said |= {(page.name, verb) for text in texts for verb in VERB.findall(text) if page != reference}
        self.assertGreater(len(said), 20)
        self.assertEqual(sorted((page, verb) for page, verb in said if verb not in known), [])


if __name__ == "__main__":
    unittest.main()
