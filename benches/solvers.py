#!/usr/bin/env python3
"""Other solvers of integer programs, each asked in a process of its own about an MPS file.

    python3 benches/solvers.py NAME LIMIT FILE.mps      prints the verdict as JSON

HiGHS comes from highspy, CP-SAT from ortools, SCIP from pyscipopt, exact from the package of its name, CBC
from the program `cbc` (Debian: coinor-cbc). Each gets one thread and no gap. What is not installed is "absent". Limits and
times are seconds of the processor, so that they mean the same on a busy machine.
"""
import contextlib
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time

WIDEST = 1e15


def verdict(word, value=None, bound=None, seconds=0.0):
    """`proved` with a value, or with none where there is no plan; `found`; `nothing`; `absent`; `error`."""
    return {"word": word, "value": value, "bound": bound, "seconds": seconds}


def upward(bound):
    """A bound on a whole number from a bound in floats."""
    return math.ceil(bound - 1e-6) if bound is not None and abs(bound) < WIDEST else None


def children_seconds():
    """Processor seconds of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def stopped_after(limit, stop):
    """Calls `stop` once this process has used so many more seconds of the processor."""
    start, is_done = time.process_time(), threading.Event()

    def watch():
        while not is_done.wait(0.02):
            if time.process_time() - start > limit:
                stop()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_done.set()
        watcher.join()


def run_highs(mps, limit):
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    # The gap that is usual would call a plan best that is not; less than a whole one is none.
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.999)
    solver.readModel(mps)
    solver.HandleUserInterrupt = True
    start = time.process_time()
    with stopped_after(limit, solver.cancelSolve):
        solver.startSolve()
        solver.wait()
    seconds = time.process_time() - start
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return verdict("proved", seconds=seconds)
    info = solver.getInfo()
    value = info.objective_function_value
    if status == highspy.HighsModelStatus.kOptimal:
        return verdict("proved", round(value), round(value), seconds)
    bound = upward(info.mip_dual_bound)
    if info.primal_solution_status == 2 and math.isfinite(value):
        return verdict("found", round(value), bound, seconds)
    return verdict("nothing", None, bound, seconds)


def run_cp_sat(mps, limit):
    from ortools.linear_solver.python import model_builder

    model = model_builder.Model()
    if not model.import_from_mps_file(mps):
        return verdict("error")
    solver = model_builder.Solver("sat")
    solver.set_solver_specific_parameters("num_workers:1")
    start = time.process_time()
    with stopped_after(limit, solver.stop_search):
        status = solver.solve(model)
    seconds = time.process_time() - start
    if status == model_builder.SolveStatus.INFEASIBLE:
        return verdict("proved", seconds=seconds)
    if status == model_builder.SolveStatus.OPTIMAL:
        value = round(solver.objective_value)
        return verdict("proved", value, value, seconds)
    if status == model_builder.SolveStatus.FEASIBLE:
        return verdict("found", round(solver.objective_value), upward(solver.best_objective_bound), seconds)
    return verdict("nothing", seconds=seconds)


def run_scip(mps, limit):
    import pyscipopt

    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(mps)
    model.setParam("timing/clocktype", 1)
    model.setParam("limits/time", float(limit))
    model.setParam("limits/gap", 0.0)
    model.setParam("lp/threads", 1)
    start = time.process_time()
    model.optimize()
    seconds = time.process_time() - start
    status = model.getStatus()
    if status == "infeasible":
        return verdict("proved", seconds=seconds)
    if status == "optimal":
        value = round(model.getObjVal())
        return verdict("proved", value, value, seconds)
    bound = upward(model.getDualbound())
    if model.getNSols():
        return verdict("found", round(model.getObjVal()), bound, seconds)
    return verdict("nothing", None, bound, seconds)


def run_cbc(mps, limit):
    program = shutil.which("cbc")
    if not program:
        return verdict("absent")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "solution.txt")
        words = [program, mps, "sec", "%g" % limit, "timeMode", "cpu", "threads", "0"]
        words += ["ratio", "0", "allow", "0.999", "solve", "solution", out, "quit"]
        start = children_seconds()
        subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        seconds = children_seconds() - start
        if not os.path.exists(out):
            return verdict("nothing", seconds=seconds)
        with open(out, encoding="ascii") as file:
            line = file.readline()
    if line.startswith(("Infeasible", "Integer infeasible")):
        return verdict("proved", seconds=seconds)
    value = float(line.split("value")[1]) if "value" in line else None
    if line.startswith("Optimal"):
        return verdict("proved", round(value), round(value), seconds)
    if value is not None and "no integer solution" not in line and abs(value) < WIDEST:
        return verdict("found", round(value), seconds=seconds)
    return verdict("nothing", seconds=seconds)


def run_exact(mps, limit):
    """A pseudo-Boolean solver; highspy reads the file for it."""
    import exact
    import highspy

    reader = highspy.Highs()
    reader.setOptionValue("output_flag", False)
    reader.readModel(mps)
    lp = reader.getLp()
    # Columns that may be broken count extents: whole numbers are as good.
    if any(abs(bound) >= WIDEST for bound in [*lp.col_lower_, *lp.col_upper_]):
        return verdict("error")
    rows = [[] for _ in range(lp.num_row_)]
    matrix = lp.a_matrix_
    by_column = matrix.format_ == highspy.MatrixFormat.kColwise
    for outer in range(len(matrix.start_) - 1):
        for at in range(matrix.start_[outer], matrix.start_[outer + 1]):
            inner = matrix.index_[at]
            row, column = (inner, outer) if by_column else (outer, inner)
            rows[row].append((round(matrix.value_[at]), "x%d" % column))
    solver = exact.Exact()
    for column, (lower, upper) in enumerate(zip(lp.col_lower_, lp.col_upper_)):
        solver.addVariable("x%d" % column, math.ceil(lower), math.floor(upper))
    for terms, lower, upper in zip(rows, lp.row_lower_, lp.row_upper_):
        has_lower, has_upper = abs(lower) < WIDEST, abs(upper) < WIDEST
        low, high = math.ceil(lower) if has_lower else 0, math.floor(upper) if has_upper else 0
        solver.addConstraint(terms, has_lower, low, has_upper, high)
    costs = [(round(cost), "x%d" % column) for column, cost in enumerate(lp.col_cost_) if cost]
    solver.setObjective(costs, True, round(lp.offset_))
    start, state = time.process_time(), "TIMEOUT"
    while state == "TIMEOUT" and time.process_time() - start < limit:
        # Its own clock is that on the wall.
        state = solver.runFull(True, 0.2)
    seconds = time.process_time() - start
    value = solver.getBestSoFar() if solver.hasSolution() else None
    if state != "TIMEOUT":
        return verdict("proved", value, value, seconds)
    bound = solver.getDualBound()
    return verdict("nothing" if value is None else "found", value, bound, seconds)


SOLVERS = {"HiGHS": run_highs, "CP-SAT": run_cp_sat, "SCIP": run_scip, "CBC": run_cbc, "exact": run_exact}


def versions():
    """Name and version of what is there."""
    found = []
    for name, module in [("HiGHS", "highspy"), ("CP-SAT", "ortools"), ("SCIP", "pyscipopt"), ("exact", "exact")]:
        try:
            from importlib.metadata import version

            found.append("%s (%s %s)" % (name, module, version(module)))
        except ImportError:
            pass
    if shutil.which("cbc"):
        done = subprocess.run(["cbc", "quit"], capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            if line.startswith("Version:"):
                found.append("CBC " + line.split()[1])
    return found


def run_alone(name, mps, limit):
    """In a process of its own: highspy and ortools cannot be loaded into one."""
    words = [sys.executable, os.path.abspath(__file__), name, str(limit), mps]
    # Reading takes its time, and a busy machine all the more.
    patience = limit * 20 + 60
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        return verdict("nothing", seconds=limit)
    if done.returncode != 0 or not done.stdout.strip():
        if "ModuleNotFoundError" in done.stderr:
            return verdict("absent")
        print(done.stderr, file=sys.stderr)
        return verdict("error")
    return json.loads(done.stdout.splitlines()[-1])


def ask_extentplan(program, path, limit, objective=None):
    """Its answer as a value, with the processor seconds of all of it: start, reading, proof, printing."""
    words = [program, "plan", path, "--format", "json", "--time-limit", "%gs" % limit, "--threads", "1"]
    words += ["--objective", objective] if objective else []
    start = children_seconds()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    seconds = children_seconds() - start
    if not done.stdout.strip():
        raise SystemExit("%s: %s" % (path, done.stderr))
    answer = json.loads(done.stdout)
    answer["seconds"] = seconds
    answer["text"] = done.stdout
    return answer


def export(program, path, mps, measure=None, pins=(), incumbent=None):
    """Writes the integer program as MPS; whether there is one."""
    words = [program, "export", path, "--format", "mps"]
    words += ["--measure", measure] if measure else []
    for name, value in pins:
        words += ["--pin", "%s=%d" % (name, value)]
    words += ["--incumbent", incumbent] if incumbent else []
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return False
    with open(mps, "w", encoding="ascii") as file:
        file.write(done.stdout)
    return True


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in SOLVERS:
        sys.exit(__doc__)
    print(json.dumps(SOLVERS[sys.argv[1]](sys.argv[3], float(sys.argv[2]))))
