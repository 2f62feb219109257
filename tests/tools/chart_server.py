"""A repository of charts and an OCI registry on one https server with an authority of its own, for tests.

ChartServer() serves until close(); `address` is its "localhost:PORT", `authority` the file to trust. What it serves
may be broken on purpose: see `files`, `tags`, `blobs`, `manifests`, `redirects`. With `user` set the registry wants a token, which
it gives for that user and password.
"""
import base64
import gzip
import hashlib
import http.server
import io
import json
import pathlib
import ssl
import subprocess
import tarfile
import tempfile
import threading
import urllib.parse

LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
TOKEN = "the-token-of-the-test"


def package(name, version, files=None, dependencies=""):
    """A chart as `helm package` packs one."""
    chart = f"apiVersion: v2\nname: {name}\nversion: {version}\n{dependencies}"
    whole = {"Chart.yaml": chart, "values.yaml": "size: 1\n",
             "templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}}\n"
                                 "data: {version: {{ .Chart.Version | quote }}, size: {{ .Values.size | quote }}}\n", **(files or {})}
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for path, text in whole.items():
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(tar.getvalue(), mtime=0)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class ChartServer:
    def __init__(self):
        self.files = {}      # path to bytes: the repository
        self.redirects = {}  # path to URL
        self.tags = {}       # repository of the registry to {tag: manifest}
        self.blobs = {}      # digest to bytes
        self.user = None     # (user, password)
        self.asked = []      # (path, Authorization)
        self.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self.folder.name)
        self.authority = folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", self.authority],
                       check=True, capture_output=True)
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                owner.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, folder / "key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"localhost:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        self.folder.cleanup()

    # What is served

    def add_to_repository(self, *charts, digest=sha256):
        """charts: (name, version, archive). The index is made anew of all of them."""
        lines = ["apiVersion: v1", "entries:"]
        for name in sorted({name for name, _, _ in charts}):
            lines.append(f"  {name}:")
            for other, version, archive in charts:
                if other == name:
                    self.files[f"/charts/{name}-{version}.tgz"] = archive
                    lines += [f"  - apiVersion: v2\n    name: {name}\n    version: {version}", f"    digest: {digest(archive)}",
                              f"    description: |-\n      entries:\n      other-{name}:", f"    urls:\n    - {name}-{version}.tgz"]
        lines += ["generated: \"2026-01-01T00:00:00Z\"", ""]
        self.files["/charts/index.yaml"] = "\n".join(lines).encode()

    def push(self, repository, version, archive, media=LAYER, size=None):
        digest = "sha256:" + sha256(archive)
        self.blobs[digest] = archive
        config = json.dumps({"apiVersion": "v2", "name": repository.rsplit("/", 1)[-1], "version": version}).encode()
        self.blobs["sha256:" + sha256(config)] = config
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "sha256:" + sha256(config),
                               "size": len(config)},
                    "layers": [{"mediaType": media, "digest": digest, "size": size or len(archive)}]}
        self.tags.setdefault(repository, {})[version.replace("+", "_")] = json.dumps(manifest).encode()
        return digest

    # Answers

    def answer(self, request):
        url = urllib.parse.urlsplit(request.path)
        authorization = request.headers.get("Authorization", "")
        self.asked.append((url.path, authorization))
        headers = {}
        if url.path in self.redirects:
            status, body, headers = 302, b"", {"Location": self.redirects[url.path]}
        elif url.path == "/token":
            status, body = self.token(urllib.parse.parse_qs(url.query), authorization)
        elif url.path.startswith("/v2/"):
            status, body, headers = self.registry(url.path[4:], authorization)
        else:
            body = self.files.get(url.path)
            status, body = (404, b"not here") if body is None else (200, body)
        request.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            request.send_header(name, str(value))
        request.end_headers()
        request.wfile.write(body)

    def token(self, query, authorization):
        wanted = "Basic " + base64.b64encode(":".join(self.user).encode()).decode()
        if authorization != wanted or query.get("service") != ["tests"] or not query.get("scope", [""])[0].endswith(":pull"):
            return 401, b"who are you?"
        return 200, json.dumps({"token": TOKEN}).encode()

    def registry(self, path, authorization):
        repository, kind, name = path.rsplit("/", 2)
        if self.user and authorization != f"Bearer {TOKEN}":
            challenge = f'Bearer realm="https://{self.address}/token",service="tests",scope="repository:{repository}:pull"'
            return 401, b"", {"WWW-Authenticate": challenge}
        tags = self.tags.get(repository, {})
        if kind == "tags" and tags:
            return 200, json.dumps({"name": repository, "tags": sorted(tags)}).encode(), {}
        if kind == "manifests" and name in tags:
            return 200, tags[name], {"Content-Type": "application/vnd.oci.image.manifest.v1+json",
                                     "Docker-Content-Digest": "sha256:" + sha256(tags[name])}
        if kind == "blobs" and name in self.blobs:
            return 200, self.blobs[name], {}
        return 404, b'{"errors": []}', {}
