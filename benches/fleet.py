#!/usr/bin/env python3
"""Measures fleets: volume groups a second by threads, memory, packing, engines, and placements.

    cargo build --release
    python3 benches/fleet.py                          # --hosts 20000; prints a table
    python3 benches/fleet.py --engines local,dask     # needs the package for Python, and the engine
    python3 benches/fleet.py --against-highs 50       # needs highspy: fleets of 20 hosts as integer programs

Every fleet is made by rule from a seed in a folder that goes away again. Processor seconds can be repeated, seconds on the
clock say what the machine had to spare.
"""
import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "target", "release", "extentplan")


def measured(words, out=None):
    """Seconds on the clock and of the processor, and the most memory in MiB, of one run."""
    started = time.monotonic()
    with open(out or os.devnull, "wb") as file:
        child = subprocess.Popen([PROGRAM, *words], stdout=file, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1, 3):
        sys.exit("%s: exit code %d" % (" ".join(words), code))
    return time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def row(name, count, words, out=None):
    clock, cpu, memory = measured(words, out)
    print("| %s | %d | %.1f | %.1f | %.0f | %.0f |" % (name, count, clock, cpu, count / cpu, memory), flush=True)


def table(arguments, folder):
    path = lambda name: os.path.join(folder, name)
    hosts = arguments.hosts
    print("| what | volume groups | s | processor s | a processor second | MiB |")
    print("| --- | --: | --: | --: | --: | --: |")
    row("generate fleet", hosts, ["generate", "fleet", "--hosts", str(hosts)], path("fleet.jsonl"))
    with open(path("fleet.jsonl"), "rb") as plain, gzip.open(path("fleet.gz"), "wb", 1) as packed:
        packed.write(plain.read())
    for threads in (1, 2):
        words = ["fleet", "audit", path("fleet.jsonl"), "--format", "jsonl", "--threads", str(threads)]
        row("audit, %d threads" % threads, hosts, words)
    row("audit of gzip", hosts, ["fleet", "audit", path("fleet.gz"), "--format", "jsonl"])
    row("survive", hosts, ["fleet", "survive", path("fleet.jsonl"), "--format", "jsonl"])
    few = min(hosts, 2000)
    with open(path("fleet.jsonl"), "rb") as plain, open(path("few.jsonl"), "wb") as start:
        start.writelines(next(plain) for _ in range(few))
    for name, words in [
        ("capacity of raid1", ["capacity", path("few.jsonl"), "--each", "2s", "--", "lvcreate", "--type", "raid1", "-m", "1"]),
        ("plan of raid5", ["plan", path("few.jsonl"), "--each", "2s", "--", "lvcreate", "--type", "raid5", "-i", "3", "-L", "300g"]),
    ]:
        row(name, few, ["fleet", *words])
    print("\n| placement | value | bound | gap | s | processor s |\n| --- | --: | --: | --: | --: | --: |")
    for count, wanted in [(hosts, hosts // 5), (few, 20 * few)]:
        fleet = path("fleet.jsonl") if count == hosts else path("few.jsonl")
        requests = subprocess.run(
            [PROGRAM, "generate", "fleet", "--hosts", str(count), "--requests", str(wanted)], capture_output=True, check=True
        ).stdout
        with open(path("requests"), "wb") as file:
            file.write(requests)
        clock, cpu, _ = measured(["fleet", "place", fleet, path("requests"), "--json"], path("placed"))
        with open(path("placed")) as file:
            placed = json.load(file)
        gap = 100 * (placed["bound"] - placed["value"]) / max(1, placed["bound"])
        name = "%d hosts, %d volumes" % (count, wanted)
        print("| %s | %d | %d | %.2f %% | %.1f | %.1f |" % (name, placed["value"], placed["bound"], gap, clock, cpu), flush=True)


def engines(arguments, folder):
    """Rows a second of each engine, beside the program itself on as many threads."""
    import extentplan

    fleet = os.path.join(folder, "fleet.jsonl")
    measured(["generate", "fleet", "--hosts", str(arguments.hosts)], fleet)
    plain, _, _ = measured(["fleet", "audit", fleet, "--format", "jsonl", "--threads", "2"])
    print("\n| engine | workers | s | times the program's |\n| --- | --: | --: | --: |")
    print("| program | 2 | %.1f | 1 |" % plain)
    for engine in arguments.engines.split(","):
        for workers in (1, 2, 4):
            started = time.monotonic()
            count = sum(1 for _ in extentplan.fleet.run(fleet, "audit", engine=engine, workers=workers))
            took = time.monotonic() - started
            assert count == arguments.hosts, count
            print("| %s | %d | %.1f | %.2f |" % (engine, workers, took, took / plain), flush=True)


def against_highs(arguments, folder):
    """Scarce fleets of 20 hosts with linear volumes, which fit wherever extents are free: the integer program is exact."""
    import highspy

    path = lambda name: os.path.join(folder, name)
    same = proven = 0
    for case in range(arguments.against_highs):
        drawn = random.Random(case)
        hosts = [drawn.randint(50, 400) for _ in range(20)]
        classes = [(drawn.randint(20, 150), drawn.randint(3, 12), drawn.randint(10, 99)) for _ in range(10)]
        with open(path("fleet"), "w") as file:
            for index, extents in enumerate(hosts):
                source = {"name": "sda", "extents": extents, "free": [[0, extents]]}
                pool = {"schema": "extentplan/problem/1", "extent_bytes": 4 << 20, "sources": [source], "requests": []}
                file.write(json.dumps({"host": "h%d" % index, "pool": pool}) + "\n")
        with open(path("requests"), "w") as file:
            for index, (extents, count, value) in enumerate(classes):
                command = ["lvcreate", "-l", str(extents)]
                file.write(json.dumps({"name": "c%d" % index, "command": command, "count": count, "value": value}) + "\n")
        clock, _, _ = measured(["fleet", "place", path("fleet"), path("requests"), "--json"], path("placed"))
        with open(path("placed")) as file:
            placed = json.load(file)
        model = highspy.Highs()
        model.setOptionValue("output_flag", False)
        model.setOptionValue("mip_rel_gap", 0.0)
        model.setOptionValue("time_limit", 60.0)
        x = {
            (host, one): model.addIntegral(lb=0, ub=classes[one][1])
            for host in range(len(hosts))
            for one in range(len(classes))
        }
        for host, extents in enumerate(hosts):
            model.addConstr(sum(classes[one][0] * x[host, one] for one in range(len(classes))) <= extents)
        for one, (_, count, _) in enumerate(classes):
            model.addConstr(sum(x[host, one] for host in range(len(hosts))) <= count)
        model.maximize(sum(classes[one][2] * x[host, one] for host, one in x))
        best = round(model.getObjectiveValue())
        dual = model.getInfo().mip_dual_bound
        same += placed["value"] == best
        proven += placed["value"] == placed["bound"]
        assert placed["value"] <= dual + 0.5 and placed["bound"] >= best, (case, placed["value"], best)
        print("%d: %d of at most %d in %.1f s; HiGHS %d, bound %.1f" % (case, placed["value"], placed["bound"], clock, best, dual))
    print("the same value in %d of %d, proven without HiGHS in %d" % (same, arguments.against_highs, proven))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=20000)
    parser.add_argument("--engines", default="")
    parser.add_argument("--against-highs", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.engines:
            engines(arguments, folder)
        elif arguments.against_highs:
            against_highs(arguments, folder)
        else:
            table(arguments, folder)


if __name__ == "__main__":
    main()
