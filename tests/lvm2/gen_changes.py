#!/usr/bin/env python3
"""Random scenarios that change what is there: conversions, sizes up and down, removals, policies.

  gen_changes.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

The same seed and count always give the same lines. Volume groups and new volumes are those of gen.py.
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import gen  # noqa: E402
import scenarios  # noqa: E402


def size(r, want, more):
    of = r.choice(["VG", "FREE", "PVS", "LV"])
    return r.choice(["+%d" % more, "+%d" % more, "%d" % (want + more),
                     "+%d%%%s" % (r.choice([10, 50, 90]), of)])


def change(r, kind, name, want):
    """One command about a volume of a type."""
    more = max(1, int(want * r.choice([0.1, 0.3, 1, 2]) * r.uniform(0.5, 1.5)))
    alloc = ["--alloc", r.choice(gen.ALLOCS)] if r.random() < 0.25 else []
    dice = r.random()
    if dice < 0.4:
        return {"cmd": "lvextend", "args": alloc + ["-l", size(r, want, more), name]}
    if dice < 0.5:
        less = r.choice(["-%d" % more, "%d" % max(1, want // 2), "50%LV"])
        return {"cmd": "lvreduce", "args": ["-f", "-l", less, name]}
    if dice < 0.55:
        return {"cmd": "lvremove", "args": ["-f", name]}
    if dice < 0.6:
        return {"cmd": "lvchange", "args": ["--alloc", r.choice(gen.ALLOCS), name]}
    if kind in ("linear", "raid1"):
        images = r.choice(["1", "1", "2", "3", "+1", "+2", "0"])
        return {"cmd": "lvconvert", "args": ["--type", "raid1", "-m", images, name]}
    return {"cmd": "lvextend", "args": alloc + ["-l", "+%d" % more, name]}


def scenario(seed, index):
    r = random.Random("changes/%s/%s" % (seed, index))
    pvs, tagging = gen.make_pvs(r)
    js = {"id": "c%s-%d" % (seed, index), "extent_size_kib": r.choice([4096, 4096, 1024, 512, 16384]),
          "pvs": pvs, "active": True}
    if r.random() < 0.2:
        js["vg_alloc"] = r.choice(["normal", "contiguous", "cling", "anywhere"])
    conf = {}
    if r.random() < 0.3:
        conf["allocation/maximise_cling"] = r.randint(0, 1)
    if tagging and r.random() < 0.8:
        conf["allocation/cling_tag_list"] = r.choice([["@a", "@b"], ["@*"], ["@a"]])
    if conf:
        js["config"] = conf
    free = sum(gen.free_extents(p) for p in pvs if p.get("allocatable", True))
    steps = []
    for v in range(r.choice([1, 2, 2, 3])):
        kind = r.choice(["linear", "linear", "raid1", "raid1", "striped", "raid5", "raid10", "raid6"])
        extra, data, wanted = gen.shape(r, kind, len(pvs))
        want = max(1, int(free * data / max(1, wanted) * r.choice([0.02, 0.05, 0.1, 0.2, 0.4])))
        name = "v%d" % v
        step = {"cmd": "lvcreate", "args": ["--type", kind] + extra + ["-l", str(want), "-n", name]}
        if r.random() < 0.3:
            step["pvs"] = gen.pv_args(r, pvs, tagging, wanted)
        steps.append(step)
        for _ in range(r.choice([1, 1, 2, 3])):
            step = change(r, kind, name, want)
            step["if_exists"] = name
            if step["cmd"] == "lvextend" and r.random() < 0.25:
                step["pvs"] = gen.pv_args(r, pvs, tagging, wanted)
            steps.append(step)
    js["steps"] = steps
    return js


if __name__ == "__main__":
    scenarios.write(scenario, __doc__)
