"""`headgate template --compare helm`: helm gets the same command line, and the first difference is shown."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["HEADGATE_BINARY"]


class TemplateCompareTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        chart = self.folder / "web"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
        (chart / "templates" / "a.yaml").write_text("kind: A\nname: {{ .Release.Name }}\n---\nkind: B\nsize: {{ .Values.size }}\n")

    def template(self, *arguments):
        return subprocess.run([PROGRAM, "template", *arguments], capture_output=True, text=True, timeout=60, cwd=self.folder,
                              env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"})

    def helm(self, says, code=0):
        """A helm that says so, whatever it is asked, and notes what that was."""
        program = self.folder / "bin" / "helm"
        program.parent.mkdir(exist_ok=True)
        (self.folder / "says").write_text(says)
        program.write_text(f'#!/bin/sh\necho "$@" > "{self.folder}/asked"\ncat "{self.folder}/says"\nexit {code}\n')
        program.chmod(0o755)

    def test_is_content_with_the_same_bytes(self):
        ours = self.template("r", "web", "--set", "size=3").stdout
        self.helm(ours)
        run = self.template("r", "web", "--compare", "helm", "--set", "size=3", "-n", "shop", "--allow-remote", "x.example.com")
        self.assertEqual((run.returncode, run.stdout), (0, f"the same: {len(ours)} bytes\n"), run.stderr)
        self.assertEqual((self.folder / "asked").read_text(), "template r web --set size=3 -n shop\n")

    def test_shows_the_first_line_that_differs(self):
        self.helm(self.template("r", "web", "--set", "size=3").stdout.replace("size: 3", "size: 4"))
        run = self.template("r", "web", "--compare=helm", "--set=size=3")
        self.assertEqual(run.returncode, 1)
        self.assertIn("differs:\n  headgate:  size: 3\n  helm: size: 4", run.stderr)
        self.assertEqual((self.folder / "asked").read_text(), "template r web --set=size=3\n")

    def test_says_where_helm_fails_and_it_does_not(self):
        self.helm("", code=1)
        run = self.template("r", "web", "--compare", "helm")
        self.assertEqual(run.returncode, 1)
        self.assertIn("failed where Headgate does not", run.stderr)

    def test_compares_with_nothing_else(self):
        run = self.template("r", "web", "--compare", "rm")
        self.assertEqual(run.returncode, 2)
        self.assertIn("--compare: helm expected", run.stderr)

    @unittest.skipUnless(shutil.which("helm"), "no helm on this machine")
    def test_agrees_with_the_real_one(self):
        run = self.template("r", "web", "--compare", "helm", "--set", "size=3")
        self.assertEqual(run.returncode, 0, run.stderr)


if __name__ == "__main__":
    unittest.main()
