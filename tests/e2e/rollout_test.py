"""What else happens to a canary: Prometheus gone, a newer commit, people's verbs."""
import json
import re
import signal
import time
import os
import unittest

import world
from shop_test_case import BAD, FIRST, FIXED, GOOD, ShopTestCase


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
        until = time.monotonic() + 25
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
    STEPS = ("setWeight: 10", "analyze: {duration: 12s}")

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

    def test_it_waits_for_approval_and_promotes_when_told(self):
        good = self.push_image(GOOD)
        self.shop.wait_line("waits for promote", 60)
        time.sleep(6)
        self.assertEqual(self.shop.weight(), 10)
        self.assertRegex(self.headgate.cli("rollout", "status", self.shop.app), r"(?i)promote|approv")
        self.headgate.cli("promote", self.shop.app)
        self.shop.wait_healthy(good, 60)
        self.assertEqual(self.shop.application()["release"]["number"], 2)

    def test_it_takes_the_canary_back_when_told_to_abort_and_tries_again_when_told_to(self):
        before = self.shop.load.fresh()
        good = self.push_image(GOOD)
        self.shop.wait_weight(10)
        self.headgate.cli("abort", self.shop.app)
        self.shop.wait_weight(0, 15)
        self.shop.wait_line(rf"Held: {good}.*abort", 30)
        self.assertEqual(self.shop.pods("web") + self.shop.pods("cart"), self.stable_pods)
        self.headgate.cli("retry", self.shop.app)
        self.shop.wait_line("waits for promote", 60)
        self.headgate.cli("promote", self.shop.app)
        self.shop.wait_healthy(good, 60)
        self.assert_no_request_failed(self.shop.load.since(before))


class PauseAndResume(ShopTestCase):
    def test_it_stands_still_while_paused(self):
        good = self.push_image(GOOD)
        self.shop.wait_weight(2)
        self.headgate.cli("pause", self.shop.app)
        time.sleep(12)
        self.assertEqual(self.shop.weight(), 2)
        self.assertRegex(self.headgate.cli("rollout", "status", self.shop.app), r"(?i)paused")
        plan = self.headgate.cli("plan", self.shop.app)
        self.assertRegex(plan, rf"^{good} goes on trial first: setWeight 2 %, analyze 4s, setWeight 50 %, analyze 4s; then:\n")
        self.assertRegex(plan, r"Deployment \S*web\b[\s\S]*image")
        self.assertNotIn("(none)", plan)
        self.headgate.cli("resume", self.shop.app)
        self.shop.wait_healthy(good, 90)


class Words(ShopTestCase):
    def test_it_says_why_the_application_is_where_it_is(self):
        bad = self.push_image(BAD)
        self.shop.wait_line(rf"Held: {bad}", 60)
        why = self.headgate.cli("why", self.shop.app)
        self.assertRegex(why, rf"{bad}[\s\S]*error-rate")
        self.assertRegex(why, r"retry")
        self.assertRegex(self.headgate.cli("plan", self.shop.app), rf"^{bad} is held: it failed its canary .*error-rate")
        history = self.headgate.cli("history", self.shop.app)
        self.assertRegex(history, rf"1\s+.*{self.first}")
        got = json.loads(self.headgate.cli("get", "-o", "json"))
        self.assertIn(self.shop.app, json.dumps(got))
        self.assertNotIn(self.world.git.password, self.world.processes.log("headgate").read_text())
        self.assertTrue(re.search(r"^headgate_\w+", self.headgate.metrics(), re.MULTILINE))


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
