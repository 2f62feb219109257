"""`headgate build --allow-remote` against git's own server behind https, with an authority of its own.

Another name of this machine is another host: 127.0.0.1 is allowed, localhost is not.
"""
import http.server
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest

PROGRAM = os.environ["HEADGATE_BINARY"]
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n"
GIT = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]


def run(*command, **more):
    return subprocess.run([str(each) for each in command], check=True, capture_output=True, **more)


class Handler(http.server.BaseHTTPRequestHandler):
    """/git/ is git http-backend; /moved/ leads to /git/ on the other host, /near/ on this one; /raw/web.yaml is a file."""
    protocol_version = "HTTP/1.1"

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        self.server.seen.append((self.path, self.headers.get("Host", ""), self.headers.get("Authorization")))
        path, _, query = self.path.partition("?")
        query = f"?{query}" if query else ""
        for begin, host in (("/moved/", "localhost"), ("/near/", "127.0.0.1")):
            if path.startswith(begin):
                place = path[len(begin):]
                place = place if place.startswith("raw/") else f"git/{place}"
                return self.answer(302, [("Location", f"https://{host}:{self.server.server_port}/{place}{query}")])
        if path == "/raw/web.yaml":
            return self.answer(200, [], SERVICE.format(name="raw").encode())
        if not path.startswith("/git/"):
            return self.answer(404)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env={
            **os.environ, "GIT_PROJECT_ROOT": self.server.repositories, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path[len("/git"):],
            "QUERY_STRING": query[1:], "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type") or "",
            "CONTENT_LENGTH": str(len(body)), "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "", "REMOTE_ADDR": "127.0.0.1"})
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        return self.answer(status, [header for header in headers if header[0] != "Status"], rest)

    do_GET = do_POST = serve

    def log_message(self, *_):
        pass


class BuildRemoteTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.make_certificates()
        cls.make_repository()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.folder / "server.pem", cls.folder / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.repositories, server.seen = str(cls.folder / "srv"), []
        cls.server, cls.host = server, f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        cls.addClassCleanup(thread.join)
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)

    @classmethod
    def make_certificates(cls):
        at = cls.folder
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run("openssl", "req", "-x509", *new_key, "-keyout", at / "ca.key", "-out", at / "ca.pem", "-days", "2", "-subj", "/CN=Test authority")
        run("openssl", "req", *new_key, "-keyout", at / "server.key", "-out", at / "server.csr", "-subj", "/CN=server")
        (at / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        run("openssl", "x509", "-req", "-in", at / "server.csr", "-CA", at / "ca.pem", "-CAkey", at / "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", at / "names", "-out", at / "server.pem")

    @classmethod
    def make_repository(cls):
        work = cls.folder / "work"
        (work / "deploy/base").mkdir(parents=True)
        run(*GIT, "init", "-q", work)
        base = work / "deploy/base"
        (base / "kustomization.yaml").write_text("resources: [web.yaml]\n")
        for number in (1, 2):
            (base / "web.yaml").write_text(SERVICE.format(name=f"web{number}"))
            run(*GIT, "-C", work, "add", "-A")
            run(*GIT, "-C", work, "commit", "-q", "-m", f"commit {number}")
            run(*GIT, "-C", work, "tag", f"v{number}")
        (cls.folder / "srv").mkdir()
        run(*GIT, "clone", "-q", "--bare", work, cls.folder / "srv/repo.git")

    def setUp(self):
        self.server.seen.clear()

    def build(self, resource, allowed="127.0.0.1", trusted=True):
        tree = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        (tree / "kustomization.yaml").write_text(f"resources: ['{resource}']\n")
        scratch = tree / "tmp"
        scratch.mkdir()
        done = subprocess.run([PROGRAM, "build", *(["--allow-remote", allowed] if allowed else []), tree], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "TMPDIR": str(scratch), "SSL_CERT_FILE": str(self.folder / "ca.pem") if trusted else "/dev/null"})
        self.assertEqual(list(scratch.iterdir()), [], "nothing is left behind")
        return done

    def url(self, path, before=""):
        return f"https://{before}{self.host}/{path}"

    def test_it_takes_a_base_at_a_tag_a_branch_and_by_default(self):
        for query, name in (("?ref=v1", "web1"), ("?ref=main", "web2"), ("", "web2")):
            done = self.build(self.url(f"git/repo.git//deploy/base{query}"))
            self.assertEqual((done.returncode, done.stdout), (0, SERVICE.format(name=name)), done.stderr)

    def test_it_takes_a_file(self):
        done = self.build(self.url("raw/web.yaml"))
        self.assertEqual((done.returncode, done.stdout), (0, SERVICE.format(name="raw")), done.stderr)

    def test_it_asks_nobody_who_was_not_allowed(self):
        for allowed in (None, "localhost"):
            done = self.build(self.url("git/repo.git//deploy/base"), allowed)
            self.assertEqual(done.returncode, 1)
            self.assertIn("is remote", done.stderr)
        self.assertEqual(self.server.seen, [])

    def test_it_trusts_only_what_it_is_told_to_trust(self):
        done = self.build(self.url("git/repo.git//deploy/base"), trusted=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("certificate", done.stderr)
        self.assertEqual(self.server.seen, [])

    def test_it_follows_nobody_to_another_host(self):
        for path in ("moved/repo.git//deploy/base?ref=v1", "moved/raw/web.yaml"):
            done = self.build(self.url(path))
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("localhost", done.stderr, "it says where that leads")
        self.assertEqual([host for _, host, _ in self.server.seen if host.startswith("localhost")], [])

    def test_it_says_where_a_file_went_on_the_same_host(self):
        done = self.build(self.url("near/raw/web.yaml"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.url('raw/web.yaml')}: name that instead", done.stderr)

    def test_it_neither_sends_nor_shows_credentials(self):
        for before in ("user:hunter2@", "hunter2@", "user:hun@hunter2@"):
            for path in ("git/repo.git//deploy/base?ref=v1", "raw/web.yaml"):
                for allowed in ("127.0.0.1", None):
                    done = self.build(self.url(path, before), allowed)
                    self.assertEqual((done.returncode, done.stdout), (1, ""))
                    self.assertIn("https://***@" + self.host, done.stderr)
                    self.assertNotIn("hunter2", done.stderr)
        self.assertEqual(self.server.seen, [])

    def test_it_says_what_is_not_there(self):
        done = self.build(self.url("git/repo.git//deploy/base?ref=v3"))
        self.assertIn("no branch or tag v3", done.stderr)
        done = self.build(self.url("git/repo.git//deploy/bose?ref=v1"))
        self.assertIn("did you mean base", done.stderr)


if __name__ == "__main__":
    unittest.main()
