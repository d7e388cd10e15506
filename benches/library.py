#!/usr/bin/env python3
"""Makes the problems of models/medium and models/hard, finds their answers, and lists them in models/README.md.

    pip install highspy ortools
    cargo build --release
    python3 benches/library.py                     # what is missing
    python3 benches/library.py --again NAME...     # these once more, by extentplan alone
    python3 benches/library.py --again             # every envelope once more

Every measure of an answer is given to extentplan and, as exported program with the values before it
pinned, to the other solvers; who proved it is written down. Two that prove different values are an error.
"""
import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile

import solvers

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "models")

# Two that work on different principles are enough.
JUDGES = ["HiGHS", "CP-SAT"]

# Programs whose compressed text is longer are not kept; `extentplan export` writes them.
LONGEST_KEPT_BYTES = 40_000
# Longer ones are not given to others: reading alone takes them minutes.
LONGEST_GIVEN_BYTES = 12_000_000

TIERS = {
    "medium": [
        "a --seed 11 --sources 12 --areas 4 --legs 4",
        "a --seed 12 --sources 16 --areas 5 --legs 5 --load 950",
        "a --seed 13 --sources 24 --areas 4 --legs 3 --load 850",
        "b --seed 11 --sources 10 --areas 4 --requests 4 --load 450",
        "b --seed 12 --sources 24 --areas 6 --requests 12 --load 550",
        "b --seed 13 --sources 40 --areas 6 --requests 20 --load 600",
        "c --seed 11 --sources 5 --areas 2 --legs 2",
        "c --seed 12 --sources 6 --areas 2 --legs 3 --load 950",
        "c --seed 13 --sources 4 --areas 3 --legs 2 --load 1000 --smallest 20 --largest 60",
        "d --seed 11 --sources 24 --racks 6 --legs 3 --load 850",
        "d --seed 12 --sources 24 --racks 6 --legs 3 --load 600 --both 4",
        "d --seed 13 --sources 60 --racks 12 --legs 4 --load 950",
        "e --seed 11 --sources 6 --areas 3 --requests 3 --load 800",
        "e --seed 12 --sources 8 --areas 3 --requests 3 --load 700",
        "e --seed 13 --sources 20 --areas 4 --requests 8 --load 700",
        "f --seed 11 --sources 12 --areas 4 --profiles 2 --legs 3",
        "f --seed 12 --sources 20 --areas 6 --profiles 3 --legs 5",
        "f --seed 13 --sources 30 --areas 6 --profiles 4 --legs 4 --load 950",
        "p --seed 11 --legs 4 --each 3",
        "p --seed 12 --legs 6 --each 4 --moved 1",
        "p --seed 13 --legs 5 --each 4 --areas 2 --slack 100",
        "t --seed 11 --legs 6",
        "t --seed 12 --legs 8 --moved 1",
        "t --seed 13 --legs 10",
        "z --seed 11 --sources 9 --areas 2 --legs 2 --smallest 20 --largest 60",
        "z --seed 12 --sources 12 --areas 3 --legs 4 --smallest 200 --largest 260",
        "z --seed 13 --sources 16 --areas 3 --legs 5 --smallest 20 --largest 60",
    ],
    "hard": [
        "a --seed 21 --sources 20 --areas 8 --legs 6 --load 950",
        "a --seed 22 --sources 40 --areas 10 --legs 8 --load 950",
        "a --seed 23 --sources 48 --areas 8 --legs 16 --load 970",
        "a --seed 24 --sources 120 --areas 10 --legs 12 --load 950",
        "b --seed 21 --sources 50 --areas 8 --requests 25 --load 620",
        "b --seed 22 --sources 100 --areas 8 --requests 50 --load 560",
        "b --seed 23 --sources 200 --areas 10 --requests 100 --load 560",
        "c --seed 21 --sources 8 --areas 3 --legs 3",
        "c --seed 22 --sources 12 --areas 4 --legs 4",
        "c --seed 23 --sources 20 --areas 4 --legs 6",
        "c --seed 24 --sources 40 --areas 6 --legs 8 --load 950",
        "d --seed 21 --sources 100 --racks 20 --legs 8 --load 970",
        "d --seed 22 --sources 100 --racks 20 --legs 6 --load 700 --both 20",
        "d --seed 23 --sources 200 --racks 40 --legs 16 --load 970",
        "e --seed 21 --sources 12 --areas 4 --requests 6 --load 980",
        "e --seed 24 --sources 8 --areas 3 --requests 4 --load 950",
        "e --seed 22 --sources 40 --areas 6 --requests 20 --load 900",
        "e --seed 23 --sources 100 --areas 8 --requests 50 --load 900",
        "f --seed 21 --sources 40 --areas 8 --profiles 4 --legs 8 --load 950",
        "f --seed 22 --sources 100 --areas 8 --profiles 5 --legs 12 --load 950",
        "f --seed 23 --sources 200 --areas 8 --profiles 5 --legs 16 --load 970",
        "p --seed 21 --legs 8 --each 4 --moved 1",
        "p --seed 22 --legs 16 --each 4 --slack 100",
        "p --seed 23 --legs 16 --each 8",
        "p --seed 24 --legs 16 --each 3 --moved 1",
        "t --seed 21 --legs 20",
        "t --seed 22 --legs 40 --moved 1",
        "t --seed 23 --legs 40 --areas 2",
        "z --seed 21 --sources 20 --areas 3 --legs 6 --smallest 20 --largest 60",
        "z --seed 22 --sources 24 --areas 3 --legs 6 --smallest 200000 --largest 260000",
        "z --seed 23 --sources 60 --areas 2 --legs 8",
    ],
}

SHORT = {"sources": "s", "areas": "a", "legs": "l", "requests": "q", "racks": "r", "both": "b", "profiles": "k",
         "each": "e", "load": "w", "slack": "x", "moved": "m"}

WHY = {
    "a": "One RAID request, each leg on sources of its own, with metadata.",
    "b": "A batch of contiguous requests.",
    "c": "Stripes, where a cut in one leg cuts all.",
    "d": "No two legs in one rack.",
    "e": "A batch, in each request every leg on sources of its own.",
    "f": "As a, with few kinds of sources.",
    "p": "Planted: sources that fill the legs exactly, then disturbed.",
    "t": "Triplets: three sources fill a leg.",
    "z": "The longest legs that the free extents allow at all.",
}


def name_of(recipe):
    """`a --seed 11 --sources 12` is `a-11-s12`: extents are left out."""
    words = recipe.split()
    pairs = list(zip(words[1::2], words[2::2]))
    parts = [words[0], dict(pairs)["--seed"]]
    return "-".join(parts + [SHORT[key[2:]] + value for key, value in pairs if key[2:] in SHORT])


def answered(program, path, limits):
    """What is known of a problem, by everyone who can be asked."""
    with open(path, encoding="utf-8") as file:
        objective = json.load(file)["objective"]
    own = solvers.ask_extentplan(program, path, limits["own"])
    cost, bound, known_by = own.get("cost"), own.get("bound"), []
    if own["status"] == "impossible":
        known_by.append("extentplan")
    values, proven = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        plan = os.path.join(folder, "plan.json")
        with open(plan, "w", encoding="utf-8") as file:
            file.write(own["text"])
        for measure in objective:
            by = ["extentplan"] if cost and bound and bound.get(measure) == cost[measure] else []
            pins = list(values.items())
            if measure != objective[0] and not pins:
                break
            mps = os.path.join(folder, "program.mps")
            given = solvers.export(program, path, mps, measure, pins, plan if cost and measure == objective[0] else None)
            given = given and os.path.getsize(mps) <= LONGEST_GIVEN_BYTES
            best = cost[measure] if cost else None
            least = (bound or {}).get(measure, 0)
            for name in JUDGES if given else []:
                found = solvers.run_alone(name, mps, limits["peers"])
                print("   ", measure, name, found, flush=True)
                if found["word"] == "proved" and found["value"] is None:
                    if cost:
                        raise SystemExit("%s: %s says that there is no plan" % (path, name))
                    known_by.append(name)
                elif found["word"] == "proved":
                    if by and found["value"] != best:
                        raise SystemExit("%s: %s proves %s for %s" % (path, name, found["value"], measure))
                    best = found["value"]
                    by.append(name)
                elif found["bound"] is not None:
                    least = max(least, found["bound"])
            proven[measure] = (least, best, by)
            if not by and least != best:
                break
            values[measure] = best
    if known_by:
        return {"status": "impossible", "known_by": ", ".join(known_by)}
    known = {measure: best for measure, (_, best, _) in proven.items()}
    who = "; ".join("%s: %s" % (m, ", ".join(by) or ("bounds that meet" if least == best else "nobody")) for m, (least, best, by) in proven.items())
    if len(values) == len(objective):
        return {"status": "best", "cost": known, "known_by": who}
    bounds = {measure: best if measure in values else least for measure, (least, best, _) in proven.items()}
    if cost is None and not values:
        return {"status": "envelope", "bound": bounds, "known_by": "nobody"}
    return {"status": "envelope", "cost": known, "bound": bounds, "known_by": who}


def once_more(program, path, limits, before):
    """An envelope with what extentplan finds now; measures are compared in their order."""
    own = solvers.ask_extentplan(program, path, limits["own"])
    if own["status"] == "best":
        who = "; ".join("%s: extentplan" % measure for measure in own["cost"])
        return {"status": "best", "cost": own["cost"], "known_by": who}
    if own["status"] == "impossible":
        return {"status": "impossible", "known_by": "extentplan"}
    first = next(iter(before["bound"]))
    if own["status"] == "found":
        better = "cost" not in before or own["cost"][first] < before["cost"][first]
        tighter = own["bound"].get(first, 0) > before["bound"][first]
        if better or tighter:
            bound = max(own["bound"].get(first, 0), before["bound"][first])
            least = min(own["cost"][first], before.get("cost", own["cost"])[first])
            return {"status": "envelope", "cost": {first: least}, "bound": {first: bound}, "known_by": before["known_by"]}
    return before


def write(path, recipe, answer):
    """The answer beside its problem, a key a line."""
    lines = {**answer, "made_by": "extentplan generate " + recipe, "why": WHY[recipe[0]]}
    text = ",\n  ".join("%s: %s" % (json.dumps(key), json.dumps(value)) for key, value in lines.items())
    with open(path, "w", encoding="utf-8") as file:
        file.write("{ " + text + " }\n")


def cell(answer):
    """As tests/models.rs expects it."""
    if answer["status"] == "impossible":
        return "impossible"
    if answer["status"] == "best":
        return " / ".join(str(value) for value in answer["cost"].values())
    pairs = [(bound, answer.get("cost", {}).get(measure)) for measure, bound in answer["bound"].items()]
    shown = [str(b) if b == c else "[%s, %s]" % (b, "-" if c is None else c) for b, c in pairs]
    return " / ".join(shown)


def list_all():
    path = os.path.join(FOLDER, "README.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for tier, recipes in TIERS.items():
        start, end = "<!-- %s -->\n" % tier, "<!-- end of %s -->" % tier
        rows = ["| problem | answer | known by |", "| --- | --- | --- |"]
        for recipe in recipes:
            with open(os.path.join(FOLDER, tier, name_of(recipe) + ".answer.json"), encoding="utf-8") as file:
                answer = json.load(file)
            rows.append("| `%s` | %s | %s |" % (name_of(recipe), cell(answer), answer["known_by"]))
        head, rest = text.split(start)
        text = head + start + "\n".join(rows) + "\n" + end + rest.split(end)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", nargs="*", metavar="NAME")
    parser.add_argument("--tier", choices=TIERS, action="append", help="this one only")
    parser.add_argument("--limit", type=float, default=20, help="seconds for each problem, solver and measure")
    parser.add_argument("--program", default="target/release/extentplan")
    arguments = parser.parse_args()
    limits = {"own": max(arguments.limit, 5), "peers": arguments.limit}
    for tier in arguments.tier or TIERS:
        recipes = TIERS[tier]
        os.makedirs(os.path.join(FOLDER, tier), exist_ok=True)
        for recipe in recipes:
            base = os.path.join(FOLDER, tier, name_of(recipe))
            if os.path.exists(base + ".answer.json"):
                with open(base + ".answer.json", encoding="utf-8") as file:
                    before = json.load(file)
                named = arguments.again is not None and name_of(recipe) in arguments.again
                if named or arguments.again == [] and before["status"] == "envelope":
                    after = once_more(arguments.program, base + ".json", limits, before)
                    print(name_of(recipe), cell(before), "->", cell(after), flush=True)
                    write(base + ".answer.json", recipe, {k: v for k, v in after.items() if k not in ("made_by", "why")})
                continue
            print(name_of(recipe), flush=True)
            made = subprocess.run([arguments.program, "generate", *recipe.split()], capture_output=True, check=True)
            with open(base + ".json", "wb") as file:
                file.write(made.stdout)
            answer = answered(arguments.program, base + ".json", limits)
            print("  ", tier, cell(answer), answer["known_by"], flush=True)
            with tempfile.TemporaryDirectory() as folder:
                mps = os.path.join(folder, "program.mps")
                if solvers.export(arguments.program, base + ".json", mps):
                    with open(mps, "rb") as file:
                        packed = gzip.compress(file.read(), 9, mtime=0)
                    if len(packed) <= LONGEST_KEPT_BYTES:
                        with open(base + ".mps.gz", "wb") as file:
                            file.write(packed)
            write(base + ".answer.json", recipe, answer)
    if not arguments.tier:
        list_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
