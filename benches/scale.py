#!/usr/bin/env python3
"""Measures what a run costs as pools grow: seconds on the clock, processor seconds, peak memory.

    cargo build --release
    python3 benches/scale.py --write BENCHMARK.md

Every input is made by rule from a seed (benches/pools.py) in a folder that goes away again. Each row is
one run of the program with one thread. Rows of `plan` print the commands, each tried on the simulated
LVM2. `lvcreate` is the real one, where it is installed (tests/lvm2/oracle.py), asked for the same volume
of the same pool. Time on the clock says what the machine had to spare; processor time can be repeated.
"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

import peers
import pools

HERE = os.path.dirname(os.path.abspath(__file__))


class Made:
    """Inputs by name, each made once and written to a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}

    def file(self, name, text):
        if name not in self.files:
            path = os.path.join(self.folder, name)
            # In a process of its own: what a run takes is counted from what its parent has.
            child = os.fork()
            if child == 0:
                with open(path, "w") as file:
                    file.write(text())
                os._exit(0)
            os.waitpid(child, 0)
            self.files[name] = path
        return self.files[name]


def vast(made):
    return made.file("vast.vg", lambda: pools.metadata(pools.pool(100000, 2, 1), 20000))


def vast_report(made):
    return made.file("vast.json", lambda: pools.report(pools.pool(100000, 2, 1), 20000))


def vast_tagged(made):
    tags = lambda index: ["rack%d" % (index % 5000), "row%d" % (index % 50)]
    return made.file("tagged.vg", lambda: pools.metadata(pools.pool(100000, 1, 2, tags=tags), 5000))


def large(made):
    return made.file("large.vg", lambda: pools.metadata(pools.pool(10000, 20, 1), 500))


def middle(made):
    return made.file("middle.vg", lambda: pools.metadata(pools.pool(500, 8, 1), 50))


def holes(made, disks):
    return made.file("holes%d.vg" % disks, lambda: pools.metadata(pools.pool(disks, 20, 1), 20))


def volumes(made):
    return made.file("volumes.vg", lambda: pools.metadata(pools.pool(40, 450, 3, extents=(1, 9)), 6000))


def pieces(made):
    return made.file("pieces.vg", lambda: pools.metadata(pools.pool(20, 10000, 3, extents=(1, 9)), 20))


def racks(made):
    names = ["rack%d" % rack for rack in range(5000)]
    request = {"name": "data", "extents": 160000, "stripes": 8, "parity": 2, "metadata": 1, "partition_by_tags": names}
    tags = lambda index: ["rack%d" % (index % 5000)]
    return made.file("racks.json", lambda: pools.problem(pools.pool(100000, 2, 1, tags=tags), [request]))


def many(made, policy, least, spread):
    requests = [{"name": "l%d" % index, "extents": least + index * 37 % spread, "policy": policy} for index in range(5000)]
    return made.file("many-%s.json" % policy, lambda: pools.problem(pools.pool(2500, 8, 1, extents=(30, 90)), requests))


def lines(made):
    words = ["lvcreate -l %d -n v%d vg0\n" % (20 + index * 7 % 50, index) for index in range(200)]
    return made.file("lines.txt", lambda: "".join(words))


RAID6 = ["--type", "raid6", "-i", "4"]
COMMANDS = ["--format", "commands"]

# What is run, what is to be reached, and the words; a function makes a file.
ROWS = [
    ("100,000 PVs, `show`", "3 s, 500 MB", ["show", vast]),
    ("the same, `--format svg`", "", ["show", vast, "--format", "svg"]),
    ("the same, `--format json`", "", ["show", vast, "--format", "json"]),
    ("the same, `audit`", "3 s, 500 MB", ["audit", vast]),
    ("the same, `plan`, raid6 of 1 TiB", "3 s, 500 MB", ["plan", vast, *COMMANDS, "--", "lvcreate", *RAID6, "-L", "1T", "-n", "x"]),
    ("the same, 100 GiB, text", "3 s, 500 MB", ["plan", vast, "--", "lvcreate", *RAID6, "-L", "100G", "-n", "x"]),
    ("the same, html", "", ["plan", vast, "--format", "html", "--", "lvcreate", *RAID6, "-L", "100G", "-n", "x"]),
    ("the same, `compare`", "3 s, 500 MB", ["compare", vast, "--", "lvcreate", *RAID6, "-L", "100G", "-n", "x"]),
    ("the same, `capacity`", "3 s, 500 MB", ["capacity", vast, "--", "lvcreate", "-i", "2", "-n", "x"]),
    ("the same, `capacity --survive`", "3 s, 500 MB", ["capacity", vast, "--survive", "1"]),
    ("the same, `export`", "3 s, 500 MB", ["export", vast, "--", "lvcreate", "-L", "100G", "-n", "x"]),
    ("the same, 5,000 racks as tags, `plan`", "", ["plan", vast_tagged, *COMMANDS, "--config", 'allocation/cling_tag_list=["@*"]',
                                                 "--", "lvcreate", *RAID6, "-L", "100G", "-n", "x"]),
    ("its report as JSON, `show`", "", ["show", vast_report]),
    ("10,000 PVs x 20 areas, raid6 of 4 TiB", "2 s", ["plan", large, *COMMANDS, "--", "lvcreate", *RAID6, "-L", "4T", "-n", "x"]),
    ("the same, mirror of 3 x 2 TiB", "", ["plan", large, *COMMANDS, "--", "lvcreate", "--type", "mirror", "-m", "2", "-L", "2T", "-n", "x"]),
    ("the same, raid1 of 4 x 1 TiB", "", ["plan", large, *COMMANDS, "--", "lvcreate", "--type", "raid1", "-m", "3", "-L", "1T", "-n", "x"]),
    ("the same, linear of 8 TiB", "", ["plan", large, *COMMANDS, "--", "lvcreate", "-L", "8T", "-n", "x"]),
    ("the same, 200 requests in a file", "", ["plan", large, lines, *COMMANDS]),
    ("200 PVs of 20 holes, `-l 100%FREE`", "1 command", ["plan", lambda made: holes(made, 200), *COMMANDS, "--", "lvcreate", "-l", "100%FREE", "-n", "x"]),
    ("400 PVs of 20 holes, `-l 100%FREE`", "1 command", ["plan", lambda made: holes(made, 400), *COMMANDS, "--", "lvcreate", "-l", "100%FREE", "-n", "x"]),
    ("20 PVs of 10,000 holes, `show`", "", ["show", pieces]),
    ("the same, `-l 100%FREE`", "1 command", ["plan", pieces, *COMMANDS, "--", "lvcreate", "-l", "100%FREE", "-n", "x"]),
    ("40 PVs with 6,000 volumes, `audit`", "a summary", ["audit", volumes]),
    ("100,000 sources, 5,000 racks, raid6", "2 s", ["plan", racks, "--json"]),
    ("5,000 linear on 2,500 sources", "2 s, 300 MB", ["plan", lambda made: many(made, "normal", 100, 120), "--json"]),
    ("5,000 contiguous on 2,500 sources", "2 s", ["plan", lambda made: many(made, "contiguous", 10, 50), "--json"]),
]

# Requests for 500 PVs x 8 areas, which the real lvcreate is asked, too: the type, and extents.
BESIDE = [("raid6 -i4", [*RAID6, "-l", "40000"]), ("striped -i4", ["-i", "4", "-l", "20000"]), ("linear", ["-l", "4000"])]


def measured(words, limit):
    """Seconds on the clock, of the processor, megabytes, and what was printed; None past the limit."""
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        child = subprocess.Popen(words, stdout=out, stderr=subprocess.DEVNULL,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1)))
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        clock = time.monotonic() - started
        out.seek(0)
        text = out.read()
    ended = child.returncode >= 0
    return ended, clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text


def row(name, goal, program, words, limit):
    ended, clock, processor, megabytes, text = measured([program, *words], limit)
    printed = text.splitlines()
    commands = sum(line.startswith((b"lvcreate ", b"lvextend ", b"lvconvert ", b"lvchange ")) for line in printed)
    what = "%d commands" % commands if "commands" in words else "%d lines" % len(printed)
    if not ended:
        return "| %s | %s | stopped | > %d | %.0f | |" % (name, goal, limit, megabytes)
    return "| %s | %s | %.2f | %.2f | %.0f | %s |" % (name, goal, clock, processor, megabytes, what)


def lvcreate(made, arguments):
    """Seconds on the clock and of the processor of the real lvcreate, the quickest of three."""
    sys.path.insert(0, os.path.join(HERE, "..", "tests", "lvm2"))
    os.environ["ORC_NO_SERVE"] = "1"
    import oracle
    best = None
    for _ in range(3):
        machine = oracle.Oracle()
        plain, spent = machine.run_lvm, []

        def timed(words):
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            result = plain(words)
            clock, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append((clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
            return result

        machine.run_lvm = timed
        try:
            step = {"cmd": "lvcreate", "args": [*arguments, "-n", "x"]}
            result = machine.run(pools.scenario_of(made, [step]), compact=True)
        finally:
            machine.close()
        if not result["steps"][0]["ok"]:
            return None, result["steps"][0]["stderr"].splitlines()[-1]
        best = min([best, spent[-1]] if best else [spent[-1]])
    return best, "places it"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/extentplan")
    parser.add_argument("--limit", type=int, default=120, help="most processor seconds of a run")
    parser.add_argument("--only", default="", help="rows whose name has this in it")
    parser.add_argument("--write", metavar="FILE", help="refresh the section `scale` of this file")
    arguments = parser.parse_args()
    table = ["| what | to reach | clock, s | processor, s | MB | printed |", "| --- | --- | --: | --: | --: | --- |"]
    with tempfile.TemporaryDirectory() as folder:
        made = Made(folder)
        for name, goal, words in ROWS:
            if arguments.only in name:
                words = [word(made) if callable(word) else word for word in words]
                threads = [] if words[0] in ("show", "audit", "export") else ["--threads", "1"]
                table.append(row(name, goal, arguments.program, words[:2] + threads + words[2:], arguments.limit))
                print(table[-1], flush=True)
        for name, request in BESIDE:
            title = "500 PVs x 8 areas, " + name
            if arguments.only not in title:
                continue
            words = ["plan", middle(made), "--threads", "1", *COMMANDS, "--", "lvcreate", *request, "-n", "x"]
            table.append(row(title, "below lvcreate", arguments.program, words, arguments.limit))
            print(table[-1], flush=True)
            try:
                spent, words = lvcreate(pools.pool(500, 8, 1), request)
            except Exception as problem:
                spent, words = None, "does not run here: %s" % problem
            times = ("%.2f" % spent[0], "%.2f" % spent[1]) if spent else ("", "")
            table.append("| `lvcreate` %s itself | | %s | %s | | %s |" % (name, *times, words))
            print(table[-1], flush=True)
    if arguments.write:
        peers.replace_section(arguments.write, "scale", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
