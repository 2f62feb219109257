"""Processes that outlive the program that started them, known by recorded process ids.

A process is known by its pid and its start time, so that a pid used again is never taken for it. Each leads a
session of its own; stopping one stops what it started, too.
"""
import os
import pathlib
import signal
import subprocess
import time

GRACE_SECONDS = 10  # between SIGTERM and SIGKILL


def start_time(pid):
    """When a process started, in clock ticks since boot, or None where it is gone (a zombie is gone)."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


class Processes:
    """The processes whose pids are recorded below `state`: pids/NAME, with their output in logs/NAME.log."""

    def __init__(self, state):
        self.state = pathlib.Path(state)

    def log(self, name):
        return self.state / "logs" / f"{name}.log"

    def pid(self, name):
        """The pid of the process, or None where it does not run."""
        try:
            pid, started = (self.state / "pids" / name).read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if start_time(pid) == started else None

    def start(self, name, argv, env=None, stdout=None):
        """Starts it in the background unless it runs; `stdout` is a file for its output if not the log."""
        if self.pid(name):
            return self.pid(name)
        for folder in ("pids", "logs"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        with open(self.log(name), "ab") as log, open(stdout or self.log(name), "ab") as out:
            child = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                                     env={**os.environ, **(env or {})}, start_new_session=True)
        (self.state / "pids" / name).write_text(f"{child.pid} {start_time(child.pid) or 0}")
        self._children = {**getattr(self, "_children", {}), name: child}
        return child.pid

    def signal(self, name, what):
        """Sends a signal to it and what it started; False where it does not run."""
        pid = self.pid(name)
        if pid is None:
            return False
        try:
            os.killpg(pid, what)
        except ProcessLookupError:
            return False
        return True

    def stop(self, name, grace=GRACE_SECONDS):
        """Asks it to end, insists after a while. Returns whether it ended by itself in time (or did not run)."""
        ended = True
        if self.signal(name, signal.SIGTERM):
            until = time.monotonic() + grace
            while self.pid(name) and time.monotonic() < until:
                time.sleep(0.05)
            ended = self.pid(name) is None
            self.signal(name, signal.SIGKILL)
        self._forget(name)
        return ended

    def kill(self, name):
        """SIGKILL, and waits until it is gone."""
        self.signal(name, signal.SIGKILL)
        while self.pid(name):
            time.sleep(0.01)
        self._forget(name)

    def names(self):
        """Those with a record, whether they run or not."""
        folder = self.state / "pids"
        return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []

    def _forget(self, name):
        (self.state / "pids" / name).unlink(missing_ok=True)
        child = getattr(self, "_children", {}).pop(name, None)
        if child:
            child.poll()  # reaps it
