#!/usr/bin/env python3
"""docs_examples.py HEADGATE: lints and simulates every example of a Rollout in docs/ with the program itself.

An example is a ```yaml block that is a Rollout, or a part of one (steps, a list of steps), or the first column of the
guide's table of steps. What it speaks of (workloads, Services, a route) is made around it. Exit code 1 where one is refused.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS_MAX = 120
STEPS = {"setWeight", "pause", "analyze", "approve", "setCanaryScale", "setHeaderRoute", "setMirror", "setBaseline", "gate", "job"}
METRIC = {"name": "error-rate", "bad": 'http_requests_total{code=~"5.."}', "total": "http_requests_total", "max": "10%"}


def rollout_of(steps):
    """A Rollout with these steps."""
    if "setWeight" not in steps[0] and "setBaseline" not in steps[0]:
        steps = [{"setWeight": 1}, *steps]
    return {"apiVersion": "headgate.dev/v1alpha1", "kind": "Rollout", "metadata": {"name": "shop"},
            "spec": {"workloads": [{"kind": "Deployment", "name": "web"}], "canary": {"steps": steps},
                     "traffic": {"gatewayAPI": {"httpRoute": "web"}}, "analysis": {"metrics": [METRIC]}}}


def is_steps(value):
    return isinstance(value, list) and value and all(isinstance(s, dict) and len(s) == 1 and set(s) <= STEPS for s in value)


def examples(page):
    """Where each stands, and the Rollout that it comes to."""
    text = page.read_text()
    for found in re.finditer(r"^```yaml\n(.*?)^```", text, re.M | re.S):
        line = text[:found.start()].count("\n") + 2
        for value in yaml.safe_load_all(found.group(1)):
            if isinstance(value, dict) and value.get("kind") == "Rollout":
                yield f"{page.name}:{line}", value
            elif isinstance(value, dict) and is_steps(value.get("steps")):
                yield f"{page.name}:{line}", rollout_of(value["steps"])
            elif is_steps(value):
                yield f"{page.name}:{line}", rollout_of(value)
    for number, row in enumerate(text.split("\n"), 1):
        cell = re.match(r"\| `(\w+: [^`]*)` \|", row)
        value = yaml.safe_load("- " + cell.group(1)) if cell and cell.group(1).split(":")[0] in STEPS else None
        if is_steps(value):
            yield f"{page.name}:{number}", rollout_of(value)


def service(name, app):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": {"app": app}, "ports": [{"port": 80}]}}


def route_of(traffic, names):
    """The object that a Rollout's traffic names, leading to all of its workloads."""
    kind = next(iter(traffic))
    if kind == "gatewayAPI":
        of, name = next(iter(traffic[kind].items()))
        return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute" if of == "httpRoute" else "GRPCRoute",
                "metadata": {"name": name}, "spec": {"rules": [{"backendRefs": [{"name": n, "port": 80}]} for n in names]}}
    if kind == "istio":
        virtual = traffic[kind]["virtualService"]
        http = [{"name": (virtual.get("routes") or [f"r{i}"])[0], "route": [{"destination": {"host": n}}]} for i, n in enumerate(names)]
        return {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": virtual["name"]},
                "spec": {"hosts": list(names), "http": http}}
    if kind == "nginx":
        backend = {"service": {"name": names[0], "port": {"number": 80}}}
        return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": traffic[kind]["stableIngress"]},
                "spec": {"ingressClassName": "nginx", "rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}}
    if kind == "traefik":
        return {"apiVersion": "traefik.io/v1alpha1", "kind": "TraefikService",
                "metadata": {"name": traffic[kind]["weightedTraefikServiceName"]},
                "spec": {"weighted": {"services": [{"name": n, "port": 80} for n in names]}}}
    return None


def bundle_of(rollout):
    names = [w["name"] for w in rollout["spec"]["workloads"]]
    objects = [rollout]
    for name in names:
        labels = {"app": name}
        objects += [service(name, name),
                    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
                     "spec": {"replicas": 10, "selector": {"matchLabels": labels},
                              "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}}}]
    preview = rollout["spec"].get("blueGreen", {}).get("previewService")
    if preview:
        objects.append(service(preview, names[0]))
    route = route_of(rollout["spec"]["traffic"], names)
    return objects + ([route] if route else [])


def complaint(headgate, rollout, folder):
    """What the program says against an example; '' where nothing."""
    text = yaml.safe_dump_all(bundle_of(rollout))
    # The simulator's clock begins with 2026; an example's date is months away from there.
    (folder / "all.yaml").write_text(re.sub(r"until: .*", "until: '2026-01-01T00:10:00Z'", text))
    for command in (["lint"], ["simulate", "--runs", "3"]):
        done = subprocess.run([headgate, "rollout", *command, "-f", str(folder), "--traffic", "100/s"], capture_output=True,
                              text=True, timeout=SECONDS_MAX)
        if done.returncode != 0:
            return f"{command[0]}: {done.stderr or done.stdout}"
    return ""


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 2
    wrong, count = [], 0
    for page in sorted((ROOT / "docs").glob("*.md")):
        for place, rollout in examples(page):
            with tempfile.TemporaryDirectory() as folder:
                said = complaint(sys.argv[1], rollout, pathlib.Path(folder))
            count += 1
            if said:
                wrong.append(f"{place}: {said}")
    print("\n".join(wrong + [f"{count - len(wrong)} of {count} examples are taken"]))
    return 1 if wrong or count < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
