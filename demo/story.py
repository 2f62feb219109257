#!/usr/bin/env python3
"""The story that scripts/demo tells, with its evidence: story.py tell --binary HEADGATE [...] | story.py down"""
import argparse
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import world  # noqa: E402

STATE = world.CACHE / "demo"
CLUSTER = ROOT / "tests" / "cluster" / "cluster"
CLUSTER_IS_OURS = STATE / "cluster-is-ours"
PORT, GIT_PORT = 16490, 16471
RATE = 500  # requests a second
BEGUN = time.monotonic()


def say(text="", indent=4):
    print(" " * indent + text, flush=True)


def act(number, title):
    minutes, seconds = divmod(int(time.monotonic() - BEGUN), 60)
    print(f"\n{number}. {title}   [{minutes}:{seconds:02}]", flush=True)


def percent(share):
    return f"{100 * share:.1f} %"


class Story:
    def __init__(self, given):
        cluster = None
        if given.kubeconfig:
            cluster = world.Cluster(given.kubeconfig, given.gateway_url, given.prometheus)
        self.world = world.World(STATE, given.binary, cluster, PORT, GIT_PORT, given.gateway, given.image, RATE)
        self.headgate = self.world.headgate
        self.shop = None

    # ---- evidence ----

    def show_line(self):
        say("$ headgate get")
        say("  " + self.shop.line())

    def push(self, message):
        revision = self.shop.push(message)
        say(f"$ git push        {revision} {message}")
        return revision

    def follow(self, pattern, seconds, until=None):
        """Prints each change of the rollout until `headgate get` has what a regular expression says (or until() holds)."""
        weight_shown, phase_shown, last = None, None, None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self.shop.rollout()
            phase, weight = status.get("phase", "Stable"), status.get("weight", {}).get("wanted", 0)
            if last and (phase, weight) != ("Trial", weight_shown):
                self.show_evidence(last)
                last = None
            if phase == "Trial" and status.get("part") == "Observing":
                last, weight_shown = status, weight
            if phase != phase_shown and phase in ("Promoting", "RollingBack"):
                say(phase.lower())
            phase_shown = phase
            line = self.shop.line()
            if until() if until else re.search(pattern, line):
                return line
            time.sleep(0.2)
        raise world.Timeout(f"waited {seconds} s for /{pattern}/ in headgate get; it says: {self.shop.line()}")

    def show_evidence(self, status):
        """What a weight has shown by the time it is left."""
        weight = status.get("weight", {})
        evidence = (status.get("evidence") or [{}])[0]
        observed = f"{weight['observed']:.1f} %" if "observed" in weight else "?"
        say(f"weight wanted {weight['wanted']:>2} %  observed {observed:>6}   {evidence.get('requests', 0):>5} canary requests   "
            f"{evidence.get('metric', 'error-rate')} {percent(evidence.get('share', 0)):>6} of at most {percent(evidence.get('max', 0))}")

    def show_traffic(self, before):
        """What the users saw, by the load generator's own count."""
        counts = self.shop.load.since(before)
        by_version = {}
        for what, n in counts["answers"].items():
            version, _, code = what.partition(" ")
            by_version.setdefault(version, {})[code] = n
        total = sum(counts["answers"].values())
        failed = sum(n for what, n in counts["answers"].items() if not what.endswith(" 200"))
        parts = ", ".join(f"version {v}: {sum(codes.values())}" for v, codes in sorted(by_version.items()))
        say(f"users: {total} requests, {failed} failed ({percent(failed / max(total, 1))}); {parts}")
        return counts

    # ---- acts ----

    def begin(self):
        say(f"cluster {self.world.cluster.kubeconfig}", 0)
        self.world.start()
        say(f"git server {self.world.git.url}", 0)
        say(f"headgate run: pid {self.world.processes.pid('headgate')}, log {self.world.processes.log('headgate')}", 0)
        self.shop = world.Shop(self.world)
        self.shop.delete()
        world.wait_until(lambda: not self.world.cluster.get("namespaces", self.shop.namespace), 60, "an earlier shop to be gone", every=0.5)

    def first(self):
        act(1, "A repository is pushed; Headgate renders overlays/prod, plans, applies")
        revision = self.push("The shop: two Deployments, a route, a ConfigMap, a Rollout")
        self.shop.create()
        say("$ kubectl apply -f demo/application.yaml")
        self.shop.wait_healthy(revision, 90)
        self.show_line()
        self.shop.load.start()
        say(f"users: {RATE} requests a second from now on, at {self.world.cluster.gateway} (Host: {self.shop.host})")
        time.sleep(2)

    def good(self):
        act(2, "A good version is pushed: 2 %, 10 %, 50 %, promoted")
        before = self.shop.load.fresh()
        self.shop.image("2")
        revision = self.push("Version 2")
        self.follow(rf"{revision}\S* Healthy", 150)
        self.show_line()
        self.show_traffic(before)

    def bad(self):
        act(3, "A bad version is pushed: a quarter of its answers are 500")
        before = self.shop.load.fresh()
        self.shop.image("3")
        revision = self.push("Version 3, which is broken")
        pushed = time.monotonic()
        self.shop.wait_weight(2)
        met = time.monotonic()
        self.follow(rf"Held: {revision}", 90)
        say(f"gone {time.monotonic() - met:.0f} s after it met its first users, {time.monotonic() - pushed:.0f} s after the push; git is untouched")
        self.show_line()
        time.sleep(1)
        self.show_traffic(before)

    def fixed(self):
        act(4, "A fixed commit goes through by itself")
        before = self.shop.load.fresh()
        self.shop.image("4")
        revision = self.push("Version 4, which is mended")
        self.follow(rf"{revision}\S* Healthy", 150)
        self.show_line()
        self.show_traffic(before)

    def settings(self):
        act(5, "A bad change of only a ConfigMap is caught the same way; stable pods never see it")
        stable = self.shop.pods("web") + self.shop.pods("cart")
        before = self.shop.load.fresh()
        self.shop.settings(LATENCY_MS="5", ERROR_RATE="0.5")
        revision = self.push("Settings that break half of web")
        self.shop.wait_weight(2)
        self.follow(rf"Held: {revision}", 90)
        self.show_line()
        time.sleep(6)
        counts = self.show_traffic(before)
        errors = sum(n for pod in stable for code, n in counts["pods"].get(pod, {}).items() if code != "200")
        say(f"errors from the {len(stable)} stable pods, counted by pod until 6 s later: {errors}")
        if errors:
            raise AssertionError("stable pods saw the bad settings")

    def killed(self):
        act(6, "headgate is killed with SIGKILL in the middle of a canary, and started again")
        before = self.shop.load.fresh()
        self.shop.settings(LATENCY_MS="3")
        self.shop.image("2")
        revision = self.push("Version 2 again, with good settings")
        self.follow("", 60, until=lambda: self.shop.weight() == 10)
        pid = self.world.processes.pid("headgate")
        self.headgate.kill()
        say(f"$ kill -KILL {pid}   at 10 %; users go on as they were")
        time.sleep(3)
        self.headgate.start()
        say(f"$ headgate run      pid {self.world.processes.pid('headgate')}")
        self.follow(rf"{revision}\S* Healthy", 150)
        self.show_line()
        self.show_traffic(before)

    def end(self):
        cluster, git = self.world.cluster, self.world.git
        (STATE / "env").write_text(f"export KUBECONFIG={cluster.kubeconfig}\n"
                                   f"export PATH={pathlib.Path(self.headgate.binary).parent}:{world.CACHE / 'bin'}:$PATH\n")
        print(f"""
All of it still runs. Open
    {cluster.prometheus}/graph?g0.expr=sum%20by%20(pod)(rate(http_requests_total%5B5s%5D))&g0.tab=0&g0.range_input=5m
                        requests by pod, in Prometheus
    http://{self.headgate.listen}/metrics
                        headgate's own
and try
    . {STATE / 'env'}
    headgate get
    headgate history {self.shop.app}
    headgate why {self.shop.app}
    headgate rollout status {self.shop.app} --watch
    curl -H 'Host: {self.shop.host}' {cluster.gateway}/
    cd {self.shop.repository.folder}
    sed -i 's/newTag: .*/newTag: "3"/' overlays/prod/kustomization.yaml && git commit -am 'Break it' && git push
    kubectl get deployments,httproutes,rollouts -n {self.shop.namespace}
    {ROOT / 'scripts/demo'} --down
""", flush=True)
        self.shop.repository.git("config", "user.name", "Demo")
        self.shop.repository.git("config", "user.email", "demo@example.com")
        self.shop.repository.git("branch", "-q", "--set-upstream-to=origin/main")

    def tell(self):
        try:
            self.begin()
            for one in (self.first, self.good, self.bad, self.fixed, self.settings, self.killed):
                one()
        except BaseException:
            print(self.world.diagnose(self.shop), flush=True)
            raise
        self.end()


def bring_up_cluster():
    STATE.mkdir(parents=True, exist_ok=True)
    if subprocess.run([CLUSTER, "pid", "kubelet"], capture_output=True).returncode != 0:
        CLUSTER_IS_OURS.touch()
    subprocess.run([CLUSTER, "up"], check=True)


def down():
    processes = world.Processes(STATE)
    for name in ("load", "headgate"):
        processes.stop(name)
    world.GitServer(STATE / "git", port=GIT_PORT).stop()
    env = STATE / "env"
    if CLUSTER_IS_OURS.exists():
        subprocess.run([CLUSTER, "down"], check=True)
    elif env.exists():
        kubeconfig = re.search(r"KUBECONFIG=(.*)", env.read_text())[1]
        cluster = world.Cluster(kubeconfig, "", "")
        for kind, name, namespace in (("applications.headgate.dev", "shop-prod", ["-n", world.SYSTEM]), ("namespace", "shop", [])):
            subprocess.run([cluster.kubectl_path, "--kubeconfig", kubeconfig, "delete", kind, name, *namespace,
                            "--ignore-not-found", "--wait=false"], check=False)
    subprocess.run(["rm", "-rf", STATE], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("tell", "down"))
    parser.add_argument("--binary")
    parser.add_argument("--kubeconfig")
    parser.add_argument("--prometheus")
    parser.add_argument("--gateway-url")
    parser.add_argument("--gateway", default="gateway/headgate")
    parser.add_argument("--image")
    given = parser.parse_args()
    if given.command == "down":
        return down()
    if given.kubeconfig and not (given.prometheus and given.gateway_url):
        parser.error("--kubeconfig needs --prometheus URL and --gateway-url URL")
    if not given.kubeconfig:
        bring_up_cluster()
    Story(given).tell()


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, AssertionError) as error:
        sys.exit(f"demo: {error}\ndemo: everything is left running for a look; scripts/demo --down ends it")
