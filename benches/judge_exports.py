#!/usr/bin/env python3
"""Has other solvers read exported programs back, HiGHS (LP, MPS) and SCIP (OPB), and compares their optima with known answers.

    python3 benches/judge_exports.py [--time-limit 60] [--incumbents] FOLDER...

Needs `pip install highspy pyscipopt` and a built program (`cargo build --release`, or --program). A FOLDER holds
NAME.json with NAME.answer.json beside it. Every problem is exported as LP, as MPS and as OPB, in each
formulation that takes it, and solved measure by measure, each value found pinned for the next. Exit
code 0: every optimum that was proved is the known one.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import highspy
import pyscipopt

FORMULATIONS = ["areas", "counted", "bundles"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--program", default="target/release/extentplan")
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds per measure")
    parser.add_argument("--most-columns", type=int, default=20_000, help="larger ones are left out")
    parser.add_argument(
        "--incumbents",
        action="store_true",
        help="export with the plan in plans/NAME.plan.json in hand, which makes programs smaller",
    )
    arguments = parser.parse_args()
    counts = {"same": 0, "open": 0, "large": 0, "DIFFERENT": 0}
    for folder in arguments.folders:
        for answer_file in sorted(folder.glob("*.answer.json")):
            name = answer_file.name.removesuffix(".answer.json")
            answer = json.loads(answer_file.read_text())
            for verdict in judge(folder / f"{name}.json", answer, arguments):
                counts[verdict] += 1
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    sys.exit(1 if counts["DIFFERENT"] else 0)


def judge(problem, answer, arguments):
    """One verdict per formulation and format."""
    objective = json.loads(problem.read_text()).get("objective") or ["segments", "sources"]
    # Measures that optional and "at most" requests put in front are in the answer alone.
    added = [measure for measure in answer.get("cost", {}) if measure not in objective]
    objective = added + objective
    for formulation in FORMULATIONS:
        for form in ["lp", "mps", "opb"]:
            label = f"{problem.stem:34} {formulation:8} {form:4}"
            export = [arguments.program, "export", str(problem), "--formulation", formulation]
            export += ["--format", form]
            plan = problem.parent / "plans" / f"{problem.stem}.plan.json"
            if arguments.incumbents and plan.exists():
                export += ["--incumbent", str(plan)]
            found = {}
            verdict = None
            for measure in objective:
                pins = [word for pair in found.items() for word in ("--pin", "{}={}".format(*pair))]
                run = subprocess.run(
                    export + ["--measure", measure] + pins, capture_output=True, text=True
                )
                if run.returncode != 0:
                    # A formulation that does not take the problem, or has no room for it, says so.
                    print(label, run.stderr.strip().splitlines()[0])
                    break
                by = scip if form == "opb" else highs
                verdict, value = judged(*by(run.stdout, form, arguments), measure, answer)
                if verdict != "same" or value is None:
                    break
                found[measure] = value
            if verdict:
                print(label, verdict, found or answer["status"], flush=True)
                yield verdict


def highs(text, form, arguments):
    """How the search of HiGHS ended, and the value if there is a solution."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", arguments.time_limit)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.5)
    with tempfile.NamedTemporaryFile("w", suffix=f".{form}") as file:
        file.write(text)
        file.flush()
        if solver.readModel(file.name) != highspy.HighsStatus.kOk:
            return "unreadable", None
    if solver.getNumCol() > arguments.most_columns:
        return "large", None
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return "infeasible", None
    if status != highspy.HighsModelStatus.kOptimal:
        return "open", None
    return "optimal", round(solver.getInfo().objective_function_value)


def scip(text, form, arguments):
    """The same by SCIP; what an OPB has to be increased by stands in a comment."""
    solver = pyscipopt.Model()
    solver.hideOutput()
    solver.setParam("limits/time", arguments.time_limit)
    with tempfile.NamedTemporaryFile("w", suffix=f".{form}") as file:
        file.write(text)
        file.flush()
        solver.readProblem(file.name)
    if solver.getNVars() > arguments.most_columns:
        return "large", None
    solver.optimize()
    status = solver.getStatus()
    if status != "optimal":
        return (status if status == "infeasible" else "open"), None
    constants = re.findall(r"^\* \S+ = (-?\d+) \+ the objective$", text, re.MULTILINE)
    return "optimal", round(solver.getObjVal()) + sum(map(int, constants))


def judged(status, value, measure, answer):
    """The verdict on one measure, and its value if there is a solution."""
    if status in ("large", "open"):
        return status, None
    if status == "infeasible" and answer["status"] == "impossible":
        return "same", None
    if status != "optimal" or answer["status"] == "impossible":
        return "DIFFERENT", None
    known = answer["cost"].get(measure)
    if isinstance(known, dict):
        is_same = known["bound"] <= value <= known["known"]
    else:
        is_same = known in (None, value)
    return ("same" if is_same else "DIFFERENT"), value


main()
