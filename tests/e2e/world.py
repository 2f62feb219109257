"""The world that Headgate is tried in: a cluster with a gateway and Prometheus, a git server, a repository, traffic,
and `headgate run` as a process. The e2e tests and scripts/demo share it.
"""
import base64
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from git_server import GitServer
from processes import Processes

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("HEADGATE_CACHE") or pathlib.Path.home() / ".cache" / "headgate")
SYSTEM = "headgate-system"
COMMAND_SECONDS = 120  # for any one command


# The kinds that tests read, and where the API server has them.
API_OF = {kind: api for api, kinds in {
    "api/v1": ("namespaces", "pods", "services", "configmaps", "events"),
    "apis/apps/v1": ("deployments",),
    "apis/gateway.networking.k8s.io/v1": ("httproutes",),
    "apis/headgate.dev/v1alpha1": ("applications", "rollouts"),
}.items() for kind in kinds}


def end_with_parent():
    """In a child before it begins: SIGTERM when its parent is gone, however that ended."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def run(argv, **options):
    """A command's output; an error names the command and what it printed."""
    result = subprocess.run([str(a) for a in argv], text=True, capture_output=True,
                            timeout=options.pop("timeout", COMMAND_SECONDS), **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


class Timeout(AssertionError):
    """What was waited for did not come."""


def wait_until(condition, seconds, what, every=0.1):
    """Polls until condition() is true, and returns what it returned. `what` finishes "waited 10 s for …"."""
    until = time.monotonic() + seconds
    last = None
    while True:
        last = condition()
        if last:
            return last
        if time.monotonic() > until:
            raise Timeout(f"waited {seconds} s for {what() if callable(what) else what}")
        time.sleep(every)


class Cluster:
    """The test cluster, or one that the user has (kubeconfig, and the addresses of its gateway and Prometheus)."""

    def __init__(self, kubeconfig=None, gateway=None, prometheus=None):
        self.ours = kubeconfig is None
        self.tool = ROOT / "tests" / "cluster" / "cluster"
        if self.ours:
            env = dict(line.split("=", 1) for line in run([self.tool, "env"]).splitlines())
            kubeconfig = env["KUBECONFIG"]
            gateway, prometheus = env["HEADGATE_TEST_GATEWAY"], env["HEADGATE_TEST_PROMETHEUS"]
        self.proxy, self.api = None, ""
        self.kubeconfig, self.gateway, self.prometheus = str(kubeconfig), gateway, prometheus
        own = CACHE / "bin" / "kubectl"
        self.kubectl_path = str(own) if own.exists() else "kubectl"

    def kubectl(self, *args, **options):
        return run([self.kubectl_path, "--kubeconfig", self.kubeconfig, *args], **options)

    def get(self, kind, name, namespace=None):
        """An object as the API server has it, or None."""
        try:
            return self._read(f"{self._path(kind, namespace)}/{name}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return None

    def list(self, kind, namespace, selector=""):
        return self._read(self._path(kind, namespace) + "?" + urllib.parse.urlencode({"labelSelector": selector}))["items"]

    def _read(self, path):
        # Tests ask several times a second; a kubectl for each would take a core. One that forwards knows how to log in.
        if not self.proxy:
            argv = [self.kubectl_path, "--kubeconfig", self.kubeconfig, "proxy", "--port=0"]
            self.proxy = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                          start_new_session=True, preexec_fn=end_with_parent)
            self.api = "http://" + self.proxy.stdout.readline().split()[-1]  # Starting to serve on 127.0.0.1:40001
        with urllib.request.urlopen(self.api + path, timeout=10) as answer:
            return json.load(answer)

    @staticmethod
    def _path(kind, namespace):
        return f"/{API_OF[kind]}" + (f"/namespaces/{namespace}" if namespace else "") + f"/{kind}"

    def close(self):
        """Ends what answers get and list; the next one starts it again."""
        if self.proxy:
            self.proxy.terminate()
            self.proxy.wait()
            self.proxy.stdout.close()
            self.proxy = None

    def apply(self, text):
        return self.kubectl("apply", "--server-side", "-f", "-", input=text)

    def query(self, promql):
        """What Prometheus answers, as a list of (labels, number)."""
        url = f"{self.prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": promql})
        with urllib.request.urlopen(url, timeout=5) as answer:
            result = json.load(answer)["data"]["result"]
        return [(r["metric"], float(r["value"][1])) for r in result]

    def pid(self, part):
        return int(run([self.tool, "pid", part]))

    def kubeconfig_of(self, account, folder):
        """A kubeconfig, below a folder, of a ServiceAccount NAMESPACE/NAME with a token as its pods have it."""
        namespace, name = account.split("/")
        config = json.loads(self.kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json"))
        token = self.kubectl("create", "token", name, "-n", namespace, "--duration=1h").strip()
        config["users"][0]["user"] = {"token": token}
        path = pathlib.Path(folder) / f"{name}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        return path


class Headgate:
    """`headgate run` as a background process, and the command line beside it."""

    def __init__(self, binary, cluster, processes, port, account=None):
        self.account = account  # NAMESPACE/NAME of the ServiceAccount that the daemon is; None: the administrator
        self.binary, self.cluster, self.processes, self.port = str(binary), cluster, processes, port
        self.listen = f"127.0.0.1:{port}"

    def cli(self, *args, **options):
        return run([self.binary, *args], env={**os.environ, "KUBECONFIG": self.cluster.kubeconfig}, **options)

    def install(self):
        """Everything that `headgate install` prints but the Deployment: here the daemon is a process of ours."""
        parts = re.split(r"^---\s*$", self.cli("install"), flags=re.MULTILINE)
        kept = [part for part in parts if not re.search(r"^kind: (Deployment|Service)$", part, re.MULTILINE)]
        self.cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input="---\n".join(kept))
        self.cluster.kubectl("wait", "--for=condition=Established", "crd/applications.headgate.dev", "crd/rollouts.headgate.dev",
                             "--timeout=20s")

    def start(self):
        """Starts the daemon and waits until it is ready."""
        kubeconfig = self.cluster.kubeconfig
        if self.account:
            kubeconfig = self.cluster.kubeconfig_of(self.account, self.processes.state)
        self.processes.start("headgate", [
            self.binary, "run", "--kubeconfig", kubeconfig, "--listen", self.listen,
            "--data", self.processes.state / "data", "--prometheus", self.cluster.prometheus,
            "--allow-private-addresses"])
        wait_until(self.ready, 30, lambda: f"headgate to be ready; its log ends with\n{self.log_tail(15)}")

    def ready(self):
        if not self.processes.pid("headgate"):
            raise RuntimeError(f"headgate ended; its log ends with\n{self.log_tail(15)}")
        try:
            urllib.request.urlopen(f"http://{self.listen}/readyz", timeout=2).close()
        except OSError:
            return False
        return True

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.listen}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def log_tail(self, lines):
        log = self.processes.log("headgate")
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"

    def stop(self):
        return self.processes.stop("headgate")

    def kill(self):
        self.processes.kill("headgate")


class Repository:
    """A repository on the git server, and a working copy of it that changes are pushed from."""

    def __init__(self, server, name, folder, contents):
        self.url = server.create(name)
        push_url = self.url
        if server.user:
            push_url = self.url.replace("://", f"://{server.user}:{urllib.parse.quote(server.password, safe='')}@")
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(contents, self.folder)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", push_url)

    def git(self, *args):
        return run(["git", "-C", self.folder, "-c", "user.name=Demo", "-c", "user.email=demo@example.com", *args],
                   env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"})

    def read(self, path):
        return (self.folder / path).read_text()

    def write(self, path, text):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def replace(self, path, pattern, replacement):
        """Replaces what a regular expression finds; it must find something."""
        text, times = re.subn(pattern, replacement, self.read(path), flags=re.MULTILINE)
        if not times:
            raise ValueError(f"{path} has no {pattern!r}")
        self.write(path, text)

    def push(self, message):
        """Commits all changes and pushes; the short id of the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        self.git("push", "-q", "origin", "main")
        return self.git("rev-parse", "HEAD").strip()[:7]


class Load:
    """Steady traffic, and counts of what answered. The counts are those since the start; take differences."""

    def __init__(self, cluster, processes, host, rate=400):
        self.processes = processes
        self.out = processes.state / "logs" / "load.jsonl"
        self.argv = [CACHE / "bin" / "load", "-url", cluster.gateway, "-host", host,
                     "-path", "/", "-path", "/cart", "-rate", rate]

    def start(self):
        if not self.processes.pid("load"):
            self.out.parent.mkdir(parents=True, exist_ok=True)
            self.out.write_text("")
        self.processes.start("load", self.argv, stdout=self.out)
        wait_until(lambda: self.now()["sent"], 10, "the load to begin")

    def stop(self):
        self.processes.stop("load")

    def now(self):
        """The newest counts: time, due, sent, open, answers {"VERSION CODE": n}, pods {pod: {code: n}}."""
        lines = self.out.read_bytes().split(b"\n")
        for line in reversed(lines[:-1]):
            if line.strip():
                return json.loads(line)
        return {"time": 0, "due": 0, "sent": 0, "open": 0, "answers": {}, "pods": {}}

    def fresh(self):
        """Counts that were printed after this call."""
        begun = time.time()
        return wait_until(lambda: (now := self.now())["time"] >= begun and now, 10, "counts of the load")

    @staticmethod
    def between(before, after):
        """What was answered from one moment to a later one."""
        answers = {k: n - before["answers"].get(k, 0) for k, n in after["answers"].items()}
        pods = {p: {c: n - before["pods"].get(p, {}).get(c, 0) for c, n in codes.items()}
                for p, codes in after["pods"].items()}
        return {"due": after["due"] - before["due"], "sent": after["sent"] - before["sent"],
                "answers": {k: n for k, n in answers.items() if n},
                "pods": {p: {c: n for c, n in codes.items() if n} for p, codes in pods.items() if any(codes.values())}}

    def since(self, before):
        return self.between(before, self.fresh())


class Watch:
    """Sees every weight that a route gives its canary, from `kubectl get --watch`, without missing one."""

    def __init__(self, cluster, kind, name, namespace):
        self.seen = []  # (time, object)
        self.child = subprocess.Popen(
            [cluster.kubectl_path, "--kubeconfig", cluster.kubeconfig, "get", kind, "-n", namespace, "-o", "json",
             "--field-selector", f"metadata.name={name}", "--watch", "--output-watch-events"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        decoder, text = json.JSONDecoder(), ""
        for line in self.child.stdout:
            text += line
            try:
                event, end = decoder.raw_decode(text.lstrip())
            except json.JSONDecodeError:
                continue
            text = text.lstrip()[end:]
            self.seen.append((time.time(), event["object"]))

    def stop(self):
        os.killpg(self.child.pid, signal.SIGTERM)
        self.child.wait(10)
        self.thread.join(10)
        self.child.stdout.close()


class Shop:
    """demo/shop as one application: its repository, its namespace, its Application, its traffic."""

    def __init__(self, world, name="shop", app=None, namespace=None, host=None):
        self.world, self.cluster, self.headgate = world, world.cluster, world.headgate
        self.app = app or f"{name}-prod"
        self.namespace = namespace or name
        self.host = host or f"{name}.demo.test"
        self.repository = Repository(world.git, name, world.state / "work" / name, ROOT / "demo" / "shop")
        self.load = Load(self.cluster, world.processes, self.host, rate=world.rate)
        overlay = "overlays/prod"
        self.repository.replace(f"{overlay}/kustomization.yaml", r"^namespace: .*", f"namespace: {self.namespace}")
        self.repository.replace(f"{overlay}/namespace.yaml", r"^  name: .*", f"  name: {self.namespace}")
        self.repository.replace("base/route.yaml", r"hostnames: .*", f"hostnames: [{self.host}]")
        namespace, gateway = world.gateway.split("/")
        self.repository.replace("base/route.yaml", r"parentRefs: .*",
                                f"parentRefs: [{{name: {gateway}, namespace: {namespace}}}]")
        if world.image:
            self.repository.replace(f"{overlay}/kustomization.yaml", r"^  newTag: .*", f"  newName: {world.image}\n  newTag: \"1\"")

    # ---- what a team does: change files and push ----

    def image(self, tag):
        self.repository.replace("overlays/prod/kustomization.yaml", r"newTag: .*", f'newTag: "{tag}"')

    def settings(self, **values):
        """The prod overlay's settings, all of them."""
        data = "".join(f'  {key}: "{value}"\n' for key, value in values.items())
        self.repository.replace("overlays/prod/settings.yaml", r"^data:\n(  .*\n)*", f"data:\n{data}")

    def steps(self, *steps):
        """Other steps for the Rollout: steps("setWeight: 10", "approve: {}")."""
        lines = "".join(f"    - {step}\n" for step in steps)
        self.repository.replace("base/rollout.yaml", r"^    steps:\n(    - .*\n)*", f"    steps:\n{lines}")

    def push(self, message):
        return self.repository.push(message)

    # ---- what an operator does ----

    def create(self):
        """Tells Headgate about the application."""
        git = self.world.git
        if git.user:
            secret = {"username": git.user, "password": git.password}
            self.cluster.apply(json.dumps({
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{self.app}-git", "namespace": SYSTEM},
                "data": {k: base64.b64encode(v.encode()).decode() for k, v in secret.items()}}))
        text = (ROOT / "demo" / "application.yaml").read_text()
        text = text.replace("GIT_URL", self.repository.url).replace("name: shop-prod", f"name: {self.app}")
        text = text.replace("namespace: shop\n", f"namespace: {self.namespace}\n")
        text = text.replace("name: shop-git", f"name: {self.app}-git") if git.user else re.sub(r".*secretRef.*\n", "", text)
        self.cluster.apply(text)
        return text

    def delete(self):
        self.cluster.kubectl("delete", "applications.headgate.dev", self.app, "-n", SYSTEM, "--ignore-not-found", "--wait=false")
        self.cluster.kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")
        self.cluster.kubectl("delete", "secret", f"{self.app}-git", "-n", SYSTEM, "--ignore-not-found")

    # ---- what can be seen ----

    def line(self):
        """The application's line of `headgate get`, words separated by one space; "" where there is none."""
        for line in self.headgate.cli("get").splitlines():
            words = line.split()
            if words and words[0] in (self.app, f"{SYSTEM}/{self.app}"):
                return " ".join(words)
        return ""

    def application(self):
        found = self.cluster.get("applications", self.app, SYSTEM)
        return (found or {}).get("status", {})

    def rollout(self):
        found = self.cluster.get("rollouts", "shop", self.namespace)
        return (found or {}).get("status", {})

    def weight(self):
        """Percent that the route gives the canary now, by its backends' names."""
        route = self.cluster.get("httproutes", "web", self.namespace)
        return weight_of(route) if route else 0

    def pods(self, app):
        """Names of the running pods with the label app=APP."""
        return sorted(p["metadata"]["name"] for p in self.cluster.list("pods", self.namespace, f"app={app}")
                      if "deletionTimestamp" not in p["metadata"])

    def wait_line(self, pattern, seconds):
        """Waits until the line of `headgate get` has what a regular expression says; the line."""
        return wait_until(lambda: (line := self.line()) and re.search(pattern, line) and line, seconds,
                          lambda: f"/{pattern}/ in headgate get; it says: {self.line()}", every=0.3)

    def wait_healthy(self, revision, seconds=90):
        return self.wait_line(rf"{revision}\S* Healthy", seconds)

    def wait_weight(self, percent, seconds=60):
        return wait_until(lambda: self.weight() == percent, seconds,
                          lambda: f"a canary weight of {percent} %; it is {self.weight()} %; {self.line()}", every=0.2)


def weight_of(route):
    """The share in percent that an HTTPRoute's rules give backends whose name ends in -canary (of the first rule)."""
    for rule in route["spec"].get("rules", []):
        weights = {b["name"]: b.get("weight", 1) for b in rule.get("backendRefs", [])}
        total = sum(weights.values())
        canary = sum(w for name, w in weights.items() if name.endswith("-canary"))
        return round(100 * canary / total) if total else 0
    return 0


class World:
    """Everything together, with its state below one folder."""

    def __init__(self, state, binary, cluster=None, port=16480, git_port=16470, gateway="gateway/headgate", image=None, rate=400,
                 account=None):
        self.state = pathlib.Path(state)
        self.state.mkdir(parents=True, exist_ok=True)
        self.cluster = cluster or Cluster()
        self.processes = Processes(self.state)
        self.git = GitServer(self.state / "git", port=git_port, user="shop", password="pass word %41&/")
        self.headgate = Headgate(binary, self.cluster, self.processes, port, account)
        self.gateway, self.image, self.rate = gateway, image, rate

    def start(self):
        self.git.start()
        self.headgate.install()
        self.headgate.start()

    def stop(self):
        self.processes.stop("load")
        ended = self.headgate.stop()
        self.git.stop()
        self.cluster.close()
        return ended

    def diagnose(self, shop=None):
        """All that helps to see why something did not come, as text. Fails at nothing."""
        parts = [("the end of headgate's log", lambda: self.headgate.log_tail(60)),
                 ("headgate get", lambda: self.headgate.cli("get", timeout=15))]
        if shop:
            parts += [
                ("headgate why", lambda: self.headgate.cli("why", shop.app, timeout=15)),
                ("headgate rollout status", lambda: self.headgate.cli("rollout", "status", shop.app, timeout=15)),
                ("status of the Application", lambda: json.dumps(shop.application())[:6000]),
                ("status of the Rollout", lambda: json.dumps(shop.rollout())[:6000]),
                ("objects", lambda: self.cluster.kubectl("get", "deploy,rs,pod,svc,cm,httproute", "-n", shop.namespace, "-o", "wide")),
                ("route", lambda: json.dumps((self.cluster.get("httproutes", "web", shop.namespace) or {}).get("spec"))),
                ("events", lambda: self.cluster.kubectl("get", "events", "-A", "--sort-by=.lastTimestamp")[-4000:]),
                ("load", lambda: json.dumps(shop.load.now())),
            ]
        text = []
        for what, say in parts:
            try:
                said = say()
            except Exception as error:  # noqa: BLE001 -- a diagnosis must not hide what it is for
                said = f"({error})"
            text.append(f"---- {what}\n{said.rstrip()}")
        return "\n".join(text)
