"""What `headgate build` does with its output: -o FILE, -o DIRECTORY, --compare."""
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["HEADGATE_BINARY"]
WEB = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n"
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: Reader}\n"
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: ops}\n"


class BuildOutputTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def tree(self, *objects):
        """A kustomization of these objects; its directory."""
        tree = self.folder / "tree"
        tree.mkdir()
        (tree / "all.yaml").write_text("---\n".join(objects))
        (tree / "kustomization.yaml").write_text("resources: [all.yaml]\n")
        return tree

    def build(self, *arguments):
        return subprocess.run([PROGRAM, "build", *map(str, arguments)], capture_output=True, text=True, timeout=60, cwd=self.folder,
                              env={**os.environ, "PATH": f"{self.folder}/bin:/usr/bin:/bin"})

    def other(self, says, code=0):
        """A kustomize that says so, whatever it is asked, and notes what that was."""
        program = self.folder / "bin" / "kustomize"
        program.parent.mkdir()
        (self.folder / "says").write_text(says)
        program.write_text(f'#!/bin/sh\necho "$@" > "{self.folder}/asked"\ncat "{self.folder}/says"\nexit {code}\n')
        program.chmod(0o755)
        return program

    def test_it_writes_a_file_with_what_it_would_print(self):
        tree, file = self.tree(WEB, ROLE), self.folder / "out.yaml"
        printed = self.build(tree)
        done = self.build(tree, "-o", file)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertEqual(file.read_text(), printed.stdout)
        self.assertIn("kind: ClusterRole", printed.stdout)

    def test_it_writes_over_a_file(self):
        tree, file = self.tree(WEB), self.folder / "out.yaml"
        file.write_text("old\n" * 1000)
        self.build(tree, "-o", file)
        self.assertEqual(file.read_text(), self.build(tree).stdout)

    def test_it_leaves_the_file_alone_when_the_build_fails(self):
        tree, file = self.tree("kind: A\n"), self.folder / "out.yaml"
        file.write_text("old\n")
        self.assertEqual(self.build(tree, "-o", file).returncode, 1)
        self.assertEqual(file.read_text(), "old\n")

    def test_it_says_where_it_cannot_write(self):
        done = self.build(self.tree(WEB), "-o", self.folder / "nowhere" / "out.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write " + str(self.folder / "nowhere" / "out.yaml"), done.stderr)

    def written(self, *objects):
        out = self.folder / "out"
        out.mkdir()
        done = self.build(self.tree(*objects), "-o", out)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return {file.name: file.read_text() for file in out.iterdir()}

    def test_it_writes_a_file_for_each_object_into_a_directory(self):
        self.assertEqual(self.written(WEB, ROLE), {
            "apps_v1_deployment_web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n",
            "rbac.authorization.k8s.io_v1_clusterrole_reader.yaml":
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: Reader\n",
        })

    def test_it_begins_names_with_the_namespace_where_there_are_several(self):
        self.assertEqual(sorted(self.written(WEB, ROLE, WIDGET)), [
            "ops_example.com_v1_widget_w.yaml", "rbac.authorization.k8s.io_v1_clusterrole_reader.yaml",
            "shop_apps_v1_deployment_web.yaml"])

    def compared(self, says, *arguments, code=0):
        self.other(says, code)
        return self.build("--compare", "kustomize", *arguments)

    def test_it_finds_the_same_output(self):
        tree = self.tree(WEB, ROLE)
        text = self.build(tree, "--reorder", "none").stdout
        done = self.compared(text, tree, "--reorder", "none")
        self.assertEqual((done.returncode, done.stdout), (0, f"the same: {len(text)} bytes\n"), done.stderr)
        self.assertEqual((self.folder / "asked").read_text(), f"build {tree} --reorder none --load-restrictor LoadRestrictionsRootOnly\n")

    def test_it_shows_the_first_line_that_differs(self):
        tree = self.tree(ROLE, WEB)
        done = self.compared(self.build(tree).stdout.replace("name: web", "name: wob"), tree)
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 9, in document 2, differs:\n  headgate:    name: web\n  kustomize:   name: wob\n", done.stderr)

    def test_it_shows_what_only_one_of_both_prints(self):
        tree = self.tree(WEB)
        done = self.compared(self.build(tree).stdout + "more: 1\n", tree)
        self.assertEqual(done.returncode, 1)
        self.assertIn("headgate:  (nothing more)", done.stderr)
        self.assertIn("more: 1", done.stderr)

    def test_it_says_that_the_other_program_fails(self):
        done = self.compared("", self.tree(WEB), code=3)
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed where Headgate does not", done.stderr)

    def test_it_says_that_there_is_no_such_program(self):
        done = self.build("--compare", "kustomize", self.tree(WEB))
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot run kustomize: ", done.stderr)

    def test_it_runs_no_other_program(self):
        done = self.build("--compare", "/bin/true", self.tree(WEB))
        self.assertEqual(done.returncode, 2)
        self.assertIn("--compare", done.stderr)


if __name__ == "__main__":
    unittest.main()
