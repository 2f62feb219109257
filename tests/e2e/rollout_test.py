"""What else happens to a canary: Prometheus gone, a newer commit, people's verbs."""
import signal
import time
import os
import unittest

import world
from shop_test_case import FIRST, FIXED, GOOD, QUICK, ShopTestCase


class PrometheusStopped(ShopTestCase):
    STEPS = ("setWeight: 10", "analyze: {duration: 10s}")

    def test_it_holds_while_prometheus_is_silent_and_then_goes_on(self):
        before = self.shop.load.fresh()
        good = self.push_image(GOOD)
        self.shop.wait_weight(10)
        pid = self.cluster.pid("prometheus")
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        # Longer than the step asks for and than any query takes: without evidence nothing may move.
        said = ""
        until = time.monotonic() + 18
        while time.monotonic() < until:
            self.assertEqual(self.shop.weight(), 10, self.shop.line())
            said += self.headgate.cli("rollout", "status", self.shop.app)
            time.sleep(1)
        self.assertRegex(said, r"(?i)prometheus|unknown")
        self.assertEqual(self.shop.rollout()["phase"], "Trial")
        os.kill(pid, signal.SIGCONT)
        self.shop.wait_healthy(good, 90)
        self.assert_no_request_failed(self.shop.load.since(before))


class NewerCommit(ShopTestCase):
    STEPS = ("setWeight: 10", "analyze: {duration: 6s}")

    def test_it_gives_up_a_running_canary_for_a_newer_commit(self):
        before = self.shop.load.fresh()
        superseded = self.push_image(GOOD)
        self.shop.wait_weight(10)
        newer = self.push_image(FIXED)
        self.shop.wait_healthy(newer, 120)
        self.assert_no_request_failed(self.shop.load.since(before))
        application = self.shop.application()
        self.assertEqual(application["release"]["number"], 2, application)
        self.assertTrue(application["release"]["revision"].startswith(newer), application)
        self.assertNotRegex(self.headgate.cli("history", self.shop.app), superseded)
        self.assertNotIn("Held", self.shop.line())

    def test_it_ends_the_canary_when_git_goes_back_to_what_is_stable(self):
        self.push_image(GOOD)
        self.shop.wait_weight(10)
        self.shop.image("1")
        back = self.shop.push("Back to version 1")
        self.shop.wait_weight(0, 30)
        self.shop.wait_healthy(back, 60)
        self.assertEqual(self.shop.application()["release"]["number"], 1)
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)


class Verbs(ShopTestCase):
    STEPS = ("setWeight: 10", "approve: {}")

    def test_it_aborts_retries_waits_for_approval_and_promotes_when_told(self):
        before = self.shop.load.fresh()
        good = self.push_image(GOOD)
        self.shop.wait_weight(10)
        self.headgate.cli("abort", self.shop.app)
        self.shop.wait_weight(0, 15)
        self.shop.wait_line(rf"Held: {good}.*abort", 30)
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)

        self.headgate.cli("retry", self.shop.app)
        self.shop.wait_line("waits for promote", 60)
        # Whoever changes the weight by hand.
        self.cluster.kubectl("patch", "httproute", "web", "-n", self.shop.namespace, "--type=json", "-p",
                             '[{"op": "replace", "path": "/spec/rules/1/backendRefs/1/weight", "value": 90}]')
        world.wait_until(lambda: self.rule_weights() == [10, 10], 15, lambda: f"weight 10 again: {self.rule_weights()}")
        time.sleep(6)
        self.assertEqual(self.shop.weight(), 10)
        self.assertRegex(self.headgate.cli("rollout", "status", self.shop.app), r"(?i)promote|approv")

        self.headgate.cli("promote", self.shop.app)
        self.shop.wait_healthy(good, 60)
        self.assertEqual(self.shop.application()["release"]["number"], 2)
        self.assert_no_request_failed(self.shop.load.since(before))

    def rule_weights(self):
        """The canary's share in each rule, in percent."""
        route = self.cluster.get("httproutes", "web", self.shop.namespace)
        return [world.weight_of({"spec": {"rules": [rule]}}) for rule in route["spec"]["rules"]]


class PauseAndResume(ShopTestCase):
    STEPS = QUICK

    def test_it_stands_still_while_paused_even_when_it_is_stopped_and_started(self):
        before = self.shop.load.fresh()
        good = self.push_image(GOOD)
        self.shop.wait_weight(10)
        self.headgate.cli("pause", self.shop.app)
        time.sleep(4)
        begun = time.monotonic()
        self.assertTrue(self.headgate.stop(), "it had to be killed")
        self.assertLess(time.monotonic() - begun, 5)
        self.headgate.start()
        time.sleep(6)
        self.assertEqual(self.shop.weight(), 10)
        self.assertRegex(self.headgate.cli("rollout", "status", self.shop.app), r"(?i)paused")
        plan = self.headgate.cli("plan", self.shop.app)
        self.assertRegex(plan, rf"^{good} goes on trial first: setWeight 10 %, analyze 4s; then:\n")
        self.assertRegex(plan, r"Deployment \S*web\b[\s\S]*image")
        self.assertNotIn("(none)", plan)
        self.headgate.cli("resume", self.shop.app)
        self.shop.wait_healthy(good, 90)
        self.assert_no_request_failed(self.shop.load.since(before))


class MadeAgain(ShopTestCase):
    def test_it_asks_before_it_deploys_what_was_held(self):
        before = self.shop.load.fresh()
        held = self.push_image("none")  # an image that is not there: its canary never gets traffic
        self.shop.wait_line(rf"{held}.*(?i:image)", 60)
        self.headgate.cli("abort", self.shop.app)
        self.shop.wait_line(rf"Held: {held}", 60)
        self.cluster.kubectl("delete", "applications.headgate.dev", self.shop.app, "-n", world.SYSTEM)
        self.shop.create()
        self.shop.wait_line(r"adoption would change .*image.*headgate adopt", 60)
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        # A commit that says what runs needs no word.
        self.shop.image(FIRST)
        self.shop.wait_healthy(self.shop.push("What runs"), 60)
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        self.assert_no_request_failed(self.shop.load.since(before))


if __name__ == "__main__":
    unittest.main()
