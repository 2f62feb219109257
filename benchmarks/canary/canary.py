"""`headgate run` carries canaries of one application through the scenarios that the peers were measured with, on the test
cluster with real pods and traffic: 2 stable pods, 200 requests a second, weights 2, 10, 50, ten seconds each.

  good       a good release
  bad        30 % of the new version's answers are 500; the same content is pushed again after it was taken back
  config     only the ConfigMap that the pods read is changed, to 30 % errors
  killed     a good release; the daemon is killed with SIGKILL at 2 % and started again 15 s later
  blind      a good release; Prometheus stands still for 60 s from the first step on
  blind-bad  the same with a bad release
  quiet      1 % errors old and new at 3 requests a second, so 4 a minute at the canary: watched for two minutes
"""
import json
import os
import re
import signal
import threading
import time

import world

STEPS = ("setWeight: 2", "analyze: {duration: 10s}", "setWeight: 10", "analyze: {duration: 10s}",
         "setWeight: 50", "analyze: {duration: 10s}")
RATE, QUIET_RATE = 200, 3
COMPARE = "compare: {tolerate: {times: 1.5, points: 1%}, confidence: 99%}"
BOUND = "max: 10%\n      failureLimit: 0"
SCENARIOS = ("good", "bad", "config", "killed", "blind", "blind-bad", "quiet")
STANDSTILL_SECONDS, DEAD_SECONDS = 60, 15


class Canary:
    """One application of the demo's `web` alone, and what its users see."""

    def __init__(self, here, rate, metric):
        self.world, self.cluster = here, here.cluster
        here.rate = rate
        self.shop = world.Shop(here, name="canary")
        edit = self.shop.repository.replace
        edit("base/kustomization.yaml", r"^- cart.yaml\n", "")
        edit("overlays/prod/kustomization.yaml", r"^- \{name: cart.*\n", "")
        edit("base/route.yaml", r"^  - matches: .*\n    backendRefs: .*cart.*\n", "")
        edit("base/rollout.yaml", r"^  - \{kind: Deployment, name: cart\}\n", "")
        edit("base/rollout.yaml", r"interval: .*", "interval: 1s")
        edit("base/rollout.yaml", r"max: .*\n      failureLimit: .*", metric)
        edit("base/rollout.yaml", r"minRequests: .*", "minRequests: 20")
        self.shop.steps(*STEPS)
        self.shop.settings(LATENCY_MS="2", **({"ERROR_RATE": "0.01"} if rate == QUIET_RATE else {}))

    def begin(self):
        self.shop.delete()
        world.wait_until(lambda: not self.cluster.get("namespaces", self.shop.namespace), 90, "an earlier one to be gone", every=0.5)
        revision = self.shop.push("Version 1")
        self.shop.create()
        self.shop.wait_healthy(revision)
        self.shop.load.start()
        time.sleep(10)  # stable's past

    def end(self):
        self.shop.load.stop()
        self.shop.delete()


def stand_still(cluster):
    """Stops Prometheus, and lets it go on after a while."""
    pid = cluster.pid("prometheus")
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(STANDSTILL_SECONDS, os.kill, (pid, signal.SIGCONT))
    timer.start()
    return timer


def push(canary, scenario):
    if scenario == "config":
        canary.shop.settings(LATENCY_MS="2", ERROR_RATE="0.3", VERSION="config")
    else:
        canary.shop.image("bad" if scenario.endswith("bad") else "2")
    return canary.shop.push(scenario)


def follow(canary, revision, scenario):
    """From the push to the end of it; what was done meanwhile is said in the notes."""
    timer, notes = None, []
    end = time.monotonic() + (120 if scenario == "quiet" else 240)
    while time.monotonic() < end:
        if scenario == "killed" and not notes and canary.shop.weight() == 2:
            canary.world.headgate.kill()
            time.sleep(DEAD_SECONDS)
            canary.world.headgate.start()
            notes.append(f"dead for {DEAD_SECONDS} s at {canary.shop.weight()} %")
        if scenario.startswith("blind") and not timer and canary.shop.weight() == 2:
            timer = stand_still(canary.cluster)
        line = canary.shop.line()
        if re.search(rf"{revision}\S* Healthy", line) or f"Held: {revision}" in line:
            break
        time.sleep(0.1)
    if timer:
        timer.join()
        canary.world.headgate.ready()
    return line, notes


def measure(canary, scenario):
    before = canary.shop.load.fresh()
    begun = time.time()
    revision = push(canary, scenario)
    line, notes = follow(canary, revision, scenario)
    done = time.time()
    if scenario == "bad":
        again = canary.shop.push("The same content again")
        time.sleep(25)
        notes.append(f"pushed again as {again}: weight {canary.shop.weight()}, {canary.shop.line().split(' ', 1)[1]}")
    after = canary.shop.load.fresh()
    counts = canary.shop.load.between(before, after)
    errors = {kind: n for kind, n in counts["answers"].items() if not kind.endswith(" 200")}
    new = "config" if scenario == "config" else "bad" if scenario.endswith("bad") else "2"
    of_new = sum(n for kind, n in counts["answers"].items() if kind.startswith(new + " "))
    bad = errors.pop(f"{new} 500", 0) if scenario in ("bad", "blind-bad", "config") else 0
    row = {"scenario": scenario, "end": line.split(" ", 1)[1], "seconds": round(done - begun, 1), "requests": counts["sent"],
           "of the new version": of_new, "its bad answers": bad, "other failed": errors, "notes": notes}
    seen = after["seen"].get(f"{new} 500")
    if bad:
        last = max(times[1] for kind, times in after["seen"].items() if kind.startswith(new + " "))
        row["first bad to its last answer"] = round(last - seen[0], 1)
    return row


def show(row):
    print(f"{row['scenario']:<10} {row['seconds']:>6} s  {row['requests']:>6} requests, {row['of the new version']} of the new version, "
          f"{row['its bad answers']} of them bad; other failed {row['other failed'] or 0}"
          + (f"; first bad to weight 0 in traffic {row['first bad to its last answer']} s" if "first bad to its last answer" in row else ""))
    for note in [row["end"], *row["notes"]]:
        print(f"           {note}")
    print(flush=True, end="")


def bench(options):
    parts = options.parts or SCENARIOS
    unknown = set(parts) - set(SCENARIOS)
    if unknown:
        raise SystemExit(f"run: no scenario {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    here = world.World(options.build / "canary-bench", options.binary, port=16680, git_port=16670)
    rows = []
    for name, metric in (("compare", COMPARE), ("bound", BOUND)):
        print(f"{name}: {' '.join(metric.split())}")
        for scenario in parts if name == "compare" else [p for p in parts if p in ("good", "bad")]:
            canary = Canary(here, QUIET_RATE if scenario == "quiet" else RATE, metric)
            here.start()
            try:
                canary.begin()
                rows.append(measure(canary, scenario) | {"policy": name})
                show(rows[-1])
            except world.Timeout:
                print(here.diagnose(canary.shop))
                raise
            finally:
                canary.end()
                here.stop()
    (here.state / "rows.json").write_text(json.dumps(rows, indent=1))
    print(f"all of it: {here.state / 'rows.json'}")
