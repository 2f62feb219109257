"""The chart engine beside `helm template`: the same charts, outputs compared first."""
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


PARTS = {"typical": bench_typical, "tpl": bench_tpl, "heavy": bench_heavy, "large": bench_large}


def bench(options, start_once):
    for part in options.parts or PARTS:
        with tempfile.TemporaryDirectory() as work:
            PARTS[part](options, start_once, pathlib.Path(work))
