"""Bad input ends in one line that names the place; the last good release stays as it is, and nothing loops hot."""
import time
import unittest

from shop_test_case import GOOD, ShopTestCase

KUSTOMIZATION = "overlays/prod/kustomization.yaml"


class BadInput(ShopTestCase):
    def refused(self, what, pattern):
        """Pushes what is in the working copy; `get` and `why` must come to say what a regular expression has."""
        self.shop.push(f"With {what}")
        before = self.shop.load.fresh()
        self.shop.wait_line(r"(?i)" + pattern, 60)
        self.assertRegex(self.headgate.cli("why", self.shop.app), r"(?i)" + pattern)
        # The last good release stays, and the process is not busy with it.
        ticks = self.cpu_ticks()
        time.sleep(3)
        self.assertLess(self.cpu_ticks() - ticks, 100, "more than 1 s of CPU in 3 s: a hot loop")
        self.assertTrue(self.shop.application()["release"]["revision"].startswith(self.first))
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        self.assert_no_request_failed(self.shop.load.since(before))

    def cpu_ticks(self):
        pid = self.world.processes.pid("headgate")
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def test_it_names_file_and_field_and_takes_the_mended_commit(self):
        for what, break_it, said in (
            ("broken YAML", self.broken_yaml, r"base/settings.yaml:\d+"),
            ("a base that is not there", self.missing_base, r"kustomization.yaml.*\.\./\.\./bas\b|\bbas\b.*kustomization.yaml"),
            ("a workload that is not in the bundle", self.missing_workload, r"basket"),
            ("a kind that the cluster does not have", self.unknown_kind, r"Gizmo"),
            ("what selects nothing", self.broken_selector, r"error-rate: total: .*no selector"),
            ("weights that go down", lambda: self.shop.steps("setWeight: 50", "setWeight: 10"), r"setWeight.*10|10.*setWeight"),
            ("a weight above one hundred", lambda: self.shop.steps("setWeight: 150"), r"setWeight.*150|150.*setWeight"),
        ):
            with self.subTest(what):
                break_it()
                self.refused(what, said)
                self.shop.repository.git("revert", "--no-edit", "HEAD")
                self.shop.wait_healthy(self.shop.push(f"Without {what}"), 60)

    def broken_yaml(self):
        self.shop.repository.write("base/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-settings\ndata: {}\n")

    def missing_base(self):
        self.shop.repository.replace(KUSTOMIZATION, r"- \.\./\.\./base$", "- ../../bas")

    def missing_workload(self):
        self.shop.repository.replace("base/rollout.yaml", r"name: cart", "name: basket")

    def broken_selector(self):
        self.shop.repository.replace("base/rollout.yaml", r"total: .*", "total: 'http_requests_total{'")

    def unknown_kind(self):
        self.shop.repository.write("base/extra.yaml", "apiVersion: example.com/v1\nkind: Gizmo\nmetadata:\n  name: extra\n")
        self.shop.repository.replace("base/kustomization.yaml", r"^- route.yaml", "- route.yaml\n- extra.yaml")


class BadCandidate(ShopTestCase):
    def test_it_says_that_the_image_of_a_canary_cannot_be_had_and_gives_it_no_traffic(self):
        before = self.shop.load.fresh()
        self.shop.image("none")
        bad = self.shop.push("An image that is not there")
        self.shop.wait_line(rf"(?i){bad}.*(image|ErrImageNeverPull)", 60)
        self.assertEqual(self.shop.weight(), 0)
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        self.assert_no_request_failed(self.shop.load.since(before))


class NoEvidence(ShopTestCase):
    """The Rollout that governs is the released one, so the fault is in it from the start."""
    DEPLOYED = False

    def deploy_and_try(self, pattern, replacement, said):
        self.shop.repository.replace("base/rollout.yaml", pattern, replacement)
        self.deploy_first()
        self.push_image(GOOD)
        self.shop.wait_line(rf"Canary 2 %.*error-rate.*{said}", 60)
        time.sleep(8)
        self.assertEqual(self.shop.weight(), 2)
        self.assertEqual(self.shop.application()["release"]["number"], 1)

    def test_it_says_that_prometheus_cannot_read_a_selector_and_promotes_nothing(self):
        self.deploy_and_try(r"total: .*", "total: 'http_requests_total{code=~\"(\"}'", "parse error.*regexp")

    def test_it_says_that_what_answers_is_no_prometheus_and_promotes_nothing(self):
        page = f"http://127.0.0.1:{self.world.git.port}"  # a web server that answers with HTML
        self.deploy_and_try(r"^    metrics:", f"    prometheus: {{address: '{page}'}}\n    metrics:", f"{page}.*(HTML|JSON|404)")


if __name__ == "__main__":
    unittest.main()
