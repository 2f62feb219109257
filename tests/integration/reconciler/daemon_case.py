"""A daemon of its own for each test, a repository, and a namespace that goes afterwards."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.request

import kube
import yaml

CONTROL_PLANE = pathlib.Path(__file__).resolve().parents[1] / "control_plane"
SYSTEM = "headgate-system"
SECONDS_MAX = 60  # for what takes a second on a machine that does nothing else


def kubeconfig():
    given = os.environ.get("HEADGATE_TEST_KUBECONFIG")
    return given or subprocess.run([CONTROL_PLANE, "kubeconfig"], check=True, capture_output=True, text=True).stdout.strip()


class Repository:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.url = f"file://{folder}"

    def git(self, *args):
        author = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        return subprocess.run(["git", "-C", self.folder, *author, *args], check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, *objects):
        """These are all there is from now on. The commit."""
        (self.folder / "all.yaml").write_text(yaml.safe_dump_all(objects))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")


def config_map(name, namespace=None, **data):
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


class DaemonCase(unittest.TestCase):
    count = 0

    def setUp(self):
        DaemonCase.count += 1
        self.api = kube.Api(kubeconfig())
        self.namespace = f"itest-daemon-{os.getpid()}-{DaemonCase.count}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headgate-itest-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.repository = Repository(self.folder / "repository")
        self.process = None
        for name in (SYSTEM, self.namespace):
            self.apply(f"/api/v1/namespaces/{name}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.addCleanup(self.api.raw, "DELETE", f"/api/v1/namespaces/{self.namespace}")
        self.addCleanup(self.stop)

    def apply(self, path, body):
        return self.api.apply(path, body)

    def start(self, kubeconfig=None):
        log = open(self.folder / "log", "ab")
        self.addCleanup(log.close)
        self.process = subprocess.Popen(
            [os.environ["HEADGATE_BINARY"], "run", "--kubeconfig", kubeconfig or self.api.kubeconfig, "--data", self.folder / "data",
             "--listen", "127.0.0.1:0", "--allow-file-urls", "--identity", f"test-{self.namespace}", "--log-level", "debug"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.port = int(self.eventually(lambda: self.listening(), "the daemon listens"))

    def listening(self):
        """The port of the process that runs now."""
        text = (self.folder / "log").read_text().rpartition("listening at port ")[2].split()
        return text[0] if text and self.process.poll() is None and "listening" in (self.folder / "log").read_text()[self.seen:] else None

    seen = 0

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.seen = len((self.folder / "log").read_text())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def application(self, name="app", namespace=SYSTEM, interval="1s", source=None, destination=None, sync=None):
        path = f"/apis/headgate.dev/v1alpha1/namespaces/{namespace}/applications/{self.named(name)}"
        body = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Application",
                "metadata": {"name": self.named(name), "namespace": namespace},
                "spec": {"source": {"url": self.repository.url} | (source or {}),
                         "destination": {"namespace": self.namespace} | (destination or {}),
                         "sync": {"interval": interval} | (sync or {})}}
        self.apply(path, body)
        self.addCleanup(self.api.raw, "DELETE", path)
        return path

    def named(self, name):
        return f"{name}-{self.namespace}"

    def status(self, path):
        return (self.api.get(path) or {}).get("status", {})

    def summary(self, path):
        return self.status(path).get("summary", "")

    def live(self, name, namespace=None):
        return self.api.get(f"/api/v1/namespaces/{namespace or self.namespace}/configmaps/{name}")

    def eventually(self, is_true, what, seconds=SECONDS_MAX):
        until = time.monotonic() + seconds
        while not (value := is_true()):
            if time.monotonic() > until:
                log = (self.folder / "log").read_text()[-3000:] if (self.folder / "log").exists() else ""
                self.fail(f"not in {seconds} s: {what() if callable(what) else what}\n{log}")
            time.sleep(0.05)
        return value

    def wait_healthy(self, path, commit=None):
        def reached():
            status = self.status(path)
            return status.get("summary") == "Healthy" and (not commit or status.get("release", {}).get("revision") == commit)
        self.eventually(reached, lambda: f"Healthy: {self.summary(path)}")

    def post(self, path, headers, body=b""):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code
