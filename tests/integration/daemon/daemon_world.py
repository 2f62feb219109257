"""A daemon, a repository and an API server for the tests of this folder."""
import base64
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import yaml

SYSTEM = "headgate-system"
KINDS = {  # kind -> path of its API, plural
    "Namespace": ("api/v1", "namespaces"), "ConfigMap": ("api/v1", "configmaps"), "Event": ("api/v1", "events"),
    "ResourceQuota": ("api/v1", "resourcequotas"), "Secret": ("api/v1", "secrets"),
    "Deployment": ("apis/apps/v1", "deployments"), "Job": ("apis/batch/v1", "jobs"),
    "Application": ("apis/headgate.dev/v1alpha1", "applications"),
    "CustomResourceDefinition": ("apis/apiextensions.k8s.io/v1", "customresourcedefinitions"),
}


class Api:
    """The API server as its administrator; one kept connection."""

    def __init__(self, kubeconfig):
        config = yaml.safe_load(pathlib.Path(kubeconfig).read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.url = urllib.parse.urlsplit(cluster["server"])
        self.files = tempfile.TemporaryDirectory()
        self.tls = ssl.create_default_context(cafile=self._file(cluster, "certificate-authority"))
        self.tls.load_cert_chain(self._file(user, "client-certificate"), self._file(user, "client-key"))
        self.connection = None

    def _file(self, section, name):
        if name in section:
            return section[name]
        path = os.path.join(self.files.name, name)
        pathlib.Path(path).write_bytes(base64.b64decode(section[name + "-data"]))
        return path

    def ask(self, method, path, body=None, kind="application/json"):
        for last in (False, True):
            self.connection = self.connection or http.client.HTTPSConnection(self.url.hostname, self.url.port,
                                                                             context=self.tls, timeout=60)
            try:
                self.connection.request(method, "/" + path, json.dumps(body) if body is not None else None,
                                        {"Content-Type": kind, "Accept": "application/json"})
                answer = self.connection.getresponse()
                return answer.status, json.loads(answer.read() or b"{}")
            except (http.client.HTTPException, OSError):
                self.connection = None
                if last:
                    raise

    def path(self, kind, namespace="", name=""):
        api, plural = KINDS[kind]
        path = f"{api}/namespaces/{namespace}/{plural}" if namespace else f"{api}/{plural}"
        return f"{path}/{name}" if name else path

    def get(self, kind, namespace, name):
        status, body = self.ask("GET", self.path(kind, namespace, name))
        return body if status == 200 else None

    def list(self, kind, namespace):
        return self.must(*self.ask("GET", self.path(kind, namespace)))["items"]

    @staticmethod
    def must(status, body):
        assert status < 300, f"{status}: {body.get('message', body)}"
        return body

    def create(self, o):
        namespace = o["metadata"].get("namespace", "")
        return self.must(*self.ask("POST", self.path(o["kind"], namespace), o))

    def edit(self, kind, namespace, name, patch, manager="kubectl-edit", subresource=""):
        path = self.path(kind, namespace, name) + (f"/{subresource}" if subresource else "")
        return self.must(*self.ask("PATCH", f"{path}?fieldManager={manager}", patch, "application/merge-patch+json"))

    def apply(self, o, manager):
        path = self.path(o["kind"], o["metadata"]["namespace"], o["metadata"]["name"])
        return self.must(*self.ask("PATCH", f"{path}?fieldManager={manager}&force=true", o, "application/apply-patch+yaml"))

    def delete(self, kind, namespace, name):
        return self.ask("DELETE", self.path(kind, namespace, name), {"propagationPolicy": "Background"})[0]


def wait_until(condition, seconds, what, every=0.02):
    """Polls until condition() is true, and gives what it gave."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s for {what() if callable(what) else what}")
        time.sleep(every)
    return found


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class World:
    """What all tests of a run share."""

    def __init__(self):
        self.kubeconfig = os.environ["HEADGATE_TEST_KUBECONFIG"]
        self.binary = os.environ["HEADGATE_BINARY"]
        self.api = Api(self.kubeconfig)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headgate-daemon-"))
        if not self.api.get("Namespace", "", SYSTEM):
            self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
        self.daemon = None
        self.start()

    def start(self):
        self.log = open(self.folder / "daemon.log", "ab")
        self.daemon = subprocess.Popen(
            [self.binary, "run", "--kubeconfig", self.kubeconfig, "--data", str(self.folder / "data"), "--allow-file-urls",
             "--listen", f"127.0.0.1:{free_port()}", "--identity", "daemon-test", "--log-level", "debug"], stdout=self.log, stderr=self.log)

    def restart(self):
        """As after a crash."""
        self.daemon.kill()
        self.daemon.wait()
        self.start()

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait(30)
        if not os.environ.get("HEADGATE_TEST_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def headgate(self, *argv):
        done = subprocess.run([self.binary, *argv, "--kubeconfig", self.kubeconfig], text=True, capture_output=True, timeout=120)
        return done.stdout + done.stderr


class DaemonTest(unittest.TestCase):
    """A namespace, a repository and an Application in headgate-system for each test."""

    count = 0

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.api = cls.world.api

    @classmethod
    def tearDownClass(cls):
        cls.world.stop()

    def setUp(self):
        DaemonTest.count += 1
        self.name = f"itest-{os.getpid() % 100000}-{DaemonTest.count}"
        self.namespace = self.name
        self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        self.repository = self.world.folder / self.name
        self.repository.mkdir()
        self.git("init", "-q", "-b", "main")
        self.applications = []

    def tearDown(self):
        for name in self.applications:
            self.api.edit("Application", SYSTEM, name, {"metadata": {"finalizers": None}}) if self.api.get("Application", SYSTEM, name) else None
            self.api.delete("Application", SYSTEM, name)
        for name in self.applications:
            wait_until(lambda: not self.api.get("Application", SYSTEM, name), 20, f"Application {name} to go")
        self.api.delete("Namespace", "", self.namespace)

    def git(self, *argv):
        identity = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@t"}
        return subprocess.run(["git", "-C", str(self.repository), *argv], check=True, text=True, capture_output=True,
                              env={**os.environ, **identity}).stdout.strip()

    def push(self, *objects, path="."):
        """Commits these objects as all there is below a path; the commit."""
        folder = self.repository / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "all.yaml").write_text("\n---\n".join(json.dumps(o) for o in objects))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def application(self, name=None, path="", sync=None, **spec):
        name = name or self.name
        source = {"url": f"file://{self.repository}", "path": path}
        self.api.create({"apiVersion": "headgate.dev/v1alpha1", "kind": "Application",
                         "metadata": {"name": name, "namespace": SYSTEM},
                         "spec": {"source": source, "destination": {"namespace": self.namespace},
                                  "sync": {"interval": "1s", **(sync or {})}, **spec}})
        self.applications.append(name)

    def status(self, name=None):
        return (self.api.get("Application", SYSTEM, name or self.name) or {}).get("status", {})

    def summary(self, name=None):
        return self.status(name).get("summary", "")

    def wait_summary(self, words, seconds=30, name=None):
        return wait_until(lambda: words in self.summary(name) and self.summary(name), seconds,
                          lambda: f"{words!r}; it is {self.summary(name)!r}")

    def wait_deployed(self, commit, name=None, seconds=30):
        def deployed():
            status = self.status(name)
            return status.get("release", {}).get("revision") == commit and status.get("summary", "").startswith("Healthy")
        wait_until(deployed, seconds, lambda: f"{commit[:7]} to be deployed; it is {self.summary(name)!r}")

    def ask(self, *argv):
        return self.world.headgate(*argv, "-n", SYSTEM)

    def events(self, reason, name=None):
        return [e["message"] for e in self.api.list("Event", SYSTEM)
                if e["reason"] == reason and e["involvedObject"]["name"] == (name or self.name)]

    def wait_event(self, reason, words, name=None):
        wait_until(lambda: any(words in m for m in self.events(reason, name)), 15,
                   lambda: f"an event {reason} with {words!r}; there are {self.events(reason, name)}")

    def live(self, kind, name):
        return self.api.get(kind, self.namespace, name)

    def config(self, name, annotations=None, **data):
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **({"annotations": annotations} if annotations else {})},
                "data": data}

    def deployment(self, replicas=0, image="web:1", **metadata):
        spec = {"selector": {"matchLabels": {"app": "web"}},
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}}
        if replicas is not None:
            spec["replicas"] = replicas
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", **metadata}, "spec": spec}

    def job(self, name, hook, more=None):
        annotations = {"argocd.argoproj.io/hook": hook, **(more or {})}
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "annotations": annotations},
                "spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "x", "image": "x"}]}}}}

    def end_job(self, name, failed=False):
        """What the pods of a Job would have done."""
        wait_until(lambda: self.live("Job", name), 20, lambda: f"Job {name}; it is {self.summary()!r}")
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        kinds = ("FailureTarget", "Failed") if failed else ("SuccessCriteriaMet", "Complete")
        conditions = [{"type": kind, "status": "True", "reason": "Test", "message": "", "lastTransitionTime": now, "lastProbeTime": now}
                      for kind in kinds]
        now = self.live("Job", name).get("status", {}).get("startTime", now)
        done = {"failed": 1} if failed else {"succeeded": 1, "completionTime": now}
        self.api.edit("Job", self.namespace, name,
                      {"status": {"startTime": now, "conditions": conditions, "active": 0, "ready": 0, "terminating": 0,
                                  "uncountedTerminatedPods": {}, **done}}, subresource="status")
