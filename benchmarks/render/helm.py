"""The chart engine beside `helm template`: the same charts, outputs compared first."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

import kustomize

HERE = pathlib.Path(__file__).resolve().parent
# Templates, and the runs of each program, of which the median counts.
TYPICAL = {10: 20, 100: 10, 1000: 5}
LARGE = {5000: 1}
TPL = {300: 5, 1000: 3, 3000: 1}
HEAVY = {1000: 3}
CHARTS = 20  # the largest public ones of the corpus
CHART_RUNS = 7


def generate(folder, style, templates):
    subprocess.run([sys.executable, HERE / "gen_helm.py", "--out", folder, "-n", str(templates), "--style", style], check=True,
                   stdout=subprocess.DEVNULL)
    return folder


def outputs_agree(ours, theirs, chart):
    say = [subprocess.run([program, "template", "bench", chart], capture_output=True, check=True).stdout for program in (ours, theirs)]
    if say[0] != say[1]:
        raise SystemExit(f"the outputs for {chart} differ; no figure means anything")


def compare(options, start_once, work, style, sizes):
    """Prints a line for each size; the CPU seconds of ours by size."""
    cpu = {}
    for templates, runs in sizes.items():
        chart = generate(work / f"{style}-{templates}", style, templates)
        outputs_agree(options.binary, options.helm, chart)
        rows = {options.binary: [], options.helm: []}
        for _ in range(runs):
            for program, row in rows.items():
                row.append(start_once([program, "template", "bench", chart]))
        ours, theirs = ([statistics.median(column) for column in zip(*row)] for row in rows.values())
        cpu[templates] = min(row[1] for row in rows[options.binary])
        print(f"{style}, {templates} templates: wall {1000 * ours[0]:.1f} ms, helm {1000 * theirs[0]:.0f} ms, ratio {ours[0] / theirs[0]:.4f}; "
              f"CPU {ours[1] / theirs[1]:.4f}; peak memory {ours[2]:.1f} of {theirs[2]:.1f} MiB, {ours[2] / theirs[2]:.2f} (median of {runs})", flush=True)
        shutil.rmtree(chart)
    return cpu


def bench_typical(options, start_once, work):
    compare(options, start_once, work, "typical", TYPICAL)


def bench_large(options, start_once, work):
    compare(options, start_once, work, "typical", LARGE)


def bench_tpl(options, start_once, work):
    cpu = compare(options, start_once, work, "tpl", TPL)
    print(f"tpl: the exponent of our CPU over the number of templates, {min(cpu)} to {max(cpu)}: {kustomize.exponent(list(cpu.items())):.3f}", flush=True)


def bench_heavy(options, start_once, work):
    compare(options, start_once, work, "heavy", HEAVY)


def largest_cases(corpus):
    """The case of each chart that renders to most, of the charts with the most bytes."""
    best = {}
    for case in sorted((corpus / "cases").iterdir()):
        told = json.loads((case / "case.json").read_text())
        if told.get("expect", "output") != "output":
            continue
        chart = pathlib.Path(os.path.normpath(case / told.get("chart", "chart")))
        rendered = (case / "expected.yaml").stat().st_size
        if rendered > best.get(chart, (0,))[0]:
            best[chart] = (rendered, case, told)
    size = {chart: sum(file.stat().st_size for file in chart.rglob("*") if file.is_file()) for chart in best}
    return [(chart, *best[chart][1:]) for chart in sorted(size, key=size.get, reverse=True)[:CHARTS]]


def bench_charts(options, start_once, work):
    """Each of the largest public charts; outputs are compared where helm itself gives the same twice."""
    subprocess.run(["tar", "--zstd", "-xf", HERE.parents[1] / "tests" / "conformance" / "helm.tar.zst", "-C", work], check=True)
    ratios = []
    for chart, case, told in largest_cases(work / "helm"):
        arguments = ["template", told.get("release", "release-name"), str(chart), "--namespace", told.get("namespace", "default")]
        arguments += [word for file in told.get("values", []) for word in ("-f", str(case / file))]
        arguments += [word.replace("{case}", str(case)) for word in told.get("args", [])]
        texts = [[subprocess.run([program, *arguments], capture_output=True, check=True).stdout for _ in range(2)]
                 for program in (options.binary, options.helm)]
        varies = texts[1][0] != texts[1][1]
        if not varies and texts[0][0] != texts[1][0]:
            raise SystemExit(f"the outputs for {case.name} differ; no figure means anything")
        rows = {options.binary: [], options.helm: []}
        for _ in range(CHART_RUNS):
            for program, row in rows.items():
                row.append(start_once([program, *arguments]))
        ours, theirs = ([statistics.median(column) for column in zip(*row)] for row in rows.values())
        ratios.append(ours[0] / theirs[0])
        print(f"{case.name}: wall {1000 * ours[0]:.1f} ms, helm {1000 * theirs[0]:.0f} ms, ratio {ratios[-1]:.4f}; CPU {ours[1] / theirs[1]:.4f}; "
              f"peak memory {ours[2]:.1f} of {theirs[2]:.1f} MiB{'; varies, not compared' if varies else ''}", flush=True)
    print(f"charts: {len(ratios)}, the median ratio {statistics.median(ratios):.4f}, the largest {max(ratios):.4f}", flush=True)


PARTS = {"typical": bench_typical, "tpl": bench_tpl, "heavy": bench_heavy, "large": bench_large, "charts": bench_charts}


def bench(options, start_once):
    for part in options.parts or PARTS:
        with tempfile.TemporaryDirectory() as work:
            PARTS[part](options, start_once, pathlib.Path(work))
