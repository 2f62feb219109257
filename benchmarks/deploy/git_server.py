"""Serves the bare repositories below ROOT over smart HTTP on the loopback, and counts requests.

  git_server.py ROOT PORT     GET /_count answers {"info/refs": n, "git-upload-pack": n, "bytes": n}
"""
import http.server
import json
import os
import subprocess
import sys
import threading

ROOT, PORT = os.path.abspath(sys.argv[1]), int(sys.argv[2])
count, lock = {"info/refs": 0, "git-upload-pack": 0, "bytes": 0}, threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self):
        path, _, query = self.path.partition("?")
        body = self.body()
        if path == "/_count":
            return self.send(200, [("Content-Type", "application/json")], json.dumps(count).encode())
        cgi = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, check=True,
            env={"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": ROOT, "GIT_HTTP_EXPORT_ALL": "1",
                 "REQUEST_METHOD": self.command, "PATH_INFO": path, "QUERY_STRING": query,
                 "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
                 "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                 "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_ADDR": "127.0.0.1"}).stdout
        head, _, payload = cgi.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        status = next((int(v.split()[0]) for k, v in headers if k == "Status"), 200)
        with lock:
            for name in ("info/refs", "git-upload-pack"):
                count[name] += path.endswith(name)
            count["bytes"] += len(payload)
        self.send(status, [h for h in headers if h[0] != "Status"], payload)

    def send(self, status, headers, payload):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
