#!/usr/bin/env python3
"""Random scenarios about pools: made of any size of data and metadata, grown where there is hardly room.

  gen_pools.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

The same seed and count always give the same lines.
"""

import random

import scenarios

POLICIES = ["normal", "cling", "contiguous", "anywhere"]
GROWTH = ["+100%PVS", "+100%FREE", "+50%FREE", "+10", "+100", "+300", "+80%VG", "100%VG", "+20%LV", "+500%LV"]


def disk(r, index):
    extents = r.choice([20, 60, 200, 500, 900])
    pv = {"name": "p%d" % index, "extents": extents}
    used, end = [], 0
    if r.random() < 0.6:
        for _ in range(r.randint(1, 4)):
            start = end + r.randint(0, extents // 3)
            length = r.choice([1, 2, 5, extents // 8 + 1])
            if start + length > extents:
                break
            used.append([start, length])
            end = start + length + 1
    if used:
        pv["used"] = used
    return pv


def create(r, disks):
    kind = r.choice(["thin-pool", "thin-pool", "thin-pool", "cache-pool"])
    args = ["--type", kind]
    if r.random() < 0.3 and disks > 1 and kind == "thin-pool":
        args += ["-i", str(r.randint(2, min(3, disks)))]
    if r.random() < 0.3:
        args += ["--alloc", r.choice(POLICIES)]
    if r.random() < 0.3:
        args += ["-c", r.choice(["64k", "128k", "256k"])]
    if r.random() < 0.2:
        args += ["--poolmetadataspare", "n"]
    if r.random() < 0.3:
        args += ["--poolmetadatasize", r.choice(["2m", "4m", "40m"])]
    size = r.choice(["10", "50", "100", "50%FREE", "30%FREE", "20%VG"])
    return {"cmd": "lvcreate", "args": args + ["-l", size, "-n", "v0"]}


def extend(r):
    if r.random() < 0.15:
        args = ["--poolmetadatasize", "+" + r.choice(["4m", "16m", "64m"])]
    else:
        args = ["-l", r.choice(GROWTH)]
    if r.random() < 0.2:
        args = ["--alloc", r.choice(POLICIES)] + args
    return {"cmd": "lvextend", "args": args + ["v0"], "if_exists": "v0"}


def scenario(seed, index):
    r = random.Random("pools-%s-%d" % (seed, index))
    pvs = [disk(r, number) for number in range(r.randint(1, 6))]
    steps = [create(r, len(pvs))]
    if r.random() < 0.5:
        size = r.choice(["50%FREE", "80%FREE", "10", "95%FREE"])
        steps.append({"cmd": "lvcreate", "args": ["-l", size, "-n", "v9"]})
    steps += [extend(r) for _ in range(r.randint(1, 4))]
    for step in steps:
        if r.random() < 0.25 and "v9" not in step["args"]:
            step["pvs"] = r.sample([pv["name"] for pv in pvs], r.randint(1, len(pvs)))
    return {"id": "p%s-%d" % (seed, index), "extent_size_kib": r.choice([4096, 8192, 16384]), "pvs": pvs,
            "vg_alloc": r.choice(POLICIES + ["cling", "normal"]), "steps": steps}


if __name__ == "__main__":
    scenarios.write(scenario, __doc__)
