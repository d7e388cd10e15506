#!/usr/bin/env python3
"""Takes parts out of the search, one at a time, and says what is lost: a part that nobody misses has to go.

    python3 benches/ablation.py                                # problems of benches/wide.py, seed 5, and the models
    python3 benches/ablation.py --part lagrangian --part ruin_and_recreate --folder FOLDER --limit 2
    python3 benches/ablation.py --list

A part is a function that answers at once with nothing where the environment variable EXTENTPLAN_WITHOUT names it: in a copy of the
tree that is built once, for all parts, and thrown away. `lost` are problems
proven with the part and not without, `won` the other way round (noise of the clock, mostly), `dearer` found plans that cost more
without, `lower` bounds of found plans that are lower without. One thread, processor seconds.
"""
import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import wide

HERE = os.path.dirname(os.path.abspath(__file__))
SEARCH = "src/search/"
# Name of the part: file, function, and what it answers instead.
PARTS = {
    "wrap_around": ("wrap_around/mod.rs", "plan", "None"),
    "wrap_around, leg ends": ("wrap_around/leg_ends.rs", "line_up", "None"),
    "cling": ("cling/mod.rs", "plan", "None"),
    "cling by tags": ("cling/by_tags.rs", "plan", "None"),
    "stripes": ("stripes/mod.rs", "plan", "None"),
    "stripes, beam": ("stripes/beam.rs", "search", "None"),
    "stripes, degrees": ("stripes/degrees.rs", "least_intervals", "1"),
    "stripes, ruin": ("stripes/ruin.rs", "into_best", "None"),
    "stripes, fewer sources": ("stripes/fewer.rs", "leave_out", "false"),
    "bin_packing": ("bin_packing/mod.rs", "plan", "None"),
    "bin_packing, prices": ("bin_packing/pattern_bound.rs", "refute", "None"),
    "joint": ("joint/mod.rs", "plan", "None"),
    "joint, exchange": ("joint/exchange.rs", "fewer", "start"),
    "bin_covering": ("bin_covering/mod.rs", "plan", "None"),
    "bin_covering, assignment": ("bin_covering/assign.rs", "assign", "None"),
    "bin_covering, prices": ("bin_covering/dual_feasible.rs", "best", "None"),
    "bin_covering, filled pools": ("bin_covering/filled_pools.rs", "mend", "None"),
    "bin_covering, patterns": ("bin_covering/improve.rs", "ask_patterns", "None"),
    "bin_covering, dive": ("bin_covering/dive.rs", "below", "None"),
    "prices": ("lagrangian/mod.rs", "least", "0"),
    "prices, first ones": ("lagrangian/transport.rs", "prices", "vec![0; relaxation.rooms().len()]"),
    "prices, shares": ("lagrangian/relaxation.rs", "with_shares", "self"),
    "prices, tree": ("lagrangian/tree.rs", "branch", "bound"),
    "prices, exact pairs": ("lagrangian/knapsack.rs", "cheapest_pair", "None"),
    "counts": ("bounds/counts.rs", "lower", "Lower::default()"),
    "cut": ("bounds/cut.rs", "of_all", "None"),
    "ruin_and_recreate": ("ruin_and_recreate/mod.rs", "improve", "None"),
    "ruin_and_recreate, used up": ("ruin_and_recreate/used_up.rs", "shortest_whole", "Vec::new()"),
    "ruin_and_recreate, whole cells": ("ruin_and_recreate/used_up.rs", "whole_cells", "Vec::new()"),
}


SWITCH = """
/// Whether this part of the search is left out.
pub(crate) fn is_left_out(part: &str) -> bool {
    static PART: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let named = PART.get_or_init(|| std::env::var("EXTENTPLAN_WITHOUT").ok());
    named.as_deref() == Some(part)
}
"""


def switched(tree):
    """Lets each part answer at once where it is left out, in a copy of the tree."""
    with open(os.path.join(tree, "src/core/mod.rs"), "a") as source:
        source.write(SWITCH)
    for part, (file, function, value) in PARTS.items():
        path = os.path.join(tree, SEARCH, file)
        with open(path) as source:
            text = source.read()
        head = re.compile(r"^ *(?:pub(?:\([a-z]+\))? )?fn %s\b.*?\{\n" % function, re.M | re.S)
        found = head.search(text)
        if not found:
            sys.exit("ablation: %s has no function `%s`" % (file, function))
        switch = '    if crate::core::is_left_out("%s") {\n        return %s;\n    }\n' % (part, value)
        with open(path, "w") as source:
            source.write(text[:found.end()] + switch + text[found.end():])
    return tree


def built(tree, target):
    """The program of a tree: less optimised than a release, and built sooner."""
    settings = {"CARGO_TARGET_DIR": target, "CARGO_INCREMENTAL": "1", "CARGO_PROFILE_RELEASE_OPT_LEVEL": "2", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16"}
    made = subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=tree, env={**os.environ, **settings}, capture_output=True, text=True)
    if made.returncode:
        sys.exit("ablation: does not build\n" + made.stderr[-3000:])
    return os.path.join(target, "release", "extentplan")


def copied(root, folder):
    tree = os.path.join(folder, "tree")
    shutil.rmtree(tree, ignore_errors=True)
    os.makedirs(tree)
    tracked = subprocess.run(["git", "ls-files", "Cargo.*", "src", "benches", "models/schema*"], cwd=root, capture_output=True, text=True, check=True)
    for file in tracked.stdout.split("\n"):
        if file and os.path.isfile(os.path.join(root, file)):
            os.makedirs(os.path.dirname(os.path.join(tree, file)), exist_ok=True)
            shutil.copy2(os.path.join(root, file), os.path.join(tree, file))
    return tree


def answers(program, problems, limit, part=""):
    """What the program without a part says of each problem."""
    os.environ["EXTENTPLAN_WITHOUT"] = part
    kept = {}
    for name, problem in problems:
        answer, seconds, _ = wide.run(program, json.dumps(problem), limit, [])
        kept[name] = (answer["status"], answer.get("cost"), answer.get("bound"), seconds)
    return kept


def measures(values, objective):
    return tuple((values or {}).get(name, 0) for name in objective)


def compared(whole, part, problems):
    lost, won, dearer, lower = [], [], [], []
    for name, problem in problems:
        objective = problem.get("objective") or ["segments", "sources"]
        (status, cost, bound, _), (status_without, cost_without, bound_without, _) = whole[name], part[name]
        is_proven, stays_proven = (s in ("best", "impossible") for s in (status, status_without))
        if is_proven and not stays_proven:
            lost.append(name)
        elif stays_proven and not is_proven:
            won.append(name)
        if cost and (not cost_without or measures(cost_without, objective) > measures(cost, objective)):
            dearer.append(name)
        if status == status_without == "found" and measures(bound_without, objective) < measures(bound, objective):
            lower.append(name)
    return lost, won, dearer, lower


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part (may be given again)")
    parser.add_argument("--list", action="store_true", help="say which parts there are")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--each", type=int, default=2, help="problems of each kind")
    parser.add_argument("--folder", action="append", default=[], help="problems from files as well (may be given again)")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds for each problem")
    parser.add_argument("--names", action="store_true", help="say which problems are lost")
    given = parser.parse_args()
    if given.list:
        print("\n".join(PARTS))
        return
    root = os.path.dirname(HERE)
    problems = list(wide.made(given.seed, given.each, wide.KINDS))
    models = glob.glob(os.path.join(root, "models", "*", "*.json"))
    for file in sorted(models) + sorted(f for folder in given.folder for f in glob.glob(folder + "/*.json")):
        if not file.endswith((".answer.json", ".plan.json")):
            with open(file) as source:
                problem = json.load(source)
            if isinstance(problem, dict) and "requests" in problem and "sources" in problem:
                problems.append((os.path.relpath(file, root), problem))
    with tempfile.TemporaryDirectory() as folder:
        program = built(switched(copied(root, folder)), os.path.join(folder, "target"))
        whole = answers(program, problems, given.limit)
        proven = sum(status in ("best", "impossible") for status, *_ in whole.values())
        print("%d problems, %d proven, %.0f s" % (len(problems), proven, sum(seconds for *_, seconds in whole.values())), flush=True)
        print("%-32s %5s %5s %7s %6s %8s" % ("without", "lost", "won", "dearer", "lower", "seconds"))
        for part in given.part or PARTS:
            rest = answers(program, problems, given.limit, part)
            lists = compared(whole, rest, problems)
            print("%-32s %5d %5d %7d %6d %8.0f" % (part, *map(len, lists), sum(seconds for *_, seconds in rest.values())), flush=True)
            if given.names and lists[0]:
                print("    lost: " + " ".join(lists[0]))


if __name__ == "__main__":
    sys.exit(main())
