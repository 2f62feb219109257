"""The kustomize engine beside `kustomize build`: the same trees, outputs compared first."""
import math
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

from git_server import GitServer

HERE = pathlib.Path(__file__).resolve().parent
FEATURES = ("smp", "json6902", "images", "nameprefix", "labels", "namespace", "configmapgen", "replacements")
GROWTH = (1000, 2000, 5000, 10000, 20000)
RUNS = {10: 20, 100: 10, 1000: 3}  # of kustomize; ours run at least as often
APPLICATIONS = 1000
BASE_RESOURCES = 20  # of the base that they share
NOT_RENDERED = shutil.ignore_patterns("plain", "all.json", "summary.json")
GIT_PORT = 16471


def generate(folder, resources, features="all"):
    subprocess.run([sys.executable, HERE / "gen_kustomize.py", "--out", folder, "-n", str(resources), "--features", features],
                   check=True, stdout=subprocess.DEVNULL)
    return folder


def input_bytes(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def outputs_agree(ours, theirs, tree):
    say = [subprocess.run([program, "build", tree], capture_output=True, check=True).stdout for program in (ours, theirs)]
    if say[0] != say[1]:
        raise SystemExit(f"the outputs for {tree} differ; no figure means anything")


def bench_small(options, start_once, work):
    for resources, runs in RUNS.items():
        tree = generate(work / f"t{resources}", resources) / "overlays/prod"
        outputs_agree(options.binary, options.kustomize, tree)
        rows = {options.binary: [], options.kustomize: []}
        for _ in range(runs):
            for program, row in rows.items():
                row.append(start_once([program, "build", tree]))
        ours, theirs = ([statistics.median(column) for column in zip(*row)] for row in rows.values())
        print(f"{resources} resources, all features: wall {1000 * ours[0]:.1f} ms, kustomize {1000 * theirs[0]:.0f} ms, ratio "
              f"{ours[0] / theirs[0]:.4f}; CPU {ours[1] / theirs[1]:.4f}; peak memory {ours[2]:.1f} of {theirs[2]:.1f} MiB (median of {runs})", flush=True)


def bench_slow(options, start_once, work):
    """kustomize needs minutes for each of these."""
    for what, tree in (("all features", "overlays/prod"), ("plain", "plain")):
        folder = generate(work / f"slow-{what.split()[0]}", 5000) / tree
        ours = [min(column) for column in zip(*(start_once([options.binary, "build", folder]) for _ in range(3)))]
        theirs = start_once([options.kustomize, "build", folder])
        outputs_agree(options.binary, options.kustomize, folder) if what == "plain" else None
        print(f"5000 resources, {what}: wall {1000 * ours[0]:.0f} ms, kustomize {theirs[0]:.0f} s, ratio {ours[0] / theirs[0]:.6f}; "
              f"peak memory {ours[2]:.0f} of {theirs[2]:.0f} MiB, ratio {ours[2] / theirs[2]:.3f}", flush=True)


def exponent(points):
    """The slope of log(cost) over log(size), by least squares."""
    xs, ys = [[math.log(value) for value in column] for column in zip(*points)]
    x, y = statistics.mean(xs), statistics.mean(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)


def bench_growth(options, start_once, work):
    for features in ("all", *FEATURES):
        points = []
        for resources in GROWTH:
            folder = generate(work / "growth", resources, features)
            cpu = min(start_once([options.binary, "build", folder / "overlays/prod"])[1] for _ in range(5))
            points.append((resources, cpu))
            if features == "all" and resources == GROWTH[-1]:
                source = (folder / "plain/all.yaml").stat().st_size
                peak = start_once([options.binary, "build", folder / "plain"])[2] * 1024 * 1024
                print(f"{resources} plain resources: peak memory {peak / 2**20:.0f} MiB, {peak / source:.1f} times the input")
            shutil.rmtree(folder)
        print(f"growth, {features}: exponent {exponent(points):.3f} (CPU {', '.join(f'{n}: {1000 * cpu:.0f} ms' for n, cpu in points)})", flush=True)


def bench_events(options, start_once, work):
    """A whole rendering beside libyaml's events of the same bytes."""
    tool = options.build / "benchmarks/libyaml_events"
    folder = generate(work / "events", 5000)
    empty = min(start_once([options.binary, "version"])[1] for _ in range(10))
    for tree, files in (("plain", [folder / "plain/all.yaml"]), ("overlays/prod", sorted((folder / "base").rglob("*.yaml")))):
        ours = min(start_once([options.binary, "build", folder / tree])[1] for _ in range(7)) - empty
        events = min(float(subprocess.run([tool, *files], capture_output=True, text=True, check=True).stdout) for _ in range(7))
        print(f"5000 resources, {tree}: rendering {1000 * ours:.1f} ms CPU, libyaml's events {events:.1f} ms, ratio {1000 * ours / events:.2f}", flush=True)


def monorepo(folder, url, applications):
    """A repository with that many applications, each a tree of its own, and a commit that changes one of them."""
    tree = generate(folder.parent / f"one-{applications}", 10)
    for i in range(applications):
        shutil.copytree(tree, folder / f"apps/app{i:04}", ignore=NOT_RENDERED)
    shutil.rmtree(tree)
    return two_commits(folder, url, folder / "apps/app0000/overlays/prod/kustomization.yaml",
                       lambda text: text + "commonAnnotations: {changed: once}\n")


def monorepo_of_one_base(folder, url, applications):
    """A repository of applications that have one base in common, and a commit that changes it."""
    generate(folder, BASE_RESOURCES)
    for name in ("plain", "overlays"):
        shutil.rmtree(folder / name)
    for i in range(applications):
        app = folder / f"apps/app{i:04}"
        app.mkdir(parents=True)
        (app / "kustomization.yaml").write_text(f"resources: [../../base]\nnamePrefix: app{i:04}-\nnamespace: app{i:04}\n")
    changed = next(file for file in sorted((folder / "base").rglob("*.yaml")) if "replicas: " in file.read_text())
    return two_commits(folder, url, changed, lambda text: text.replace("replicas: ", "replicas: 1", 1))


def two_commits(folder, url, file, change):
    """What is in the folder, and then a file changed; both pushed."""
    git = ["git", "-C", folder, "-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "remote", "add", "origin", url], check=True)
    commits = []
    for what in ("first", "second"):
        if commits:
            file.write_text(change(file.read_text()))
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", what], check=True)
        subprocess.run([*git, "push", "-q", "origin", "main"], check=True)
        commits.append(subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip())
    return commits


def bench_monorepo(options, start_once, work):
    tool = options.build / "benchmarks/monorepo_cost"

    def cost(mode, url, commits, paths):
        said = subprocess.run([tool, mode, url, *commits, *paths], capture_output=True, text=True, check=True).stdout.split()
        return {"again": float(said[0]), "rendered": int(said[1]), "first": float(said[2]), "bytes": int(said[3])}

    server = GitServer(work / "git", port=GIT_PORT)
    took, based = {}, {}
    server.start()
    try:
        for applications in (1, APPLICATIONS):
            url = server.create(f"repository-{applications}")
            commits = monorepo(work / f"repository-{applications}", url, applications)
            paths = [f"apps/app{i:04}/overlays/prod" for i in range(applications)]
            said = cost("shared", url, commits, paths)
            took[applications] = said["again"]
            if said["rendered"] != 1:
                raise SystemExit(f"{said['rendered']} applications were rendered again, not the one that changed")
        url = server.create("one-base")
        commits = monorepo_of_one_base(work / "one-base", url, APPLICATIONS)
        for mode in ("shared", "apart"):
            based[mode] = cost(mode, url, commits, [f"apps/app{i:04}" for i in range(APPLICATIONS)])
            if based[mode]["rendered"] != APPLICATIONS:
                raise SystemExit(f"{based[mode]['rendered']} applications were rendered again, not all")
    finally:
        server.stop()
    print(f"one application changed of {APPLICATIONS}: {took[APPLICATIONS]:.2f} ms for all of them, fetch included; in a repository of one: "
          f"{took[1]:.2f} ms, ratio {took[APPLICATIONS] / took[1]:.2f}", flush=True)
    shared, apart = based["shared"], based["apart"]
    print(f"the base of {APPLICATIONS} applications changed, {BASE_RESOURCES} resources in it: all rendered again in {shared['again']:.0f} ms, "
          f"without the cache {apart['again']:.0f} ms, ratio {shared['again'] / apart['again']:.2f}; {shared['bytes'] / 2**20:.2f} MiB cached", flush=True)


PARTS = {"small": bench_small, "slow": bench_slow, "growth": bench_growth, "events": bench_events, "monorepo": bench_monorepo}


def bench(options, start_once):
    subprocess.run(["cmake", "--build", options.build, "--target", "benchmarks"], check=True, stdout=subprocess.DEVNULL)
    for part in options.parts or [part for part in PARTS if part != "slow"]:
        with tempfile.TemporaryDirectory() as work:
            PARTS[part](options, start_once, pathlib.Path(work))
