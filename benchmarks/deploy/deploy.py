"""The daemon with N applications of four objects, each figure beside a bare client of the same control plane in the same run.

A fresh control plane (etcd, API server, controller manager; no pods, so Deployments have no replicas) is made twice: for the bare client,
which must create the objects as the daemon has to, and for the daemon. Phases: empty, sync, noop, commit, drift, restart.
What the rows mean, and what was recorded, is in ../README.md.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import apps
import kube

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
NAME, PORT_BASE = "benchmark", 17343  # of the control plane; 16 ports
GIT_PORT, LISTEN_PORT = PORT_BASE + 14, PORT_BASE + 15
SYSTEM = "headgate-system"
APPLICATIONS = f"/apis/headgate.dev/v1alpha1/namespaces/{SYSTEM}/applications"
TICK = os.sysconf("SC_CLK_TCK")
COMMITS, DRIFTS = 20, 50
SYNC_SECONDS_MAX = 1200
HOOK, TOKEN = "bench-hook", "told by the benchmark"
OF_THE_SERVER = ("endpoints", "endpointslices")  # the API server looks after its own Service every ten seconds
PHASES = ("empty", "sync", "noop", "commit", "drift", "restart")


class Cluster:
    """A control plane of this benchmark's own."""

    def __init__(self):
        self.run("down")
        self.run("up", "--control-plane")
        self.api = kube.Api(self.run("kubeconfig").strip())

    @staticmethod
    def run(*args):
        return subprocess.run([ROOT / "scripts/cluster", "--name", NAME, "--port-base", str(PORT_BASE), *args], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def settle(self):
        """Until the control plane (the controllers of new namespaces and the like) has been quiet for 3 s."""
        last = None
        while True:
            cpu = self.api.counters()[1]
            if last is not None and cpu - last < 0.6:
                return
            last = cpu
            time.sleep(3)

    def down(self):
        self.run("down")


class Process:
    def __init__(self, argv, log):
        with open(log, "ab") as out:
            self.child = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.log = log

    def cpu(self):
        """User and system seconds, children included."""
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICK

    def memory(self):
        """(resident now, its peak) in MiB."""
        text = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return tuple(int(re.search(rf"{key}:\s+(\d+)", text).group(1)) / 1024 for key in ("VmRSS", "VmHWM"))

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


class Daemon(Process):
    def __init__(self, options, cluster, folder):
        super().__init__([options.binary, "run", "--kubeconfig", cluster.api.kubeconfig, "--data", folder / "data", "--namespace", SYSTEM,
                          "--listen", f"127.0.0.1:{LISTEN_PORT}", "--allow-private-addresses", *options.daemon_flags], folder / "headgate.log")

    def metric(self, name):
        """Sum over its labels; None while it does not answer."""
        try:
            text = urllib.request.urlopen(f"http://127.0.0.1:{LISTEN_PORT}/metrics", timeout=5).read().decode()
        except OSError:
            return None
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)", text, re.M))

    def wait_ready(self):
        until = time.time() + 30
        while not self.metric("headgate_leader"):
            if self.child.poll() is not None or time.time() > until:
                raise SystemExit(f"run: the daemon does not lead; see {self.log}")
            time.sleep(0.01)


class Meter:
    """What the daemon used and the API server answered, from construction to stop()."""

    def __init__(self, bench):
        self.bench, self.begun = bench, time.time()
        self.cpu = bench.daemon.cpu()
        self.sent = bench.daemon.metric("headgate_api_requests_total")
        self.requests, self.api_cpu = bench.cluster.api.counters()

    def stop(self):
        self.cpu = self.bench.daemon.cpu() - self.cpu
        requests, api_cpu = self.bench.cluster.api.counters()
        self.api_cpu = api_cpu - self.api_cpu
        self.sent = self.bench.daemon.metric("headgate_api_requests_total") - self.sent
        delta = {key: round(v - self.requests.get(key, 0)) for key, v in requests.items()}
        own = lambda verb, resource: verb == "GET" and resource in OF_THE_SERVER  # noqa: E731
        self.requests = {key: v for key, v in delta.items() if v and key[1] not in ("leases", "") and key[0] != "WATCH" and not own(*key)}
        return self

    def by_verb(self):
        return ", ".join(f"{n} {verb} {resource}" for (verb, resource), n in sorted(self.requests.items(), key=lambda x: -x[1]))


class Bench:
    def __init__(self, options):
        self.options, self.n = options, options.size
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headgate-bench-"))
        self.bare_binary = self.folder / "bare"
        self.cluster = self.daemon = self.git = None
        self.rows = {}

    def row(self, key, text, **figures):
        self.rows[key] = figures
        print(f"{key}: {text}", flush=True)

    def prepare(self):
        subprocess.run(["go", "build", "-o", self.bare_binary, HERE / "bare.go"], check=True, env={**os.environ, "GO111MODULE": "off"})
        self.repository = apps.Repository(self.folder / "repository", self.n)
        self.git = Process([sys.executable, HERE / "git_server.py", self.repository.root, GIT_PORT], self.folder / "git.log")
        self.url = f"http://127.0.0.1:{GIT_PORT}/repo.git"

    def bare(self):
        """The yardstick: the same objects, applied by a client that does nothing else."""
        self.cluster = Cluster()
        self.cluster.api.bare(self.bare_binary, self.repository.namespaces)
        self.cluster.settle()
        first = self.cluster.api.bare(self.bare_binary, self.repository.objects)
        self.row("bare", f"{first['requests']} objects created in {first['seconds']:.2f} s, {first['per_second']:.0f} a second, "
                 f"{1000 * first['client_cpu_s'] / self.n:.1f} ms of its CPU an application, load {os.getloadavg()[0]:.1f}", **first)
        self.cluster.down()

    def start(self):
        self.cluster = Cluster()
        self.cluster.api.bare(self.bare_binary, self.repository.namespaces)
        subprocess.run([self.options.binary, "install", "--crds-only", "--apply", "--kubeconfig", self.cluster.api.kubeconfig], check=True,
                       stdout=subprocess.DEVNULL)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}}
        self.cluster.api.apply(f"/api/v1/namespaces/{SYSTEM}", namespace)
        self.cluster.api.apply(f"/api/v1/namespaces/{SYSTEM}/secrets/{HOOK}", {
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": HOOK, "namespace": SYSTEM}, "stringData": {"token": TOKEN}})
        time.sleep(2)
        self.daemon = Daemon(self.options, self.cluster, self.folder)
        self.daemon.wait_ready()

    def empty(self):
        time.sleep(5)
        now, peak = self.daemon.memory()
        self.row("empty", f"{now:.1f} MiB resident without an Application", rss=now)

    def applications(self):
        for i in range(self.n):
            name = apps.name_of(i)
            yield f"{APPLICATIONS}/{name}", {
                "apiVersion": "headgate.dev/v1alpha1", "kind": "Application", "metadata": {"name": name, "namespace": SYSTEM},
                "spec": {"source": {"url": self.url, "branch": "main", "path": f"apps/{name}", "webhook": {"secretRef": {"name": HOOK}}}, "destination": {"namespace": name},
                         "sync": {"interval": self.options.interval}}}

    @staticmethod
    def ready_at(o):
        """The commit that an Application says is live and healthy."""
        status = o.get("status", {})
        good = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))
        return status.get("release", {}).get("revision") if good else None

    def sync(self):
        """All Applications are created at once; done when the last one says that it is live and healthy."""
        wanted = self.repository.list("applications", list(self.applications()))
        self.cluster.settle()
        watch = kube.Watch(self.cluster.api, APPLICATIONS, self.ready_at)
        commit = self.repository.commit()
        meter = Meter(self)
        self.cluster.api.bare(self.bare_binary, wanted)
        created = time.time() - meter.begun
        done = watch.wait(lambda: sum(1 for _, at in watch.reached if at == commit) >= self.n, SYNC_SECONDS_MAX)
        watch.stopped = True
        if not done:
            raise SystemExit(f"run: {sum(1 for _, at in watch.reached if at == commit)} of {self.n} applications were ready in "
                             f"{SYNC_SECONDS_MAX} s; see {self.daemon.log}")
        seconds = done - meter.begun
        meter.stop()
        objects = sum(len(self.cluster.api.get(path.format("") + "?labelSelector=app.kubernetes.io/part-of=bench")["items"])
                      for path in apps.KINDS.values())
        if objects != 4 * self.n:
            raise SystemExit(f"run: {objects} objects are there instead of {4 * self.n}")
        now, peak = self.daemon.memory()
        bare = self.rows.get("bare", {}).get("seconds")
        ratio = f", {seconds / bare:.2f} x bare, wanted {1.4 * bare + 1:.1f} s" if bare else ""
        self.row("sync", f"{seconds:.2f} s until all are healthy{ratio} (Applications created in {created:.2f} s); "
                 f"{1000 * meter.cpu / self.n:.2f} ms of CPU and {meter.sent / self.n:.1f} requests an application; "
                 f"API server {meter.api_cpu:.1f} s of CPU; {now:.1f} MiB resident, peak {peak:.1f}; load {os.getloadavg()[0]:.1f}",
                 seconds=seconds, cpu_ms=1000 * meter.cpu / self.n, rss=now, peak=peak, requests=meter.requests)
        print(f"      requests: {meter.by_verb()}")

    def noop(self):
        time.sleep(self.options.rest)
        meter = Meter(self)
        looks = self.daemon.metric("headgate_reconciles_total")
        time.sleep(self.options.noop)
        meter.stop()
        looks = self.daemon.metric("headgate_reconciles_total") - looks
        now, _ = self.daemon.memory()
        self.row("noop", f"{sum(meter.requests.values())} requests ({meter.by_verb() or 'none'}) in {looks:.0f} looks, "
                 f"{1e6 * meter.cpu / max(looks, 1):.0f} us of CPU a look; {now:.1f} MiB resident",
                 requests=sum(meter.requests.values()), cpu_us=1e6 * meter.cpu / max(looks, 1), rss=now)

    def live(self, name):
        path = f"/api/v1/namespaces/{name}/configmaps?fieldSelector=metadata.name%3D{name}"
        watch = kube.Watch(self.cluster.api, path, lambda o: o.get("data", {}).get("VERSION"))
        if not watch.wait(lambda: watch.state.get(name), 30):
            raise SystemExit(f"run: ConfigMap {name} is not there")
        return watch

    @staticmethod
    def tell():
        """What a git host does after a push: it names the repository, and no application."""
        request = urllib.request.Request(f"http://127.0.0.1:{LISTEN_PORT}/hooks/{HOOK}", data=str(time.time_ns()).encode(),
                                         headers={"X-Gitlab-Token": TOKEN})
        urllib.request.urlopen(request, timeout=5).close()

    def commit(self):
        """One value of one application, pushed and told, until the object in the cluster has it."""
        i = self.n // 2
        watch, took, sent, cpu = self.live(apps.name_of(i)), [], [], []
        for _ in range(COMMITS):
            version = self.repository.change(i)
            meter = Meter(self)
            self.repository.push()
            pushed = time.time()
            self.tell()
            if not watch.wait(lambda: watch.state.get(apps.name_of(i)) == version, 60):
                raise SystemExit("run: the change did not arrive in 60 s")
            took.append(watch.reached[apps.name_of(i), version] - pushed)
            time.sleep(1.5)
            meter.stop()
            sent.append(sum(meter.requests.values()))
            cpu.append(meter.cpu)
        watch.stopped = True
        fetch, patch = self.bare_fetch(i), self.bare_patch(i)
        ours, least = statistics.median(took), fetch + patch
        self.row("commit", f"push to object {1000 * ours:.0f} ms (median of {COMMITS}, {1000 * min(took):.0f} to {1000 * max(took):.0f}); bare fetch "
                 f"{1000 * fetch:.0f} ms + PATCH {1000 * patch:.1f} ms: {ours / least:.2f} x, wanted {1400 * least + 10:.0f} ms; "
                 f"{statistics.median(sent):.0f} requests ({meter.by_verb()}), {1000 * statistics.mean(cpu):.0f} ms of CPU", ms=1000 * ours, bare_ms=1000 * least, requests=statistics.median(sent))

    def bare_fetch(self, i):
        """Seconds of a `git fetch` of one commit from the same server; median."""
        clone, took = self.folder / "clone.git", []
        subprocess.run(["git", "clone", "-q", "--bare", self.url, clone], check=True)
        for _ in range(COMMITS):
            self.repository.change(i)
            self.repository.push()
            begun = time.time()
            subprocess.run(["git", "-C", clone, "fetch", "-q", "origin", "main"], check=True)
            took.append(time.time() - begun)
        return statistics.median(took)

    def bare_patch(self, i):
        """Seconds of one server-side apply that changes a ConfigMap nobody looks after, on an open connection; median."""
        body, took = apps.objects(i)["configmap"], []
        body["metadata"] = {"name": "bare", "namespace": apps.name_of(i)}
        for k in range(COMMITS):
            body["data"]["VERSION"] = str(k)
            begun = time.time()
            self.cluster.api.apply(path_of_configmap(body), body)
            took.append(time.time() - begun)
        return statistics.median(took)

    def drift(self):
        """Someone edits, then deletes a ConfigMap: seconds from the end of that request until the watch shows it as wanted again."""
        healed = {"edited": [], "deleted": []}
        for k in range(DRIFTS):
            i = (7 * k) % self.n
            name = apps.name_of(i)
            path, watch = path_of_configmap(apps.objects(i)["configmap"]), self.live(name)
            wanted = watch.state[name]
            for what in healed:
                watch.reached.clear()
                if what == "deleted":
                    self.cluster.api.raw("DELETE", path)
                else:
                    edit = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": name}, "data": {"VERSION": "edited"}}
                    self.cluster.api.apply(path, edit, manager="someone")
                begun = time.time()
                if not watch.wait(lambda: (name, wanted) in watch.reached, 60):
                    raise SystemExit(f"run: {name} was {what}, and not healed in 60 s")
                healed[what].append(watch.reached[name, wanted] - begun)
            watch.stopped = True
        worst = {what: sorted(times)[int(0.99 * (len(times) - 1) + 0.5)] for what, times in healed.items()}
        self.row("drift", "; ".join(f"{what}: healed in {1000 * statistics.median(times):.0f} ms, p99 {1000 * worst[what]:.0f} ms (n={len(times)})"
                                    for what, times in healed.items()), **{what: 1000 * s for what, s in worst.items()})

    def restart(self):
        """From the start of the process until every application was looked at once; nothing has changed meanwhile."""
        lists = [APPLICATIONS, *(path.format("") + "?labelSelector=applyset.kubernetes.io/part-of" for path in apps.KINDS.values())]
        begun = time.time()
        size = sum(len(self.cluster.api.raw("GET", path)[1]) for path in lists)
        bare = time.time() - begun
        self.daemon.stop()
        begun = time.time()
        self.daemon = Daemon(self.options, self.cluster, self.folder)
        self.daemon.wait_ready()
        requests, _ = self.cluster.api.counters()
        while (self.daemon.metric("headgate_reconciles_total") or 0) < self.n:
            time.sleep(0.1)
        took = time.time() - begun
        time.sleep(1)
        after, _ = self.cluster.api.counters()
        writes = sum(v - requests.get(key, 0) for key, v in after.items() if key[0] in ("PUT", "POST", "PATCH", "APPLY", "DELETE") and key[1] != "leases")
        now, peak = self.daemon.memory()
        self.row("restart", f"{took:.2f} s to the end of the first pass; bare LIST of the same objects {bare:.2f} s ({size / 2**20:.1f} MiB): "
                 f"{took / bare:.2f} x, wanted {1.5 * bare + 0.3:.2f} s; {self.daemon.metric('headgate_api_requests_total'):.0f} requests, "
                 f"{writes:.0f} of them writes; {now:.1f} MiB resident, peak {peak:.1f}", seconds=took, bare=bare, rss=now)

    def stop(self):
        for process in (self.daemon, self.git):
            if process:
                process.stop()
        if self.cluster:
            self.cluster.down()


def path_of_configmap(body):
    return f"/api/v1/namespaces/{body['metadata']['namespace']}/configmaps/{body['metadata']['name']}"


def bench(options):
    phases = options.parts or PHASES
    unknown = set(phases) - set(PHASES)
    if unknown:
        raise SystemExit(f"run: deploy has the parts {', '.join(PHASES)}, not {', '.join(sorted(unknown))}")
    run = Bench(options)
    kept = False
    try:
        run.prepare()
        run.bare()
        run.start()
        for phase in PHASES:
            if phase in phases or phase == "sync":  # what follows needs the applications
                getattr(run, phase)()
        kept = True
    finally:
        run.stop()
        if kept and not options.keep:
            shutil.rmtree(run.folder)
        else:
            print(f"logs and repository: {run.folder}")
