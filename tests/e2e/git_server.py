#!/usr/bin/env python3
"""A git server on loopback: git http-backend behind nginx and fcgiwrap, as Debian has them. Smart HTTP, pushes allowed.

  git_server.py STATE start [--port N] [--user NAME --password TEXT]     prints its URL
  git_server.py STATE create NAME                                        a new bare repository; prints its URL
  git_server.py STATE stop

STATE is a folder: repositories, pids and logs are below it. With a user every request needs basic authentication.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from processes import Processes  # noqa: E402

START_SECONDS = 10
BODY_MAX = "100m"  # of a push

NGINX = """
daemon off;
{user}
worker_processes 1;
pid {state}/nginx/nginx.pid;
error_log {state}/logs/nginx.log warn;
events {{ worker_connections 256; }}
http {{
  access_log {state}/logs/nginx-access.log;
  client_body_temp_path {state}/nginx/body;
  fastcgi_temp_path {state}/nginx/fastcgi;
  proxy_temp_path {state}/nginx/proxy;
  scgi_temp_path {state}/nginx/scgi;
  uwsgi_temp_path {state}/nginx/uwsgi;
  client_max_body_size {body_max};
  server {{
    listen 127.0.0.1:{port};
    {auth}
    location = /.ready {{ auth_basic off; return 204; }}
    location / {{
      fastcgi_pass unix:{state}/nginx/fcgiwrap.sock;
      fastcgi_read_timeout 60s;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {state}/repositories;
      fastcgi_param GIT_HTTP_EXPORT_ALL 1;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
      fastcgi_param PATH_INFO $uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param REMOTE_USER $pusher;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
    }}
  }}
  map $remote_user $pusher {{ "" anonymous; default $remote_user; }}
}}
"""


class GitServer:
    def __init__(self, state, port=16470, user=None, password=None):
        self.state = pathlib.Path(state).resolve()
        self.processes = Processes(self.state)
        self.port_file = self.state / "port"
        self.port = int(self.port_file.read_text()) if self.port_file.exists() else port
        self.user, self.password = user, password

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        nginx = self.state / "nginx"
        for folder in (nginx, self.state / "repositories", self.state / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
        self.port_file.write_text(str(self.port))
        auth = ""
        if self.user:
            (nginx / "users").write_text(f"{self.user}:{{PLAIN}}{self.password}\n")
            auth = f'auth_basic "git"; auth_basic_user_file {nginx}/users;'
        backend = pathlib.Path(subprocess.run(["git", "--exec-path"], check=True, capture_output=True,
                                              text=True).stdout.strip()) / "git-http-backend"
        (nginx / "nginx.conf").write_text(NGINX.format(
            state=self.state, port=self.port, backend=backend, auth=auth, body_max=BODY_MAX,
            user="user root;" if os.getuid() == 0 else ""))
        if not self.processes.pid("fcgiwrap"):
            (nginx / "fcgiwrap.sock").unlink(missing_ok=True)
        self.processes.start("fcgiwrap", ["fcgiwrap", "-c", "4", "-s", f"unix:{nginx}/fcgiwrap.sock"])
        self.processes.start("nginx", ["nginx", "-p", nginx, "-c", nginx / "nginx.conf", "-e", self.processes.log("nginx")],
                             env={"PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
        until = time.monotonic() + START_SECONDS
        while not self._ready():
            if time.monotonic() > until or not self.processes.pid("nginx"):
                raise RuntimeError(f"git server: nginx did not start on port {self.port}: "
                                   + self.processes.log("nginx").read_text()[-500:])
            time.sleep(0.05)
        return self.url

    def _ready(self):
        try:
            urllib.request.urlopen(self.url + "/.ready", timeout=2).close()
        except OSError:
            return False
        return (self.state / "nginx" / "fcgiwrap.sock").exists()

    def create(self, name):
        """A new, empty bare repository; what had its name before is gone. Returns its URL."""
        path = self.state / "repositories" / f"{name}.git"
        subprocess.run(["rm", "-rf", path], check=True)
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", path], check=True)
        subprocess.run(["git", "-C", path, "config", "http.receivepack", "true"], check=True)
        return f"{self.url}/{name}.git"

    def stop(self):
        self.processes.stop("nginx")
        self.processes.stop("fcgiwrap")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state")
    parser.add_argument("command", choices=("start", "create", "stop"))
    parser.add_argument("name", nargs="?")
    parser.add_argument("--port", type=int, default=16470)
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    given = parser.parse_args()
    server = GitServer(given.state, given.port, given.user, given.password)
    if given.command == "start":
        print(server.start())
    elif given.command == "create":
        print(server.create(given.name))
    else:
        server.stop()


if __name__ == "__main__":
    main()
