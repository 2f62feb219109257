"""An API server that fails in every way, and a daemon that is killed anywhere: both end where nothing had happened."""
import os
import threading

from daemon_case import DaemonCase, config_map
from fault_proxy import AFTER, HALF, RESET, SLOW, FaultProxy, answer

OBJECTS = 40
KILLS = 6  # of a sample
WRITES = ("PATCH", "POST", "PUT", "DELETE")

# Name, what a spoiled request gets, whether it is a write (else a reading), and how many are spoiled.
FAULTS = (
    ("reset", RESET, True, 5),
    ("effect without an answer", AFTER, True, 5),
    ("half an answer", HALF, True, 5),
    ("slow answer", SLOW, True, 5),
    ("409", answer(409, "Conflict"), True, 3),
    ("429", answer(429, "TooManyRequests"), True, 5),
    ("429 with Retry-After", answer(429, "TooManyRequests", **{"Retry-After": "1"}), True, 5),
    ("500", answer(500, "InternalError"), True, 5),
    ("503", answer(503, "ServiceUnavailable"), True, 5),
    ("410 of a list or watch", answer(410, "Expired"), False, 3),
    ("503 of a list or watch", answer(503, "ServiceUnavailable"), False, 3),
    ("half a stream", HALF, False, 3),
    ("reset of a list or watch", RESET, False, 3),
)


class FaultsTest(DaemonCase):
    def setUp(self):
        super().setUp()
        self.proxy = FaultProxy(self.api)
        self.addCleanup(self.proxy.stop)

    def wanted(self, version, count=OBJECTS):
        return [config_map(f"c{i:02d}", key=f"{version} {i}") for i in range(count)]

    def state(self):
        """Name -> data of what the daemon deployed."""
        items = self.api.get(f"/api/v1/namespaces/{self.namespace}/configmaps?labelSelector=applyset.kubernetes.io/part-of")["items"]
        return {o["metadata"]["name"]: o["data"] for o in items}

    def is_object(self, path):
        return f"/namespaces/{self.namespace}/configmaps" in path

    def test_it_ends_where_no_fault_would_have_left_it(self):
        self.start(self.proxy.kubeconfig(self.folder))
        path = None
        for n, (name, what, writes, times) in enumerate(FAULTS):
            with self.subTest(name):
                left, lock = [times], threading.Lock()

                def rule(method, where):
                    if writes != (method in WRITES) or not (self.is_object(where) or "/api/v1/configmaps" in where):
                        return None
                    with lock:
                        left[0] -= 1
                        return what if left[0] >= 0 else None

                wanted = self.wanted(n)[n % 3:]  # some come back, some go
                commit = self.repository.commit(*wanted)
                self.proxy.rule = rule
                self.proxy.cut_streams()
                path = path or self.application(sync={"confirmPrunes": "None"})
                self.wait_healthy(path, commit)
                self.assertEqual(self.state(), {o["metadata"]["name"]: o["data"] for o in wanted})
                self.assertLess(left[0], times, "nothing was spoiled")
                self.proxy.rule = lambda method, where: None

    def test_a_daemon_that_is_killed_at_any_request_ends_in_the_same_state(self):
        kubeconfig = self.proxy.kubeconfig(self.folder)
        self.repository.commit(*self.wanted("first"), config_map("goes", key="x"))
        self.start(kubeconfig)
        path = self.application(sync={"confirmPrunes": "None"})
        self.wait_healthy(path)
        foreign = f"/api/v1/namespaces/{self.namespace}/configmaps/foreign"
        self.apply(foreign, config_map("foreign", self.namespace, key="not ours"))
        boundaries = 2 * OBJECTS  # before the server hears of a write, and after
        points = range(boundaries) if os.environ.get("HEADGATE_KILLS") == "all" else range(1, boundaries, boundaries // KILLS)
        for point in points:
            with self.subTest(point=point):
                self.kill_at(point)
                gone = point % 5  # each time other objects are dropped
                wanted = [o for o in self.wanted(point) if o["metadata"]["name"] != f"c{gone:02d}"]
                commit = self.repository.commit(*wanted)
                self.eventually(lambda: self.process.poll() is not None, "it is killed")
                self.kill()
                self.proxy.rule = lambda method, where: None
                self.start(kubeconfig)
                self.wait_healthy(path, commit)
                self.assertEqual(self.state(), {o["metadata"]["name"]: o["data"] for o in wanted})
                self.assertEqual(self.live("foreign")["data"], {"key": "not ours"})

    def kill_at(self, point):
        """The write number point/2 of an object kills the daemon: before the server hears of it, or after."""
        count, lock, process = [0], threading.Lock(), self.process

        def rule(method, path):
            if method not in WRITES or not self.is_object(path):
                return None
            with lock:
                count[0] += 1
                mine = count[0] == point // 2 + 1
            if mine:
                process.kill()
                return AFTER if point % 2 else RESET
            return None if count[0] <= point // 2 else RESET

        self.proxy.rule = rule
