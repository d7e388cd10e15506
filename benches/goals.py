#!/usr/bin/env python3
"""Measures what extentplan is meant to reach, on problems made by rule from many seeds.

    cargo build --release
    python3 benches/goals.py --write BENCHMARK.md

Times are processor seconds of a whole run with one thread (start, reading, proof, printing), so that
they mean the same on a busy machine. The clock on the wall is given ten times as long.
"""
import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile

import peers


def run(program, recipe, seconds, objective=None):
    """The answer to a generated problem, with processor seconds and the most memory that was resident."""
    made = subprocess.run([program, "generate", *recipe.split()], capture_output=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "problem.json")
        with open(path, "wb") as file:
            file.write(made.stdout)
        words = [program, "plan", path, "--format", "json", "--threads", "1", "--time-limit", "%gs" % (10 * seconds)]
        words += ["--objective", objective] if objective else []
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        # A child per run, whose memory is counted alone.
        child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = child.stdout.read()
        child.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not text:
        raise SystemExit("%s: %s" % (recipe, child.stderr.read().decode()))
    answer = json.loads(text)
    answer["seconds"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answer["megabytes"] = after.ru_maxrss / 1024
    answer["recipe"] = recipe
    return answer


def first(answer):
    """Best value and bound of the first measure; no value where there is no plan."""
    if "cost" not in answer:
        return None, None
    measure = next(iter(answer["cost"]))
    return answer["cost"][measure], answer["bound"].get(measure, 0)


def is_decided(answer, seconds, measures=1):
    """Whether a no, or so many measures, are proven in the time."""
    if answer["seconds"] > seconds:
        return False
    if answer["status"] in ("best", "impossible"):
        return True
    if answer["status"] != "found":
        return False
    names = list(answer["cost"])[:measures]
    return all(answer["bound"].get(name) == answer["cost"][name] for name in names)


def share(answers, seconds, measures=1):
    good = sum(is_decided(answer, seconds, measures) for answer in answers)
    return "%d of %d" % (good, len(answers))


def times(answers):
    spent = sorted(answer["seconds"] for answer in answers)
    return "median %.3f s, most %.2f s" % (spent[len(spent) // 2], spent[-1])


def left_open(answers, seconds):
    names = ["`%s`" % answer["recipe"] for answer in answers if not is_decided(answer, seconds)]
    return "; open: " + ", ".join(names[:8]) + (" .." if len(names) > 8 else "") if names else ""


def fewest(program, scale):
    """Fewest segments, one request with whole legs."""
    few = itertools.product([8, 12, 16, 20, 24, 28, 34, 40], [3, 8], [900, 950, 980])
    recipes = [
        "a --seed %d --sources %d --areas %d --legs %d --load %d" % (seed, d, a, legs, load)
        for seed, (d, a, load) in enumerate(few)
        for legs in sorted({max(2, d // 6), max(3, d // 4)})
    ]
    profiles = [
        "f --seed %d --sources %d --areas %d --profiles %d --legs %d --load 950" % (seed, d, a, k, max(2, d // 5))
        for seed, (d, a, k) in enumerate(itertools.product([10, 16, 24, 32, 40, 50], [4, 8], [2, 3, 4]))
    ]
    many = itertools.product([80, 100, 150, 200], [4, 8, 16], [900, 950, 990])
    large = [
        "a --seed %d --sources %d --areas %d --legs %d --load %d" % (seed, d, a, legs, load)
        for seed, (d, a, load) in enumerate(many)
        for legs in [8, 12, 16]
    ]
    rows = []
    for name, chosen, goal, seconds in [
        ("fewest segments, 8 to 40 disks", recipes, "98 % in 2 s", 2),
        ("the same, few kinds of disks, 10 to 50", profiles, "98 % in 2 s", 2),
        ("fewest segments, 80 to 200 disks", large, "all in 0.2 s", 0.2),
    ]:
        answers = [run(program, recipe, seconds, "segments") for recipe in chosen[::scale]]
        rows.append((name, goal, share(answers, seconds), times(answers) + left_open(answers, seconds)))
    return rows


def batches(program, scale):
    whole = ["e --seed %d --sources 100 --areas 8 --requests 50 --load %d" % pair
             for pair in itertools.product(range(6), [700, 900])]
    answers = [run(program, recipe, 2, "sources") for recipe in whole[::scale]]
    near = 0
    for answer in answers:
        value, bound = first(answer)
        near += answer["status"] == "impossible" or value is not None and value <= bound * 1.01
    quick = sum(answer["seconds"] <= 0.01 for answer in answers)
    rows = [("whole legs, 50 requests on 100 disks", "within 1 %, in 10 ms",
             "%d of %d within 1 %%, %s proven in 2 s, %d in 10 ms" % (near, len(answers), share(answers, 2), quick),
             times(answers))]
    joint = ["b --seed %d --sources 200 --areas 10 --requests 100 --load %d" % pair
             for pair in itertools.product(range(6), [300, 400, 500, 600])]
    answers = [run(program, recipe, 2) for recipe in joint[::scale]]
    rows.append(("contiguous, 100 requests on 200 disks", "decided in 2 s", share(answers, 2), times(answers)))
    waste = [run(program, recipe, 2, "fragments") for recipe in joint[::4 * scale]]
    rows.append(("the same, fewest free areas left", "proven in 2 s", share(waste, 2), times(waste)))
    return rows


def stripes(program, scale):
    small = ["c --seed %d --sources 20 --areas 4 --legs 6 --load %d" % pair
             for pair in itertools.product(range(8), [850, 950])]
    answers = [run(program, recipe, 5, "segments") for recipe in small[::scale]]
    rows = [("fewest intervals, 20 disks, 6 legs", "all in 5 s", share(answers, 5), times(answers) + left_open(answers, 5))]
    large = ["c --seed %d --sources 100 --areas 8 --legs 16" % seed for seed in range(6)]
    answers = [run(program, recipe, 2, "segments") for recipe in large[::scale]]
    gaps = [value - bound for value, bound in map(first, answers) if value is not None]
    rows.append(("fewest intervals, 100 disks, 16 legs", "gap of at most 1", "gaps %s" % ", ".join(map(str, gaps)), times(answers)))
    return rows


def scale_up(program, _):
    answer = run(program, "a --seed 1 --sources 10000 --areas 39 --legs 16", 10)
    value, bound = first(answer)
    return [("10,000 disks, 200,000 areas, 16 legs", "0.5 s, 500 MB",
             "%s [%s, %s]" % (answer["status"], bound, value), "%.2f s, %.0f MB" % (answer["seconds"], answer["megabytes"]))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/extentplan")
    parser.add_argument("--scale", type=int, default=1, help="take every so manieth problem only")
    parser.add_argument("--write", metavar="FILE", help="refresh the section `goals` of this file")
    arguments = parser.parse_args()
    lines = ["| problems | goal | reached | processor time |", "| --- | --- | --- | --- |"]
    for part in [scale_up, fewest, batches, stripes]:
        for row in part(arguments.program, arguments.scale):
            lines.append("| %s | %s | %s | %s |" % row)
            print(lines[-1], flush=True)
    if arguments.write:
        peers.replace_section(arguments.write, "goals", lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
