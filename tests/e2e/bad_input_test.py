"""Bad input ends in one line that names the place; the last good release stays as it is, and nothing loops hot."""
import time
import unittest

from shop_test_case import ShopTestCase

KUSTOMIZATION = "overlays/prod/kustomization.yaml"


class BadInput(ShopTestCase):
    def refused(self, pattern):
        """Pushes what is in the working copy; `get` or `why` must come to say what a regular expression has."""
        bad = self.shop.push("Something is wrong")
        before = self.shop.load.fresh()
        self.shop.wait_line(r"(?i)" + pattern, 60)
        self.assertRegex(self.headgate.cli("why", self.shop.app), r"(?i)" + pattern)
        # The last good release stays, and the process is not busy with it.
        ticks = self.cpu_ticks()
        time.sleep(4)
        self.assertLess(self.cpu_ticks() - ticks, 100, "more than 1 s of CPU in 4 s: a hot loop")
        self.assertTrue(self.shop.application()["release"]["revision"].startswith(self.first))
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        self.assert_no_request_failed(self.shop.load.since(before))
        return bad

    def cpu_ticks(self):
        pid = self.world.processes.pid("headgate")
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def test_it_names_file_and_line_of_broken_yaml_and_takes_the_mended_commit(self):
        self.shop.repository.write("base/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-settings\ndata: {}\n")
        self.refused(r"base/settings.yaml:\d+")
        self.shop.repository.git("revert", "--no-edit", "HEAD")
        mended = self.shop.push("Mended")
        self.shop.wait_healthy(mended, 60)

    def test_it_names_a_base_that_is_not_there(self):
        self.shop.repository.replace(KUSTOMIZATION, r"- \.\./\.\./base$", "- ../../bas")
        self.refused(r"kustomization.yaml.*\.\./\.\./bas\b|\bbas\b.*kustomization.yaml")

    def test_it_names_a_workload_that_is_not_in_the_bundle(self):
        self.shop.repository.replace("base/rollout.yaml", r"name: cart", "name: basket")
        self.refused(r"basket")

    def test_it_names_a_kind_that_the_cluster_does_not_have(self):
        self.shop.repository.write("base/extra.yaml", "apiVersion: example.com/v1\nkind: Gizmo\nmetadata:\n  name: extra\n")
        self.shop.repository.replace("base/kustomization.yaml", r"^- route.yaml", "- route.yaml\n- extra.yaml")
        self.refused(r"Gizmo")

    def test_it_names_weights_that_go_down(self):
        self.shop.steps("setWeight: 50", "setWeight: 10")
        self.refused(r"setWeight.*10|10.*setWeight")

    def test_it_names_a_weight_above_one_hundred(self):
        self.shop.steps("setWeight: 150")
        self.refused(r"setWeight.*150|150.*setWeight")


class BadCandidate(ShopTestCase):
    def test_it_says_that_the_image_of_a_canary_cannot_be_had_and_gives_it_no_traffic(self):
        before = self.shop.load.fresh()
        self.shop.image("none")
        bad = self.shop.push("An image that is not there")
        self.shop.wait_line(rf"(?i){bad}.*(image|ErrImageNeverPull)", 60)
        self.assertEqual(self.shop.weight(), 0)
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        self.assert_no_request_failed(self.shop.load.since(before))

    def test_it_says_that_prometheus_cannot_read_a_selector_and_promotes_nothing(self):
        self.shop.repository.replace("base/rollout.yaml", r"total: .*", "total: 'http_requests_total{'")
        self.shop.image("2")
        self.shop.push("A selector that is none")
        self.shop.wait_line(r"(?i)error-rate|prometheus|parse|selector", 60)
        time.sleep(8)
        self.assertEqual(self.shop.application()["release"]["number"], 1)
        self.assertLessEqual(self.shop.weight(), 2)


if __name__ == "__main__":
    unittest.main()
