#!/usr/bin/env python3
"""Random scenarios of RAID volumes that are reshaped, and of what is done to them before and after.

  gen_reshapes.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

Stripes come and go, stripe sizes and layouts of parity change, and the space that this needs is given
back; between that volumes get other sizes. The same seed and count always give the same lines.
"""

import argparse
import json
import random
import sys

LEVELS = {
    "raid4": ["raid4", "raid5_n"],
    "raid5": ["raid5_ls", "raid5_rs", "raid5_la", "raid5_ra", "raid5_n", "raid5", "raid4", "raid6", "raid6_ls_6"],
    "raid6": ["raid6_zr", "raid6_nr", "raid6_nc", "raid6_n_6", "raid6_ls_6", "raid6", "raid5", "raid5_ls"],
    "raid10": ["raid10", "raid0", "raid5"],
}
PARITY = {"raid4": 1, "raid5": 1, "raid6": 2, "raid10": 0}


def groups(r):
    kib = r.choice([4096, 4096, 4096, 1024, 512, 256, 64])
    pvs = []
    for index in range(r.randint(5, 10)):
        pv = {"name": "p%d" % index, "extents": r.randint(30, 160)}
        if r.random() < 0.3:
            start = r.randrange(pv["extents"] - 8)
            pv["used"] = [[start, r.randint(1, 6)]]
        pvs.append(pv)
    return kib, pvs


def size(r, has):
    sign = r.choice(["+", "+", "+", "-", ""])
    if r.random() < 0.15:
        return ["-l", r.choice(["+50%LV", "120%LV", "+20%FREE", "+100%FREE", "+5%VG", "-20%LV", "60%LV"])]
    count = r.randint(1, max(2, has // 2)) if sign else r.randint(max(1, has // 2), has * 2)
    return ["-l", sign + str(count)]


def step(r, level, name, stripes, has, pvs):
    """One command, and how many stripes there are then."""
    kind = r.choice(["stripes", "stripes", "fewer", "stripesize", "layout", "again", "size", "size", "size",
                     "active", "takeover"])
    given = []
    if r.random() < 0.12:
        given = [pv["name"] for pv in r.sample(pvs, r.randint(1, len(pvs)))]
    if kind == "stripes":
        stripes += r.choice([1, 1, 1, 2])
        args = ["--stripes", str(stripes)]
        if r.random() < 0.2:
            args += ["--stripesize", r.choice(["32", "64", "128", "256"])]
    elif kind == "fewer":
        stripes = max(1, stripes - r.choice([1, 1, 2]))
        args = ["--stripes", str(stripes)] + (["--force"] if r.random() < 0.8 else [])
        given = []
    elif kind == "again":
        args = ["--stripes", str(stripes)] + (["--force"] if r.random() < 0.3 else [])
        given = []
    elif kind == "stripesize":
        args = ["--stripesize", r.choice(["16", "32", "64", "128", "256", "512"])]
    elif kind == "layout":
        args = ["--type", r.choice(LEVELS[level])]
        if r.random() < 0.15:
            args += ["--stripes", str(stripes + r.choice([0, 1]))]
    elif kind == "takeover":
        args = ["--type", r.choice(["striped", "raid0", "raid0_meta", "raid10", "raid6", "raid5_n", "raid6_n_6"])]
    elif kind == "active":
        return {"cmd": "lvchange", "args": [r.choice(["-an", "-ay", "-ay"]), name], "if_exists": name}, stripes
    else:
        cmd = r.choice(["lvextend", "lvextend", "lvresize", "lvreduce"])
        args = size(r, has)
        if cmd == "lvextend":
            args[1] = args[1].replace("-", "+")
        if cmd != "lvextend":
            args += ["-f"]
        if cmd == "lvreduce":
            args[1] = args[1].replace("+", "-")
            given = []
        made = {"cmd": cmd, "args": args + [name], "if_exists": name}
        if given:
            made["pvs"] = given
        return made, stripes
    made = {"cmd": "lvconvert", "args": args + [name], "if_exists": name}
    if given:
        made["pvs"] = given
    return made, stripes


def scenario(seed, index):
    r = random.Random("%d/%d" % (seed, index))
    kib, pvs = groups(r)
    level = r.choice(["raid5", "raid5", "raid6", "raid10", "raid4"])
    word = r.choice([level] + [one for one in LEVELS[level] if one.startswith(level)])
    least = {"raid6": 3, "raid10": 2}.get(level, 2)
    stripes = r.randint(least, 4)
    has = stripes * r.randint(2, 25)
    args = ["--type", word, "-i", str(stripes), "-l", str(has)]
    if level == "raid10":
        args += ["-m", "1"]
    if r.random() < 0.15:
        args += ["--alloc", r.choice(["cling", "contiguous", "anywhere"])]
    name = "lv0"
    steps = [{"cmd": "lvcreate", "args": args + ["-n", name]}]
    for _ in range(r.randint(2, 6)):
        made, stripes = step(r, level, name, stripes, has, pvs)
        steps.append(made)
    return {"id": "reshape-%d-%d" % (seed, index), "extent_size_kib": kib, "pvs": pvs, "active": True,
            "steps": steps}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--count", type=int, default=100)
    a = p.parse_args()
    for index in range(a.count):
        sys.stdout.write(json.dumps(scenario(a.seed, index)) + "\n")


if __name__ == "__main__":
    main()
