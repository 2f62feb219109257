"""The wanted state of the benchmark: N applications of four small objects in one repository.

Application i lives in namespace app-i and is the folder apps/app-i, a kustomization of four files: ConfigMap (600 B of data), Service,
ServiceAccount, Deployment with 0 replicas; about 2.2 kB of YAML. The peers' rows in ../README.md were measured on the same files.
"""
import json
import pathlib
import subprocess
import time

import yaml

KINDS = {"configmap": "/api/v1/{0}configmaps", "service": "/api/v1/{0}services", "serviceaccount": "/api/v1/{0}serviceaccounts",
         "deployment": "/apis/apps/v1/{0}deployments"}


def name_of(i):
    return f"app-{i:04d}"


def objects(i, version="1"):
    name = name_of(i)
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "bench"}
    meta = {"name": name, "namespace": name, "labels": labels}
    data = {f"SETTING_{k:02d}": f"value {k} of {name}" for k in range(20)} | {"VERSION": version}
    container = {"name": "main", "image": "registry.example/app:1.0.0",
                 "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                 "envFrom": [{"configMapRef": {"name": name}}],
                 "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                 "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 5}}
    pod = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": name, "containers": [container]}}
    selector = {"app.kubernetes.io/name": name}
    port = {"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}
    return {
        "configmap": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data},
        "service": {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"selector": selector, "ports": [port]}},
        "serviceaccount": {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        "deployment": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta,
                       "spec": {"replicas": 0, "selector": {"matchLabels": selector}, "template": pod}},
    }


def path_of(o):
    return f"{KINDS[o['kind'].lower()].format('namespaces/' + o['metadata']['namespace'] + '/')}/{o['metadata']['name']}"


class Repository:
    """`root`/work is the clone that commits are made in, `root`/repo.git what is served. Lists for bare.go are beside them."""

    def __init__(self, root, n):
        self.root = pathlib.Path(root)
        self.work, self.bare = self.root / "work", self.root / "repo.git"
        self.work.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        for i in range(n):
            self.write(i)
            (self.folder(i) / "kustomization.yaml").write_text(
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
                + "".join(f"- {kind}.yaml\n" for kind in sorted(KINDS)))
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"{n} applications")
        subprocess.run(["git", "clone", "-q", "--bare", self.work, self.bare], check=True)
        self.git("remote", "add", "origin", str(self.bare))
        spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name_of(i)}} for i in range(n)]
        self.namespaces = self.list("namespaces", [(f"/api/v1/namespaces/{o['metadata']['name']}", o) for o in spaces])
        self.objects = self.list("objects", [(path_of(o), o) for i in range(n) for o in objects(i).values()])

    def git(self, *args):
        author = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        return subprocess.run(["git", "-C", self.work, *author, *args], check=True, capture_output=True, text=True).stdout.strip()

    def folder(self, i):
        return self.work / "apps" / name_of(i)

    def write(self, i, version="1"):
        self.folder(i).mkdir(parents=True, exist_ok=True)
        for kind, body in objects(i, version).items():
            (self.folder(i) / f"{kind}.yaml").write_text(yaml.safe_dump(body, sort_keys=False))

    def list(self, name, items):
        """A file of {path, body} a line."""
        file = self.root / f"{name}.jsonl"
        file.write_text("".join(json.dumps({"path": path, "body": body}) + "\n" for path, body in items))
        return file

    def commit(self):
        return self.git("rev-parse", "HEAD")

    def change(self, i):
        """One value of one application, committed and not yet pushed. The new value."""
        version = str(time.time_ns())
        self.write(i, version)
        self.git("commit", "-q", "-am", f"change application {i}")
        return version

    def push(self):
        self.git("push", "-q", "origin", "main")
