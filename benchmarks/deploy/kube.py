"""A very small Kubernetes client for the benchmark: one kept connection, watches on threads."""
import base64
import http.client
import json
import os
import re
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

import yaml


class Api:
    def __init__(self, kubeconfig):
        config = yaml.safe_load(open(kubeconfig))
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.kubeconfig, self.server = kubeconfig, cluster["server"]
        self.files = tempfile.TemporaryDirectory()
        self.ca = self._file(cluster, "certificate-authority")
        self.cert, self.key = self._file(user, "client-certificate"), self._file(user, "client-key")
        self.token = user.get("token") or (open(user["tokenFile"]).read() if "tokenFile" in user else "")
        self.tls = ssl.create_default_context(cafile=self.ca) if self.ca else ssl._create_unverified_context()
        if self.cert:
            self.tls.load_cert_chain(self.cert, self.key)
        self.local = threading.local()

    def _file(self, section, name):
        if name + "-data" not in section:
            return section.get(name)
        path = os.path.join(self.files.name, name)
        with open(path, "wb") as f:
            f.write(base64.b64decode(section[name + "-data"]))
        return path

    def connect(self):
        url = urllib.parse.urlsplit(self.server)
        return http.client.HTTPSConnection(url.hostname, url.port, context=self.tls, timeout=3600)

    def headers(self, kind="application/json"):
        head = {"Accept": "application/json", "Content-Type": kind}
        return head | ({"Authorization": "Bearer " + self.token} if self.token else {})

    def raw(self, method, path, body=None, kind="application/json"):
        """(status, bytes); one retry on a connection that the server closed meanwhile."""
        for last in (False, True):
            connection = getattr(self.local, "connection", None) or self.connect()
            try:
                connection.request(method, path, body, self.headers(kind))
                answer = connection.getresponse()
                self.local.connection = connection
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                self.local.connection = None
                if last:
                    raise

    def get(self, path):
        status, body = self.raw("GET", path)
        return json.loads(body) if status == 200 else None

    def apply(self, path, o, manager="benchmark"):
        query = f"?force=true&fieldManager={manager}"
        status, body = self.raw("PATCH", path + query, json.dumps(o), "application/apply-patch+yaml")
        if status >= 300:
            raise RuntimeError(f"apply {path}: {status} {body[:300]}")
        return json.loads(body)

    def bare(self, binary, jsonl, in_flight=20, *flags):
        """Runs the yardstick on a file of prepared objects; its figures as a dict."""
        login = ["-token", self.token] if self.token else ["-cert", self.cert, "-key", self.key]
        command = [binary, "-server", self.server, "-c", str(in_flight), *login, *flags]
        command += ["-ca", self.ca] if self.ca else []
        out = subprocess.run(command, stdin=open(jsonl), check=True, capture_output=True, text=True)
        return json.loads(out.stdout)

    def counters(self):
        """What the API server has answered so far, by verb and resource; and its own CPU seconds."""
        text = self.raw("GET", "/metrics")[1].decode()
        requests = {}
        for labels, value in re.findall(r"^apiserver_request_total\{(.*?)\} (\S+)", text, re.M):
            label = dict(re.findall(r'(\w+)="(.*?)"', labels))
            key = label["verb"] + (" dry-run" if label.get("dry_run") else ""), label.get("resource", "")
            requests[key] = requests.get(key, 0) + float(value)
        cpu = re.search(r"^process_cpu_seconds_total (\S+)", text, re.M)
        return requests, float(cpu.group(1)) if cpu else 0.0


class Watch(threading.Thread):
    """Follows one collection and judges each object as it changes.

    state: the last judgement by name. reached: when a judgement was first seen, by (name, judgement);
    it is kept even if the object leaves that state again, as one does at the next reconcile.
    """

    def __init__(self, api, path, ready):
        super().__init__(daemon=True)
        self.api, self.path, self.judge = api, path, ready
        self.state, self.reached, self.changed, self.stopped = {}, {}, threading.Condition(), False
        self.start()

    def run(self):
        while not self.stopped:
            try:
                self._follow()
            except (OSError, ValueError, http.client.HTTPException):  # the control plane ended, or a stream did within a line
                time.sleep(0.2)

    def _follow(self):
        while not self.stopped:
            listed = self.api.get(self.path)
            if listed is None:
                time.sleep(0.5)
                continue
            for o in listed["items"]:
                self._note(o)
            connection = self.api.connect()
            sign = "&" if "?" in self.path else "?"
            version = listed["metadata"]["resourceVersion"]
            connection.request("GET", f"{self.path}{sign}watch=1&resourceVersion={version}", headers=self.api.headers())
            for line in connection.getresponse():
                event = json.loads(line)
                if self.stopped or event["type"] == "ERROR":
                    break
                self._note(event["object"], gone=event["type"] == "DELETED")
            connection.close()

    def _note(self, o, gone=False):
        name = o["metadata"]["name"]
        with self.changed:
            value = None if gone else self.judge(o)
            self.state[name] = value
            self.reached.setdefault((name, value), time.time())
            self.changed.notify_all()

    def wait(self, done, timeout):
        """Until done() holds, which may read state and reached; the time it did, or None."""
        end = time.time() + timeout
        with self.changed:
            while not done():
                if not self.changed.wait(max(0.01, end - time.time())) and time.time() >= end:
                    return None
            return time.time()
