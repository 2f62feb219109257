#!/usr/bin/env python3
"""mutate.py BUILD [NAME...]: breaks Decide on purpose, one place at a time, and shows that the walk finds each.

BUILD is a build directory in which the target walk is built. Exit code 1 where the walk overlooks a mutation, or finds
another promise broken than the one named; 2 where a mutation no longer fits the source.
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS, STATES = "2", "3000"  # of each walk: deep enough that an analysis is over
SECONDS_MAX = 600

# name, file, what stands there, what is put there, the promise that breaks
MUTATIONS = [
    ("promote-without-evidence", "rollout/from_trial.cc",
     "if (verdict == Verdict::kPass && enough) {", "if (verdict == Verdict::kPass || elapsed > core::Duration(0)) {",
     "an analysis is passed without a verdict of pass"),
    ("weight-before-ready", "rollout/from_trial.cc",
     "const std::string not_ready = CanaryNotReady(look.seen, hash, at.scale, at.replicas);",
     "const std::string not_ready;",
     "weight on pods that are not ready"),
    ("failure-overlooked", "rollout/from_trial.cc",
     "if (judged && judged->verdict == Verdict::kFail) {", "if (judged && judged->verdict == Verdict::kFail && at.paused) {",
     "a failed verdict does not send the candidate back"),
    ("gate-opens-by-itself", "rollout/trial_asking.cc",
     "if (said.says == GateSeen::Says::kGo)", "if (said.says != GateSeen::Says::kRefused)",
     "a gate is passed without its yes"),
    ("gate-blames", "rollout/trial_asking.cc",
     "if (said.says == GateSeen::Says::kRefused) {", "if (said.says != GateSeen::Says::kGo) {",
     "a gate that did not refuse sends the candidate back"),
    ("job-not-waited-for", "rollout/trial_asking.cc",
     "if (seen.state == JobSeen::State::kSucceeded)", "if (seen.state != JobSeen::State::kAbsent)",
     "a job is passed that has not succeeded"),
    ("baseline-not-waited-for", "rollout/from_trial.cc",
     "if (not_ready.empty() && BaselineAt(look.spec, at.step)) {", "if (false) {",
     "requests for a baseline that is not ready"),
    ("baseline-removed-too-early", "rollout/trial.cc",
     "BaselineAt(look.spec, at.step) || ExtrasOf(look.spec, at.routed).baseline;", "BaselineAt(look.spec, at.step);",
     "a baseline is removed while it gets requests"),
    ("stable-not-waited-for", "rollout/from_promoting.cc",
     "const std::string not_updated = StableNot(look.seen, at.candidate.gated_hash);", "const std::string not_updated;",
     "everything goes back to stable pods that are not ready"),
    ("quarantine-forgotten", "rollout/decide.cc",
     "all.push_back(*move.quarantine);", "",
     "a failed candidate is not quarantined"),
    ("never-removed", "rollout/from_rolling_back.cc",
     'if (over) return Enter(at, Part::kRemoving, look, "drained; the canary is removed");', "",
     "it does not end without faults"),
]


def command(build, target):
    """The last command that makes a target."""
    said = subprocess.run(["ninja", "-C", str(build), "-t", "commands", target], capture_output=True, text=True, check=True)
    return said.stdout.rstrip("\n").split("\n")[-1]


def walk_with(build, work, mutation):
    """What a walk with the mutation says, and its exit code."""
    name, file, old, new, _ = mutation
    text = (ROOT / file).read_text()
    if text.count(old) != 1:
        sys.exit(f"{name}: {file} has {text.count(old)} places like {old!r}; mend the mutation")
    source = work / f"{name}.cc"
    source.write_text(text.replace(old, new))
    place = f"{pathlib.Path(file).parent}/CMakeFiles/headgate_rollout.dir/{pathlib.Path(file).name}.o"
    made = work / f"{name}.o"
    compile_it = command(build, place)
    compile_it = compile_it.replace(str(ROOT / file), str(source)).replace(place, str(made))
    compile_it = compile_it.replace("-Werror", "-w")
    link = command(build, "tests/simulation/walk")
    main = "tests/simulation/CMakeFiles/walk.dir/walk_main.cc.o"
    program = work / name
    # Before the libraries, so that theirs is not taken.
    link = link.replace(main, f"{main} {made}").replace("-o tests/simulation/walk", f"-o {program}")
    for step in (compile_it, link):
        subprocess.run(step, shell=True, cwd=build, check=True, timeout=SECONDS_MAX)
    done = subprocess.run([str(program), STEPS, STATES], capture_output=True, text=True, timeout=SECONDS_MAX)
    return done.returncode, done.stdout


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 2
    build = pathlib.Path(sys.argv[1]).resolve()
    chosen = [m for m in MUTATIONS if not sys.argv[2:] or m[0] in sys.argv[2:]]
    overlooked = 0
    with tempfile.TemporaryDirectory() as folder:
        for mutation in chosen:
            code, said = walk_with(build, pathlib.Path(folder), mutation)
            last = said.strip().split("\n")[-1]
            found = code == 1 and mutation[4] in last
            overlooked += not found
            print(f"{'found     ' if found else 'OVERLOOKED'} {mutation[0]}: {last[:300]}", flush=True)
    print(f"{len(chosen) - overlooked} of {len(chosen)} mutations are found")
    return 1 if overlooked or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
