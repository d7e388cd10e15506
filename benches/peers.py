#!/usr/bin/env python3
"""Gives the same exported integer programs to other solvers, with the same time limit.

    pip install highspy ortools
    cargo build --release
    python3 benches/peers.py --limit 5 models/easy/*.json

extentplan is asked for the whole objective, proof included, reading the file included. The others get the program
of the first measure as MPS; their time is that of solving, without building and reading the model.
HiGHS comes from highspy; CP-SAT, SCIP and CBC are those that ortools brings along.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time


def run_ours(program, path, limit):
    start = time.monotonic()
    words = [program, "plan", path, "--format", "json", "--time-limit", "%gs" % limit]
    done = subprocess.run(words, capture_output=True, text=True)
    seconds = time.monotonic() - start
    if not done.stdout.strip():
        return "error", None, seconds
    answer = json.loads(done.stdout)
    cost = answer.get("cost")
    value = next(iter(cost.values())) if cost else None
    words = {"best": "proved", "impossible": "proved", "found": "found", "unknown": "nothing"}
    return words[answer["status"]], value, seconds


def run_highs(mps, limit):
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", float(limit))
    # The tolerance that is usual would call a plan best that is not.
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.999)
    solver.readModel(mps)
    start = time.monotonic()
    solver.run()
    seconds = time.monotonic() - start
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return "proved", None, seconds
    value = solver.getInfo().objective_function_value
    if status == highspy.HighsModelStatus.kOptimal:
        return "proved", round(value), seconds
    if solver.getInfo().primal_solution_status == 2 and math.isfinite(value):
        return "found", round(value), seconds
    return "nothing", None, seconds


def run_ortools(backend):
    def run(mps, limit):
        from ortools.linear_solver.python import model_builder

        model = model_builder.Model()
        if not model.import_from_mps_file(mps):
            return "error", None, 0.0
        solver = model_builder.Solver(backend)
        if not solver.solver_is_supported():
            return "absent", None, 0.0
        solver.set_time_limit_in_seconds(limit)
        if backend == "sat":
            solver.set_solver_specific_parameters("num_workers:1")
        start = time.monotonic()
        status = solver.solve(model)
        seconds = time.monotonic() - start
        if status == model_builder.SolveStatus.INFEASIBLE:
            return "proved", None, seconds
        if status == model_builder.SolveStatus.OPTIMAL:
            return "proved", round(solver.objective_value), seconds
        if status == model_builder.SolveStatus.FEASIBLE:
            return "found", round(solver.objective_value), seconds
        return "nothing", None, seconds

    return run


PEERS = {"HiGHS": run_highs, "CP-SAT": run_ortools("sat"), "SCIP": run_ortools("scip"), "CBC": run_ortools("cbc")}


def run_alone(name, mps, limit):
    """In a process of its own: highspy and ortools cannot be loaded into one."""
    words = [sys.executable, os.path.abspath(__file__), "--one", name, "--limit", str(limit), mps]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=limit * 4 + 20)
    except subprocess.TimeoutExpired:
        return "nothing", None, limit * 4 + 20
    if done.returncode != 0 or not done.stdout.strip():
        print(done.stderr, file=sys.stderr)
        return "error", None, 0.0
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems", nargs="+")
    parser.add_argument("--limit", type=float, default=5, help="seconds for each problem and solver")
    parser.add_argument("--one", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--program", default="target/release/extentplan")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(PEERS[arguments.one](arguments.problems[0], arguments.limit)))
        return 0
    names = ["extentplan", *PEERS]
    proved = dict.fromkeys(names, 0)
    spent = dict.fromkeys(names, 0.0)
    print("| problem | " + " | ".join(names) + " |\n|" + " --- |" * (len(names) + 1))
    wrong = 0
    for path in arguments.problems:
        if path.endswith(".answer.json"):
            continue
        results = {"extentplan": run_ours(arguments.program, path, arguments.limit)}
        with tempfile.TemporaryDirectory() as folder:
            mps = os.path.join(folder, "program.mps")
            exported = subprocess.run([arguments.program, "export", path, "--format", "mps"], capture_output=True, text=True)
            with open(mps, "w", encoding="ascii") as file:
                file.write(exported.stdout)
            for name in PEERS:
                results[name] = run_alone(name, mps, arguments.limit) if exported.returncode == 0 else ("no program", None, 0.0)
        values = {value for word, value, _ in results.values() if word == "proved"}
        wrong += len(values) > 1
        cells = []
        for name, (word, value, seconds) in results.items():
            proved[name] += word == "proved"
            spent[name] += seconds
            shown = "none" if value is None else str(value)
            cells.append("%s %s, %.3f s" % (word, shown, seconds) if word in ("proved", "found") else word)
        print("| `%s` | %s |" % (os.path.basename(path)[:-5], " | ".join(cells)), flush=True)
    print("| **proved** | " + " | ".join(str(proved[name]) for name in names) + " |")
    print("| **seconds in all** | " + " | ".join("%.1f" % spent[name] for name in names) + " |")
    print("| **ratio** | " + " | ".join("%.2f" % (spent[name] / spent["extentplan"]) for name in names) + " |")
    if wrong:
        print("%d problems with different proved values" % wrong, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
