#!/usr/bin/env python3
"""Runs the scripts of `extentplan rearrange` on the real lvm2: in one go, and stopped again and again and started anew.

Both have to end in the same layout, with nothing left undone.

    run_scripts.py target/release/extentplan FIRST LAST     seeds of random volume groups and goals

Prints what differs, and counts. Needs what oracle.py needs.
"""
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle  # noqa: E402

COMMANDS = "pvs lvs vgs pvmove lvcreate lvextend lvresize lvreduce lvremove lvrename vgreduce vgchange pvresize pvchange lvchange lvconvert".split()

WRAPPER = """#!/bin/sh
{exports}
if [ -n "$STOP_AFTER" ] && [ {name} = pvmove ]; then
    case "$*" in
        -t*) ;;
        *)
            left=$(cat "$STOP_AFTER")
            [ "$left" -gt 0 ] || exit 9
            echo $((left - 1)) > "$STOP_AFTER" ;;
    esac
fi
exec {lvm} {name} "$@"
"""


def wrappers(orc):
    """A folder with programs that run lvm2 on the fake disks; pvmove can be told to fail after so many moves."""
    folder = os.path.join(orc.base, "bin")
    os.mkdir(folder)
    exports = "\n".join("export %s='%s'" % item for item in orc.env.items())
    for name in COMMANDS:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(WRAPPER.format(exports=exports, name=name, lvm=orc.lvm))
        os.chmod(path, 0o755)
    return folder


def scenario(r):
    """A random group, and goals for it; the metadata area is on p0, which has to stay."""
    count = r.randrange(3, 6)
    names = ["p%d" % i for i in range(count)]
    shapes = [[], [], ["--type", "raid1", "-m", "1"], ["-i", "2"]]
    steps = []
    for i in range(r.randrange(3, 8)):
        args = r.choice(shapes) + ["-l", str(r.randrange(2, 14)), "-n", "v%d" % i]
        steps.append({"cmd": "lvcreate", "args": args, "pvs": r.sample(names, count)})
    for _ in range(4):
        args = ["-l", "+%d" % r.randrange(1, 6), "v%d" % r.randrange(5)]
        steps.append({"cmd": "lvextend", "args": args, "pvs": r.sample(names, count)})
    if r.random() < 0.5:
        steps.append({"cmd": "lvremove", "args": ["-y", "v0"]})
    whole = ["--room", "--", "lvcreate", "--alloc", "contiguous", "-l", str(r.randrange(8, 20)), "-n", "new"]
    striped = ["--room", "--", "lvcreate", "-i", "2", "-l", str(2 * r.randrange(4, 12)), "-n", "new"]
    few = ["--defragment", "--drain", "p2"]
    goals = r.choice([
        ["--drain", "p2"], ["--shrink", "p1"], whole, ["--drain", "p1"] + striped,
        ["--defragment"], few, ["--defragment", "--budget", "9"], ["--balance"], ["--to"], ["--to"],
    ])
    pvs = [{"name": name, "extents": r.randrange(12, 40)} for name in names]
    return {"pvs": pvs, "steps": steps}, goals


class Bench:
    """The fake disks with what runs on them."""

    def __init__(self, program):
        self.program = program
        self.orc = oracle.Oracle()
        self.path = wrappers(self.orc) + ":/usr/bin:/bin"

    def made(self, js):
        """The file with the metadata of a scenario once it is made."""
        self.orc.run(js)
        path = os.path.join(self.orc.base, "group.vg")
        self.orc.exec_lvm(["vgcfgbackup", "-f", path, "orc_vg"])
        return path

    def picture(self, js, r):
        """Another state of the same group: some of its volumes moved."""
        names = [pv["name"] for pv in js["pvs"]]
        moves = [
            {"cmd": "pvmove", "args": ["--alloc", "anywhere", "-n", "v%d" % r.randrange(6)], "pvs": r.sample(names, 2)}
            for _ in range(8)
        ]
        path = self.made(dict(js, steps=js["steps"] + moves))
        os.replace(path, path + ".picture")
        return path + ".picture"

    def asked(self, path, goals, kind):
        """What the program prints."""
        words = [os.path.join(self.orc.base, "dev", word) if word[:1] == "p" and word[1:].isdigit() else word for word in goals]
        command = [self.program, "rearrange", path, "--format", kind] + words
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode()

    def run(self, script, stop_after=""):
        """Runs a script; with how it ended, and what it said."""
        env = {"PATH": self.path, "STOP_AFTER": stop_after}
        ran = subprocess.run(["sh", "-s"], input=script.encode(), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return ran.returncode, ran.stderr.decode()

    def layout(self):
        """Where everything lies."""
        fields = "pv_name,pvseg_start,pvseg_size,lv_name,seg_start_pe"
        text = self.orc.exec_lvm(["pvs", "-a", "--segments", "--noheadings", "-o", fields])[1]
        return sorted(line.strip() for line in text.splitlines())


def judged(bench, seed, counts):
    """One seed: what is wrong, if anything is."""
    r = random.Random(seed)
    js, goals = scenario(r)
    if goals == ["--to"]:
        goals = goals + [bench.picture(js, r)]
    script = bench.asked(bench.made(js), goals, "commands")
    if "pvmove -t" not in script:
        counts["nothing to move"] += 1
        return None
    moves = len(json.loads(bench.asked(bench.made(js), goals, "json"))["moves"])
    counts["moves"] += moves
    whole, said = bench.run(script)
    if whole != 0:
        return "in one go: %s" % said[-400:]
    expected = bench.layout()
    bench.made(js)
    after = os.path.join(bench.orc.base, "stop")
    for _ in range(moves + 1):
        with open(after, "w", encoding="utf-8") as file:
            file.write("1")
        ended, said = bench.run(script, after)
        if ended == 0:
            break
    again, said_again = bench.run(script)
    if ended != 0 or again != 0:
        return "stopped and started: %s%s" % (said[-400:], said_again[-400:])
    if bench.layout() != expected:
        return "stopped and started it ends elsewhere"
    counts["same end"] += 1
    return None


def main():
    bench = Bench(sys.argv[1])
    counts = {"nothing to move": 0, "moves": 0, "same end": 0, "wrong": 0}
    for seed in range(int(sys.argv[2]), int(sys.argv[3])):
        wrong = judged(bench, seed, counts)
        if wrong:
            counts["wrong"] += 1
            print("seed %d: %s" % (seed, wrong))
    bench.orc.close()
    print(counts)
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
