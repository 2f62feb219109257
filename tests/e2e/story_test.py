"""The six acts of the demo, each by itself, with the demo's own steps and what must be true of every request."""
import json
import re
import time
import unittest

import world
from shop_test_case import BAD, FIXED, GOOD, QUICK, ShopTestCase

DEMO = ("setWeight: 2", "analyze: {duration: 10s}", "setWeight: 10", "analyze: {duration: 8s}",
        "setWeight: 50", "analyze: {duration: 8s}")
HELD = r"Held: {} failed its canary at {} %: error-rate [\d.]+ % > 10 % \(n=\d+\)"


class FirstDeployment(ShopTestCase):
    DEPLOYED = False

    def test_it_deploys_the_first_commit_without_a_canary(self):
        first = self.shop.push("The shop")
        self.shop.create()
        self.shop.wait_healthy(first, 60)
        self.assertEqual(self.shop.application()["release"]["number"], 1)
        replicas = {d["metadata"]["name"]: d["status"].get("readyReplicas") for d in self.cluster.list("deployments", self.shop.namespace)}
        self.assertEqual(replicas, {"web": 2, "cart": 2})
        self.shop.load.start()
        before = self.shop.load.fresh()
        time.sleep(2)
        self.assert_no_request_failed(self.shop.load.since(before))


class GoodVersion(ShopTestCase):
    STEPS = DEMO

    def test_it_promotes_a_good_version_step_by_step_and_fails_no_request(self):
        before = self.shop.load.fresh()
        watch = world.Watch(self.cluster, "httproutes.gateway.networking.k8s.io", "web", self.shop.namespace)
        self.addCleanup(watch.stop)
        world.wait_until(lambda: watch.seen, 10, "the watch of the route")
        good = self.push_image(GOOD)
        self.shop.wait_weight(2)
        at_two = self.shop.load.fresh()
        self.shop.wait_weight(10)
        share = self.share(self.shop.load.since(at_two), f"{GOOD} ")
        self.assertGreater(share, 0.005)
        self.assertLess(share, 0.06)
        self.shop.wait_healthy(good, 120)
        time.sleep(2)
        counts = self.shop.load.since(before)
        self.assert_no_request_failed(counts)
        weights = [world.weight_of(route) for _, route in watch.seen]
        distinct = [w for i, w in enumerate(weights) if i == 0 or weights[i - 1] != w]
        self.assertEqual(distinct, [0, 2, 10, 50, 100, 0])
        self.assertEqual(self.shop.application()["release"]["number"], 2)
        after = self.shop.load.fresh()
        time.sleep(2)
        self.assertEqual(set(self.shop.load.since(after)["answers"]), {f"{GOOD} 200"})
        names = {d["metadata"]["name"] for d in self.cluster.list("deployments", self.shop.namespace)}
        self.assertEqual(names, {"web", "cart"})


class BadVersion(ShopTestCase):
    def test_it_takes_a_bad_version_back_from_two_percent_keeps_it_out_and_lets_its_fix_through(self):
        before = self.shop.load.fresh()
        bad = self.push_image(BAD)
        self.shop.wait_weight(2)
        seen = time.monotonic()
        line = self.shop.wait_line(HELD.format(bad, 2), 60)
        self.assertLess(time.monotonic() - seen, 40, line)
        self.assertEqual(self.shop.weight(), 0)
        time.sleep(2)
        counts = self.shop.load.since(before)
        self.assertLess(self.share(counts, f"{BAD} "), 0.05)
        self.assert_stable_pods_answered_well(counts)
        failed = {k for k in counts["answers"] if not k.endswith(" 200")}
        self.assertEqual(failed, {f"{BAD} 500"}, counts)
        self.assertEqual(self.shop.application()["release"]["number"], 1)

        # It stays out, and so does a commit that renders the same; git is as it was.
        after = self.shop.load.fresh()
        self.shop.repository.write("README.md", "The shop.\n")
        self.shop.push("Words only")
        time.sleep(5)
        self.assertEqual(self.shop.weight(), 0)
        self.assert_no_request_failed(self.shop.load.since(after))
        self.assertRegex(self.shop.line(), r"Held: ")
        self.assertIn(f'newTag: "{BAD}"', self.shop.repository.git("show", "origin/main:overlays/prod/kustomization.yaml"))
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        self.assert_words_say_why(bad)

        before = self.shop.load.fresh()
        fixed = self.push_image(FIXED)
        self.shop.wait_healthy(fixed, 90)
        self.assert_no_request_failed(self.shop.load.since(before))
        self.assertEqual(self.shop.application()["release"]["number"], 2)
        self.assertNotIn("Held", self.shop.line())

    def assert_words_say_why(self, bad):
        why = self.headgate.cli("why", self.shop.app)
        self.assertRegex(why, rf"{bad}[\s\S]*error-rate")
        self.assertRegex(why, r"retry")
        self.assertRegex(self.headgate.cli("plan", self.shop.app), r"^\w{7} is held: it failed its canary .*error-rate")
        self.assertRegex(self.headgate.cli("history", self.shop.app), rf"1\s+.*{self.first}")
        self.assertIn(self.shop.app, json.dumps(json.loads(self.headgate.cli("get", "-o", "json"))))
        self.assertNotIn(self.world.git.password, self.world.processes.log("headgate").read_text())
        self.assertTrue(re.search(r"^headgate_\w+", self.headgate.metrics(), re.MULTILINE))


class BadSettings(ShopTestCase):
    STEPS = DEMO

    def settings_of_running_pods(self, app):
        """What the ConfigMaps hold that the pods with app=APP have mounted."""
        held = []
        for pod in self.cluster.list("pods", self.shop.namespace, f"app={app}"):
            for volume in pod["spec"]["volumes"]:
                if "configMap" in volume:
                    held.append(self.cluster.get("configmaps", volume["configMap"]["name"], self.shop.namespace)["data"])
        return held

    def test_it_shows_a_bad_change_of_a_configmap_to_canary_pods_only(self):
        before = self.shop.load.fresh()
        self.shop.settings(LATENCY_MS="5", ERROR_RATE="0.5")
        bad = self.shop.push("Settings that break it")
        self.shop.wait_weight(2)
        self.assertEqual([d for d in self.settings_of_running_pods("web") if "ERROR_RATE" in d], [])
        self.assertEqual({d["ERROR_RATE"] for d in self.settings_of_running_pods("web-canary")}, {"0.5"})
        self.shop.wait_line(HELD.format(bad, 2), 60)
        time.sleep(7)  # longer than the kubelet takes to bring a changed ConfigMap into a running pod
        counts = self.shop.load.since(before)
        self.assert_stable_pods_answered_well(counts)
        self.assertGreater(sum(n for k, n in counts["answers"].items() if k.endswith(" 500")), 0, counts)
        self.assertEqual([d for d in self.settings_of_running_pods("web") if "ERROR_RATE" in d], [])
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)


class KilledDaemon(ShopTestCase):
    STEPS = QUICK

    def kill_and_start(self):
        self.headgate.kill()
        time.sleep(2)
        self.headgate.start()

    def test_it_ends_a_canary_as_it_should_whenever_sigkill_comes(self):
        before = self.shop.load.fresh()
        good = self.push_image(GOOD)
        self.shop.wait_weight(10)
        self.kill_and_start()
        self.assertEqual(self.shop.weight(), 10)
        world.wait_until(lambda: self.shop.rollout().get("phase") == "Promoting", 60,
                         lambda: f"the promotion to begin: {json.dumps(self.shop.rollout())}", every=0.05)
        self.kill_and_start()
        self.shop.wait_healthy(good, 90)
        self.assert_no_request_failed(self.shop.load.since(before))
        self.assertEqual(self.shop.application()["release"]["number"], 2)

        before = self.shop.load.fresh()
        bad = self.push_image(BAD)
        self.shop.wait_weight(10)
        self.kill_and_start()
        self.stable_pods = self.shop.pods("web") + self.shop.pods("cart")
        self.shop.wait_line(HELD.format(bad, 10), 90)
        self.assert_stable_pods_answered_well(self.shop.load.since(before))


if __name__ == "__main__":
    unittest.main()
