#!/usr/bin/env python3
"""Gives the same problems to extentplan and, as exported integer programs, to general solvers.

    pip install highspy ortools pyscipopt exact  # and the program cbc (Debian: coinor-cbc)
    cargo build --release
    python3 benches/peers.py --limit 10 --write BENCHMARK.md

Everyone is asked for the first measure of the objective, with one thread and the same time limit.
Times are processor seconds. extentplan's is that of the whole run: start, reading the file, proof,
printing. The others get
the program that `extentplan export` writes, with a plan in hand that extentplan finds within a second
(that makes the program smaller, and is all that they are told of it); their time is that of solving, without
building and reading the model. Without names the problems are those of models/medium and models/hard.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import solvers

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
OURS = "extentplan"
# Larger programs take others minutes to read, and nothing came of it.
LONGEST_GIVEN_BYTES = 30_000_000


def measure_of(path):
    """The first of the objective."""
    with open(path, encoding="utf-8") as file:
        return json.load(file).get("objective", ["segments"])[0]


def ours(program, path, limit):
    measure = measure_of(path)
    answer = solvers.ask_extentplan(program, path, limit, measure)
    words = {"best": "proved", "impossible": "proved", "found": "found", "unknown": "nothing"}
    cost = answer.get("cost")
    bound = (answer.get("bound") or {}).get(measure)
    return solvers.verdict(words[answer["status"]], cost[measure] if cost else None, bound, answer["seconds"])


def compare(program, path, limit):
    """A verdict per solver."""
    measure = measure_of(path)
    results = {OURS: ours(program, path, limit)}
    with tempfile.TemporaryDirectory() as folder:
        plan = os.path.join(folder, "plan.json")
        first = solvers.ask_extentplan(program, path, min(limit, 1))
        with open(plan, "w", encoding="utf-8") as file:
            file.write(first["text"])
        mps = os.path.join(folder, "program.mps")
        given = solvers.export(program, path, mps, measure, (), plan if "cost" in first else None)
        given = given and os.path.getsize(mps) <= LONGEST_GIVEN_BYTES
        for name in solvers.SOLVERS:
            results[name] = solvers.run_alone(name, mps, limit) if given else solvers.verdict("nothing", seconds=limit)
    return results


def contradictions(path, results):
    """What two solvers cannot both be right about."""
    proved = {(r["value"],) for r in results.values() if r["word"] == "proved"}
    found = [r["value"] for r in results.values() if r["word"] in ("proved", "found") and r["value"] is not None]
    wrong = len(proved) > 1
    for (value,) in proved:
        wrong = wrong or (value is None and bool(found)) or (value is not None and min(found) < value)
    return ["%s: %s" % (path, results)] if wrong else []


def family_of(path):
    """What stands in front of the numbers in its name."""
    return re.match(r"[a-z](?=-)|.*?(?=[-_]\d+\.json$)", os.path.basename(path)).group()


def ahead(rows):
    """The problems on which somebody proved what extentplan did not, or found less, with who did."""
    lines = []
    for path, results in rows:
        own = results[OURS]
        names = []
        for name in solvers.SOLVERS:
            other = results[name]
            proved = other["word"] == "proved" and own["word"] != "proved"
            is_less = None not in (other["value"], own["value"]) and other["value"] < own["value"]
            if proved or is_less:
                names.append("%s (%s)" % (name, "proved" if proved else "found %d" % other["value"]))
        if names:
            lines.append("`%s`: %s" % (os.path.splitext(os.path.basename(path))[0], ", ".join(names)))
    return lines


def summary(rows):
    """Per family and solver: proved / found / nothing, processor seconds, and how many times ours.

    Who is stopped by the limit is charged what it used until then.
    """
    names = [name for name in [OURS, *solvers.SOLVERS] if any(r[name]["word"] != "absent" for _, r in rows)]
    lines = ["| family | problems | " + " | ".join(names) + " |", "| --- | --: |" + " --- |" * len(names)]
    families = sorted({family_of(path) for path, _ in rows})
    for family in [*families, "all"]:
        chosen = [results for path, results in rows if family in ("all", family_of(path))]
        own = sum(r[OURS]["seconds"] for r in chosen)
        cells = []
        for name in names:
            results = [r[name] for r in chosen]
            counts = [sum(r["word"] == word for r in results) for word in ("proved", "found")]
            counts.append(len(results) - sum(counts))
            spent = sum(r["seconds"] for r in results)
            ratio = "" if name == OURS else " (x%.3g)" % (spent / own)
            cells.append("%d / %d / %d, %.1f s%s" % (*counts, spent, ratio))
        label = "**all**" if family == "all" else family
        lines.append("| %s | %d | %s |" % (label, len(chosen), " | ".join(cells)))
    return lines


def details(rows):
    names = [name for name in [OURS, *solvers.SOLVERS] if any(r[name]["word"] != "absent" for _, r in rows)]
    lines = ["| problem | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for path, results in rows:
        cells = []
        for name in names:
            r = results[name]
            value = "none" if r["value"] is None else str(r["value"])
            bound = "-" if r["bound"] is None else str(r["bound"])
            cells.append({
                "proved": "%s, %.3f s" % (value, r["seconds"]),
                "found": "[%s, %s]" % (bound, value),
            }.get(r["word"], r["word"]))
        lines.append("| `%s` | %s |" % (os.path.splitext(os.path.basename(path))[0], " | ".join(cells)))
    return lines


def replace_section(path, name, lines):
    """Puts lines between the two comments that mark a section of a file."""
    start, end = "<!-- %s -->\n" % name, "<!-- end of %s -->" % name
    with open(path, encoding="utf-8") as file:
        text = file.read()
    head, rest = text.split(start)
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + start + "\n".join(lines) + "\n" + end + rest.split(end)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems", nargs="*")
    parser.add_argument("--limit", type=float, default=10, help="processor seconds for each problem and solver")
    parser.add_argument("--program", default="target/release/extentplan")
    parser.add_argument("--write", metavar="FILE", help="refresh a section of this file")
    parser.add_argument("--section", default="peers")
    parser.add_argument("--keep", metavar="FILE", help="keep verdicts here, and go on where a run stopped")
    parser.add_argument("--again", action="store_true", help="ask extentplan again where verdicts are kept")
    arguments = parser.parse_args()
    paths = arguments.problems
    if not paths:
        paths = sorted(glob.glob(ROOT + "/models/medium/*.json") + glob.glob(ROOT + "/models/hard/*.json"))
    paths = [path for path in paths if path.endswith(".json") and not path.endswith(".answer.json")]
    paths.sort(key=os.path.basename)
    kept = {}
    if arguments.keep and os.path.exists(arguments.keep):
        with open(arguments.keep, encoding="utf-8") as file:
            kept = json.load(file)
    rows, wrong = [], []
    for path in paths:
        name = os.path.basename(path)
        is_new = name not in kept
        if is_new:
            kept[name] = compare(arguments.program, path, arguments.limit)
        elif arguments.again:
            kept[name][OURS] = ours(arguments.program, path, arguments.limit)
        if is_new or arguments.again:
            if arguments.keep:
                with open(arguments.keep, "w", encoding="utf-8") as file:
                    json.dump(kept, file)
        rows.append((path, kept[name]))
        wrong += contradictions(path, kept[name])
        print("\n".join(details(rows[-1:])[2:]), flush=True)
    version = subprocess.run([arguments.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    lines = ["%s; %s. %g s for each problem, one thread each." % (version, ", ".join(solvers.versions()), arguments.limit)]
    better = ahead(rows)
    lines += ["", *summary(rows), "", "Ahead of extentplan: %s." % ("; ".join(better) or "nobody")]
    lines += ["", *details(rows)]
    print("\n".join(lines))
    if arguments.write:
        replace_section(arguments.write, arguments.section, lines)
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
