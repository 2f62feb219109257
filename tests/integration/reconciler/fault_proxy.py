"""A plain HTTP proxy on loopback before the real API server. A rule sees each request and may spoil it."""
import http.client
import http.server
import json
import socket
import threading
import urllib.parse

# What a rule may answer; None: the request goes its way.
RESET = "reset"              # the connection ends before the server hears of it
AFTER = "reset after"        # the server does it, and the answer is lost
HALF = "half"                # half of the answer, then the end
SLOW = "slow"                # the answer comes byte by byte for a while


def answer(code, reason="", **headers):
    """An answer as an API server gives it, that the server never hears of."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": f"injected {code}"}
    return code, json.dumps(body).encode(), headers


class FaultProxy:
    def __init__(self, api):
        self.api, self.rule, self.lock, self.streams = api, lambda method, path: None, threading.Lock(), []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                proxy.serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 256

            def handle_error(self, *_):
                pass  # a killed daemon leaves its connections behind

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kubeconfig(self, folder):
        path = folder / "proxy.kubeconfig"
        cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.server.server_port}"}}
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "c", "clusters": [cluster],
                                    "users": [{"name": "u", "user": {}}], "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}))
        return path

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        path = urllib.parse.unquote(request.path)
        fault = self.rule(request.command, path)
        if fault == RESET:
            return self.cut(request)
        if isinstance(fault, tuple):
            return self.send(request, fault[0], fault[1], fault[2])
        url = urllib.parse.urlsplit(self.api.server)
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=self.api.tls, timeout=300)
        try:
            headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "connection", "accept-encoding", "content-length")}
            connection.request(request.command, request.path, body or None, headers)
            got = connection.getresponse()
            if "watch=true" in path:
                return self.stream(request, got, fault)
            text = got.read()
            if fault == AFTER:
                return self.cut(request)
            self.send(request, got.status, text, {"Content-Type": got.getheader("Content-Type", "")}, fault)
        finally:
            connection.close()

    def cut_streams(self):
        """Ends all watches that run, in the middle."""
        with self.lock:
            streams, self.streams = self.streams, []
        for stream in streams:
            try:
                stream.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # ended before

    @staticmethod
    def cut(request):
        request.close_connection = True
        request.connection.shutdown(socket.SHUT_RDWR)

    def send(self, request, code, text, headers, fault=None):
        request.send_response(code)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        if fault == HALF:
            request.wfile.write(text[:len(text) // 2])
            return self.cut(request)
        if fault == SLOW:
            for i in range(0, min(len(text), 200)):
                request.wfile.write(text[i:i + 1])
                threading.Event().wait(0.005)
            text = text[200:]
        request.wfile.write(text)

    def stream(self, request, got, fault):
        request.send_response(got.status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        with self.lock:
            self.streams.append(request.connection)
        sent = 0
        while part := got.read1(65536):
            request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            sent += len(part)
            if fault == HALF and sent > 0:
                return self.cut(request)
        request.wfile.write(b"0\r\n\r\n")
