#!/usr/bin/env python3
"""Random commands by the syntax that `lvm help` shows: every verb with any of its options, sense or no sense.

  gen_syntax.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

A few volumes are made, hidden parts and all, on 1 to 40 disks; then come commands whose options are drawn from those
that `options.txt` has for the verb. The same seed and count always give the same lines.
"""

import argparse
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VERBS = ["lvcreate", "lvextend", "lvreduce", "lvresize", "lvconvert", "lvchange", "lvremove", "lvrename"]
TYPES = ["linear", "striped", "raid0", "raid1", "raid4", "raid5", "raid6", "raid10", "mirror", "snapshot", "thin",
         "thin-pool", "cache-pool", "cache", "writecache"]
ONCE = ["y", "n"]
# What is given to an option; those that are not here print, need other programs, or are of the machine.
VALUES = {
    "activate": ["y", "n", "ey", "ly", "ay"], "addtag": ["t1", "t2"], "deltag": ["t1"],
    "alloc": ["normal", "contiguous", "cling", "anywhere", "inherit"], "autobackup": ONCE, "cachemode": ["writeback", "writethrough"],
    "cachepolicy": ["smq", "cleaner"], "cachepool": ["pool", "lin"], "chunksize": ["64k", "128k"], "contiguous": ONCE,
    "discards": ["passdown", "ignore", "nopassdown"], "errorwhenfull": ONCE, "extents": None,
    "ignoreactivationskip": [], "ignoremonitoring": [], "maxrecoveryrate": ["100"], "minrecoveryrate": ["10"],
    "mirrorlog": ["core", "disk"], "corelog": [], "mirrors": ["0", "1", "2", "+1", "-1"], "monitor": ["n"], "name": ["new", "lin"],
    "noudevsync": [], "nosync": [], "permission": ["r", "rw"], "persistent": ["n"], "poll": ["n"],
    "poolmetadatasize": ["4m", "8m", "+4m"], "poolmetadataspare": ONCE, "quiet": [], "readahead": ["auto", "none", "256"],
    "refresh": [], "regionsize": ["512k", "1m", "2m"], "resync": [], "setactivationskip": ONCE, "setautoactivation": ONCE,
    "size": None, "snapshot": [], "splitcache": [], "splitmirrors": ["1"], "stripes": ["1", "2", "3"], "stripesize": ["64", "128"],
    "syncaction": ["check", "repair"], "thin": [], "thinpool": ["pool", "lin"], "trackchanges": [], "type": TYPES, "uncache": [],
    "virtualsize": ["64m", "1g"], "wipesignatures": ["n"], "writebehind": ["512"], "yes": [], "zero": ONCE, "force": [],
    "merge": [], "raidintegrity": ["y"], "test": [], "verbose": [], "nofsck": [],
}
# What the volumes that there are from the start are called, and how they are made.
MADE = [
    ("lin", ["-l", "6"]), ("str", ["-i", "2", "-l", "8"]), ("r1", ["--type", "raid1", "-m", "1", "-l", "5"]),
    ("r5", ["--type", "raid5", "-i", "2", "-l", "8"]), ("r10", ["--type", "raid10", "-i", "2", "-m", "1", "-l", "8"]),
    ("mir", ["--type", "mirror", "-m", "1", "-l", "5"]), ("pool", ["--type", "thin-pool", "-l", "10", "--poolmetadatasize", "4m"]),
    ("cp", ["--type", "cache-pool", "-l", "6"]), ("more", ["-l", "4"]),
]
HIDDEN = ["r1_rimage_0", "r5_rmeta_1", "pool_tdata", "pool_tmeta", "mir_mlog", "mir_mimage_1", "lvol0_pmspare", "cp_cdata"]


def options():
    by_verb = {verb: [] for verb in VERBS}
    with open(os.path.join(HERE, "options.txt")) as lines:
        for line in lines:
            verb, name, _, kind = line.split()
            if verb in by_verb and name in VALUES:
                by_verb[verb].append((name, kind == "flag"))
    return by_verb


def size(r, verb):
    sign = {"lvcreate": [""], "lvextend": ["+", "+", ""], "lvreduce": ["-", "-", ""]}.get(verb, ["+", "-", ""])
    return r.choice(sign) + str(r.choice([1, 2, 3, 5, 8, 13, 40]))


def command(r, by_verb, names, devices):
    verb = r.choice(VERBS)
    if verb == "lvrename":
        old, new = r.choice(names), r.choice(["renamed", "x_rimage_0", "snapshot1", r.choice(names)])
        return {"cmd": verb, "args": r.choice([["@VG@", old, new], ["@VG@/" + old, new], ["@VG@/" + old, "other/" + new]]),
                "raw": True}
    if verb == "lvremove":
        return {"cmd": verb, "args": ["-f", "@VG@/" + r.choice(names)], "raw": True}
    args = []
    if verb in ("lvcreate", "lvextend", "lvreduce", "lvresize") and r.random() < 0.93:
        args += ["-l", size(r, verb)] if r.random() < 0.7 else ["-L", size(r, verb) + "m"]
    if verb in ("lvreduce", "lvresize"):
        args.append("-f")
    given = {"extents", "size", "force", "yes"}
    for _ in range(r.choice([0, 1, 1, 1, 2, 2, 3])):
        name, is_flag = r.choice(by_verb[verb])
        if name in given or VALUES[name] is None:
            continue
        given.add(name)
        args.append("--" + name)
        if not is_flag:
            args.append(r.choice(VALUES[name] or ["y"]))
    made = {"cmd": verb, "args": args}
    if verb == "lvcreate":
        if "name" not in given:
            args += ["-n", "n%d" % r.randrange(1000)]
        if r.random() < 0.25:
            made = {"cmd": verb, "args": args + ["@VG@/" + r.choice(names)], "raw": True}
    else:
        made["args"] = args + [r.choice(names)]
    if r.random() < 0.12 and verb in ("lvcreate", "lvextend", "lvresize", "lvconvert") and not made.get("raw"):
        made["pvs"] = [r.choice(devices) for _ in range(r.choice([1, 2, 3]))]
    return made


def scenario(seed, index, by_verb):
    r = random.Random("syntax/%s/%s" % (seed, index))
    count = r.choice([1, 2, 3, 4, 5, 6, 8, 12, 20, 40])
    pvs = [{"name": "p%d" % i, "extents": r.choice([20, 30, 50, 80])} for i in range(count)]
    js = {"id": "s%s-%d" % (seed, index), "extent_size_kib": r.choice([4096, 4096, 1024, 512]), "pvs": pvs,
          "active": r.random() < 0.7}
    made = [MADE[0]] + r.sample(MADE[1:], r.choice([1, 2, 3, 4]))
    js["steps"] = [{"cmd": "lvcreate", "args": args + ["-n", name]} for name, args in made]
    names = [name for name, _ in made] * 6
    names += [name for name in HIDDEN if name.split("_")[0] in names or name.startswith("lvol0")] + ["nothing"]
    for _ in range(r.choice([4, 6, 8])):
        js["steps"].append(command(r, by_verb, names, [pv["name"] for pv in pvs]))
    return js


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--seed", default="1")
    ap.add_argument("--count", type=int, default=100)
    a = ap.parse_args()
    by_verb = options()
    for index in range(a.count):
        sys.stdout.write(json.dumps(scenario(a.seed, index, by_verb), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
