"""Charts from repositories and registries: `headgate template` and `build` against a real https server."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from chart_server import TOKEN, ChartServer, package, sha256

PROGRAM = os.environ["HEADGATE_BINARY"]


class ChartSourcesTest(unittest.TestCase):
    def setUp(self):
        self.server = ChartServer()
        self.addCleanup(self.server.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.repository = f"https://{self.server.address}/charts"

    def run_headgate(self, *arguments, allow=True, environment=None):
        allowed = ["--allow-remote", self.server.address] if allow else []
        return subprocess.run(
            [PROGRAM, *map(str, arguments), *allowed], capture_output=True, text=True, timeout=60, cwd=self.folder,
            env={**os.environ, "SSL_CERT_FILE": str(self.server.authority), "XDG_CACHE_HOME": f"{self.folder}/cache",
                 "HELM_REGISTRY_CONFIG": f"{self.folder}/logins.json", **(environment or {})})

    def template(self, *arguments, **options):
        return self.run_headgate("template", "rel", *arguments, **options)

    def refused(self, *words, run):
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)
        self.assertEqual(run.stdout, "")

    def chart(self, dependencies, **files):
        """A chart on disk with these dependencies: (name, version, repository)."""
        top = self.folder / "top"
        (top / "templates").mkdir(parents=True)
        listed = "".join(f"- {{name: {name}, version: \"{version}\", repository: \"{repository}\"}}\n"
                         for name, version, repository in dependencies)
        (top / "Chart.yaml").write_text(f"apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n{listed}")
        for path, text in files.items():
            (top / path).write_text(text)
        return top

    def serve_three(self):
        self.server.add_to_repository(*((name, version, package(name, version)) for name in ("web", "webhook", "a-web")
                                        for version in ("1.2.0", "1.10.3", "2.0.0-rc.1", "1.9.9")))

    # Repositories

    def test_takes_the_newest_version_that_a_constraint_allows(self):
        self.serve_three()
        for wanted, version in (("", "1.10.3"), ("~1.9", "1.9.9"), ("<1.9", "1.2.0"), ("2.0.0-rc.1", "2.0.0-rc.1"), (">=2.0.0-0", "2.0.0-rc.1")):
            run = self.template("web", "--repo", self.repository, *(["--version", wanted] if wanted else []))
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn(f'version: "{version}"', run.stdout, wanted)
            self.assertIn("name: rel-web\n", run.stdout.replace("}", "\n"))

    def test_asks_nobody_who_was_not_named(self):
        self.serve_three()
        self.refused("--allow-remote HOST", run=self.template("web", "--repo", self.repository, allow=False))
        self.refused("charts are not fetched from other.example.com unless that is allowed",
                     run=self.template("web", "--repo", "https://other.example.com/charts"))
        self.assertEqual(self.server.asked, [])

    def test_names_the_nearest_version_and_chart(self):
        self.serve_three()
        self.refused("no version is 1.9.8; nearest: 1.9.9, 1.2.0",
                     run=self.template("web", "--repo", self.repository, "--version", "1.9.8"))
        self.refused("there is no chart wbe in the repository (did you mean web?)", run=self.template("wbe", "--repo", self.repository))
        self.refused("version: a version or a constraint", run=self.template("web", "--repo", self.repository, "--version", "one"))

    def test_refuses_an_archive_with_another_digest(self):
        self.server.add_to_repository(("web", "1.0.0", package("web", "1.0.0")), digest=lambda _: "f" * 64)
        self.refused("web-1.0.0.tgz: digest " + "f" * 64 + " expected by the index, " + sha256(package("web", "1.0.0")) + " found",
                     run=self.template("web", "--repo", self.repository))

    def test_refuses_what_is_too_large(self):
        self.server.add_to_repository(("web", "1.0.0", bytes(33 * 1024 * 1024)))
        self.refused("the answer is larger than 33554432 bytes", run=self.template("web", "--repo", self.repository))
        self.server.files["/charts/index.yaml"] = b"#" * (65 * 1024 * 1024)
        self.refused("index.yaml", "the answer is larger than 67108864 bytes", run=self.template("web", "--repo", self.repository))

    def test_reads_one_chart_of_a_large_index(self):
        self.serve_three()
        more = b"".join(b"  z%d:\n  - version: 1.0.0\n    urls: [z.tgz]\n" % i for i in range(200_000))
        self.server.files["/charts/index.yaml"] = self.server.files["/charts/index.yaml"].replace(b"generated:", more + b"generated:")
        run = self.template("web", "--repo", self.repository)
        self.assertIn('version: "1.10.3"', run.stdout, run.stderr)

    def test_says_what_is_wrong_with_an_index(self):
        for index, why in ((b"entries: 1\n", "entries: a map of charts expected"), (b"entries:\n  web: 1\n", "a list of versions expected"),
                           (b"entries:\n  web:\n  - version: [\n", "index.yaml:"), (b"<html>", "index.yaml")):
            self.server.files["/charts/index.yaml"] = index
            self.refused(why, run=self.template("web", "--repo", self.repository))
        del self.server.files["/charts/index.yaml"]
        self.refused("the server answers 404", run=self.template("web", "--repo", self.repository))

    def test_takes_credentials_to_no_other_host(self):
        other = ChartServer()
        self.addCleanup(other.close)
        shutil.copy(self.server.authority, self.folder / "both.pem")
        with open(self.folder / "both.pem", "a") as both:
            both.write(other.authority.read_text())
        self.serve_three()
        other.files["/elsewhere.tgz"] = self.server.files["/charts/web-1.10.3.tgz"]
        self.server.redirects["/charts/web-1.10.3.tgz"] = f"https://{other.address}/elsewhere.tgz"
        login = base64.b64encode(b"ann:hidden-word").decode()
        (self.folder / "logins.json").write_text(json.dumps({"auths": {self.server.address: {"auth": login}}}))
        run = self.template("web", "--repo", self.repository, environment={"SSL_CERT_FILE": str(self.folder / "both.pem")})
        self.assertIn('version: "1.10.3"', run.stdout, run.stderr)
        self.assertEqual({authorization for _, authorization in self.server.asked}, {"Basic " + login})
        self.assertEqual(other.asked, [("/elsewhere.tgz", "")])

    def test_refuses_a_password_in_a_url_without_showing_it(self):
        run = self.template("web", "--repo", f"https://ann:hidden-word@{self.server.address}/charts")
        self.refused("no user and password", run=run)
        self.assertNotIn("hidden-word", run.stderr)

    def test_keeps_archives_by_their_digest(self):
        self.serve_three()
        for _ in range(2):
            self.assertEqual(self.template("web", "--repo", self.repository).returncode, 0)
        paths = [path for path, _ in self.server.asked]
        self.assertEqual(paths.count("/charts/web-1.10.3.tgz"), 1)
        kept, = (self.folder / "cache/headgate/charts").iterdir()
        kept.write_bytes(b"something else")  # what is kept is checked, too
        self.assertEqual(self.template("web", "--repo", self.repository).returncode, 0)

    # Registries

    def test_takes_a_chart_of_a_registry_with_a_token(self):
        self.server.user = ("ann", "hidden-word")
        self.server.push("team/web", "1.2.3", package("web", "1.2.3"))
        self.server.push("team/web", "1.3.0+b.1", package("web", "1.3.0+b.1"))
        self.server.push("team/web", "latest", package("web", "9.9.9"))
        login = base64.b64encode(b"ann:hidden-word").decode()
        (self.folder / "logins.json").write_text(json.dumps({"auths": {self.server.address: {"auth": login}}}))
        chart = f"oci://{self.server.address}/team/web"
        for wanted, version in (("1.2.3", "1.2.3"), ("", "1.3.0+b.1"), ("~1.2", "1.2.3"), ("1.3.0+b.1", "1.3.0+b.1")):
            run = self.template(chart, *(["--version", wanted] if wanted else []))
            self.assertIn(f'version: "{version}"', run.stdout, run.stderr)
        self.assertIn(f"Bearer {TOKEN}", [authorization for _, authorization in self.server.asked])
        self.refused("nearest: 1.3.0+b.1, 1.2.3", run=self.template(chart, "--version", "1.2.4"))
        (self.folder / "logins.json").unlink()
        self.refused("asked for a token: the server answers 401", run=self.template(chart))

    def test_refuses_a_layer_that_is_not_what_the_manifest_says(self):
        chart = f"oci://{self.server.address}/team/web"
        digest = self.server.push("team/web", "1.0.0", package("web", "1.0.0"))
        self.server.blobs[digest] = bytes(len(self.server.blobs[digest]))
        self.refused(f"digest {digest[7:]} expected", run=self.template(chart))
        self.server.blobs[digest] = b"short"
        self.refused("bytes expected, 5 found", run=self.template(chart))
        self.server.push("team/web", "1.0.0", package("web", "1.0.0"), size=10**12)
        self.refused("larger than the limit of 33554432 bytes", run=self.template(chart))
        self.server.push("team/web", "1.0.0", package("web", "1.0.0"), media="application/vnd.oci.image.layer.v1.tar+gzip")
        self.refused("is no chart", run=self.template(chart))
        self.refused("the server answers 404", run=self.template(f"oci://{self.server.address}/team/other"))

    # Dependencies

    def test_takes_dependencies_from_where_chart_yaml_says(self):
        self.serve_three()
        self.server.push("team/db", "3.1.4", package("db", "3.1.4"))
        top = self.chart([("web", "~1.9", self.repository), ("db", ">=3", f"oci://{self.server.address}/team"),
                          ("common", "0.x", "file://../common")])
        common = self.folder / "common"
        (common / "templates").mkdir(parents=True)
        (common / "Chart.yaml").write_text("apiVersion: v2\nname: common\nversion: 0.1.0\n")
        (common / "templates" / "c.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common}\n")
        run = self.template(top, "--set", "web.size=7")
        self.assertEqual(run.returncode, 0, run.stderr)
        for part in ('version: "1.9.9", size: "7"', 'version: "3.1.4", size: "1"', "# Source: top/charts/common/templates/c.yaml"):
            self.assertIn(part, run.stdout)
        self.refused("missing in charts/ directory: web, db, common", run=self.template(top, allow=False))

    def test_takes_a_directory_of_the_same_tree_without_any_host(self):
        top = self.chart([("common", "0.x", "file://../common")])
        shutil.copytree(top, self.folder / "common")
        (self.folder / "common" / "Chart.yaml").write_text("apiVersion: v2\nname: common\nversion: 0.1.0\n")
        (self.folder / "common" / "templates" / "c.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common}\n")
        run = self.template(top, "--dependency-update", allow=False)
        self.assertIn("name: common", run.stdout, run.stderr)

    def test_honours_the_lock(self):
        self.serve_three()
        top = self.chart([("web", ">=1", self.repository)])
        # Helm's digest: the JSON of what is listed and of what is locked, its '>' escaped.
        listed = [{"name": "web", "version": ">=1", "repository": self.repository}]
        locked = [{"name": "web", "version": "1.2.0", "repository": self.repository}]
        digest = sha256(json.dumps([listed, locked], separators=(",", ":")).replace(">", "\\u003e").encode())
        lock = f"dependencies:\n- name: web\n  repository: {self.repository}\n  version: 1.2.0\ndigest: sha256:{{}}\ngenerated: \"2026-01-01T00:00:00Z\"\n"
        (top / "Chart.lock").write_text(lock.format(digest))
        run = self.template(top)
        self.assertIn('version: "1.2.0"', run.stdout, run.stderr)
        (top / "Chart.lock").write_text(lock.format("0" * 64))
        self.refused("Chart.lock is out of sync with the dependencies of Chart.yaml", run=self.template(top))

    def test_refuses_a_repository_that_is_no_url(self):
        for repository, why in (("@stable", "a URL expected"), ("http://charts.example.com", "https:// or oci://"), ("", "names no repository"),
                                ("file:///etc", "file"), ("file://../../../../../../../../etc", "")):
            top = self.chart([("web", "1", repository)])
            self.refused(why, "dependency web", run=self.template(top))
            shutil.rmtree(top)
        self.assertEqual(self.server.asked, [])

    # Kustomizations

    def test_takes_charts_of_a_kustomization(self):
        self.serve_three()
        (self.folder / "kustomization.yaml").write_text(
            f"namePrefix: p-\nhelmCharts:\n- {{name: web, repo: '{self.repository}', version: 1.9.9, releaseName: r, valuesInline: {{size: 5}}}}\n")
        run = self.run_headgate("build", ".", "--enable-helm")
        self.assertIn("name: p-r-web", run.stdout, run.stderr)
        self.assertIn('size: "5"', run.stdout)
        self.refused("a chart is not fetched from", run=self.run_headgate("build", ".", "--enable-helm", allow=False))


if __name__ == "__main__":
    unittest.main()
