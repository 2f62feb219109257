#!/usr/bin/env python3
"""Compares what the YAML core costs with tests/cost/yaml.baseline, in instructions per byte of input.

More than 5 % away from the baseline, in either direction, fails: what became cheaper is recorded with --update, so
that it stays so. Beyond the bounds below no baseline helps. Without valgrind the test is skipped (exit 77).
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

BASELINE = pathlib.Path(__file__).with_name("yaml.baseline")
TOLERANCE = 0.05
BOUNDS = {"parse": 60.0, "emit": 130.0}  # instructions per byte; "emit" is both, read and printed
TREE_BYTES_MAX = 6.0  # of the tree, per byte of input
# The C library chooses its copies and comparisons by the processor; this way it takes the same ones everywhere.
ANY_PROCESSOR = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-ERMS,-FSRM,-BMI2,-RTM,-MOVBE"}


def run(program, mode, passes, file):
    """Instructions, and what the program says, for some passes over a file."""
    done = subprocess.run(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", program, mode,
         str(passes), str(file)], capture_output=True, text=True, check=True, env={**os.environ, **ANY_PROCESSOR})
    count = re.search(r"I +refs: +([\d,]+)", done.stderr)
    return int(count.group(1).replace(",", "")), done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--generator", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="record what is measured")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed (scripts/setup installs it)")
        return 77

    shutil.rmtree(options.work, ignore_errors=True)
    subprocess.run([sys.executable, options.generator, "--out", str(options.work), "--resources", "300"],
                   stdout=subprocess.DEVNULL, check=True)
    file = options.work / "plain" / "all.yaml"
    measured, failed = {}, False
    for mode, bound in BOUNDS.items():
        one, said = run(options.program, mode, 1, file)
        three, _ = run(options.program, mode, 3, file)
        measured[mode] = (three - one) / 2 / file.stat().st_size
        if measured[mode] > bound:
            print(f"{mode}: at most {bound:.0f} instructions a byte expected, {measured[mode]:.2f} counted")
            failed = True
    tree = int(re.search(r"(\d+) bytes of trees", said).group(1)) / file.stat().st_size
    print(f"tree: {tree:.2f} bytes a byte")
    if tree > TREE_BYTES_MAX:
        print(f"tree: at most {TREE_BYTES_MAX} bytes a byte expected")
        failed = True

    if options.update:
        BASELINE.write_text("".join(f"{mode} {value:.2f}\n" for mode, value in measured.items()))
    for line in BASELINE.read_text().splitlines():
        mode, recorded = line.split()
        change = measured[mode] / float(recorded) - 1
        print(f"{mode}: {measured[mode]:.2f} instructions a byte, {recorded} recorded: {change:+.1%}")
        if abs(change) > TOLERANCE:
            print(f"{mode}: a change of at most {TOLERANCE:.0%} expected; is it meant? then record it with --update")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
