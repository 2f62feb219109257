"""What every e2e test starts from: a world of its own, with one application that is named after the test."""
import os
import pathlib
import re
import unittest

import world

STATE = pathlib.Path(os.environ.get("HEADGATE_E2E_STATE") or world.ROOT / "build" / "e2e")
BINARY = os.environ.get("HEADGATE_BINARY") or world.ROOT / "build" / "debug" / "cli" / "headgate"
QUICK = ("setWeight: 10", "analyze: {duration: 4s}")
SHORT = ("setWeight: 2", "analyze: {duration: 4s}", "setWeight: 50", "analyze: {duration: 4s}")
FIRST, GOOD, BAD, FIXED = "1", "2", "3", "4"  # tags of the demo's image; BAD answers 25 % of the requests with 500


class ShopTestCase(unittest.TestCase):
    """setUp leaves release 1 of the shop healthy, with traffic on it, unless DEPLOYED is False."""

    DEPLOYED = True
    STEPS = SHORT
    RATE = 400
    ACCOUNT = None  # the daemon's; see world.Headgate
    maxDiff = None

    def setUp(self):
        name = re.sub(r"[^a-z0-9]+", "-", self._testMethodName.removeprefix("test_it_").lower())[:30].strip("-")
        self.world = world.World(STATE / name, BINARY, rate=self.RATE, account=self.ACCOUNT)
        self.addCleanup(self.world.stop)
        self.cluster, self.headgate = self.world.cluster, self.world.headgate
        self.world.processes.log("headgate").unlink(missing_ok=True)
        self.world.start()
        self.shop = world.Shop(self.world, name=name)
        self.addCleanup(self.shop.delete)
        self.shop.steps(*self.STEPS)
        if self.DEPLOYED:
            self._explaining(self.deploy_first)

    def deploy_first(self):
        self.first = self.shop.push("The shop")
        self.shop.create()
        self.shop.wait_healthy(self.first, 60)
        world.wait_until(self._served, 20, "the gateway to serve the shop")
        self.shop.load.start()
        self.stable_pods = self.shop.pods("web") + self.shop.pods("cart")

    def _served(self):
        for path in ("/", "/cart"):
            request = world.urllib.request.Request(self.cluster.gateway + path, headers={"Host": self.shop.host})
            try:
                world.urllib.request.urlopen(request, timeout=2).close()
            except OSError:
                return False
        return True

    def _explaining(self, work):
        """Where work() fails, what the world looks like is printed first."""
        try:
            work()
        except unittest.SkipTest:
            raise
        except BaseException:
            print(self.world.diagnose(getattr(self, "shop", None)), flush=True)
            raise

    def _callTestMethod(self, method):  # noqa: N802 -- unittest's name
        self._explaining(method)

    # ---- what tests say ----

    def push_image(self, tag):
        self.shop.image(tag)
        return self.shop.push(f"Version {tag}")

    def assert_no_request_failed(self, counts):
        """Every request that was due was sent and answered with 200."""
        self.assertEqual(counts["due"], counts["sent"], counts)
        self.assertGreater(counts["sent"], 0)
        failed = {what: n for what, n in counts["answers"].items() if not what.endswith(" 200")}
        self.assertEqual(failed, {}, counts)

    def assert_stable_pods_answered_well(self, counts):
        """Only pods that are not stable's gave anything but 200."""
        for pod in self.stable_pods:
            self.assertEqual(set(counts["pods"].get(pod, {})) - {"200"}, set(), counts)

    def share(self, counts, what):
        """Of all answers, the share whose key (VERSION CODE) begins with `what`."""
        return sum(n for k, n in counts["answers"].items() if k.startswith(what)) / sum(counts["answers"].values())
