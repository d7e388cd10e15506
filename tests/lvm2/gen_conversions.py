#!/usr/bin/env python3
"""Random scenarios of what places extents for what is there: conversions, repairs, snapshots, pools, caches.

  gen_conversions.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

Groups with holes, tags and policies get volumes of all types; then most commands convert them, or lay
something on them. The same seed and count always give the same lines.
"""

import random

import gen_everything as g
import scenarios

VG = g.VG


def create(s):
    """A volume of a type that can be converted, under any policy."""
    r = s.r
    kind = r.choice(["linear"] * 6 + ["striped"] * 3 + ["raid1"] * 4 + ["mirror"] * 2
                    + ["raid0", "raid0_meta", "raid4", "raid5", "raid5_n", "raid6", "raid10"])
    name = s.name()
    args = ([] if kind == "linear" else ["--type", kind]) + (g.shape(s, kind) if kind != "linear" else [])
    args += ["-l", str(max(2, int(s.total * r.choice([0.01, 0.03, 0.06, 0.1]) * r.uniform(0.5, 1.2))))]
    if r.random() < 0.2:
        args += ["--alloc", r.choice(["contiguous", "cling", "normal", "anywhere", "anywhere"])]
    s.kinds[name] = kind
    return g.step("lvcreate", args + ["-n", name], None, pvs(s))


def pvs(s):
    r = s.r
    if r.random() < 0.75:
        return None
    return [p["name"] for p in r.sample(s.pvs, r.randint(1, len(s.pvs)))]


def extend(s):
    name = s.of("linear", "linear", "striped", "raid1", "raid5", "mirror")
    return name and g.step("lvextend", ["-l", "+%d" % s.r.choice([1, 2, 3, 5, 9])], name, pvs(s))


def remove(s):
    name = s.of("linear", "striped", "raid1")
    if not name:
        return None
    s.kinds.pop(name, None)
    return {"cmd": "lvremove", "args": ["-f", VG + name], "raw": True, "if_exists": name}


def up(s):
    name = s.of("linear", "linear", "linear", "raid1", "raid1", "mirror")
    if not name:
        return None
    args = ["-m", s.r.choice(["1", "2", "+1", "+1", "+2"])]
    if s.kinds.get(name) == "linear":
        kind = s.r.choice(["raid1", "raid1", "raid1", "mirror", None])
        args = (["--type", kind] if kind else []) + args
        if kind == "mirror" and s.r.random() < 0.5:
            args += ["--mirrorlog", s.r.choice(["core", "disk"])]
        s.kinds[name] = kind or "raid1"
    return g.step("lvconvert", args, name, pvs(s))


def takeover(s):
    r = s.r
    name = s.of("striped", "striped", "raid0", "raid0_meta", "raid4", "raid5", "raid5_n", "raid1", "mirror")
    if not name:
        return None
    to = {"striped": ["raid4", "raid5_n", "raid5", "raid0", "raid0_meta", "raid10", "raid6_n_6"],
          "raid0": ["raid4", "raid5_n", "raid0_meta", "raid10"],
          "raid0_meta": ["raid4", "raid5_n", "raid10", "raid0"],
          "mirror": ["raid1"], "raid1": ["mirror", "raid5"], "raid5": ["raid6_ls_6", "raid6"],
          "raid5_n": ["raid6_n_6", "raid0"], "raid4": ["raid6_n_6", "raid5_n"]}.get(s.kinds.get(name), ["raid1"])
    to = r.choice(to)
    s.kinds[name] = to
    args = ["--type", to] + (["-m", "1"] if to == "mirror" else [])
    return g.step("lvconvert", args, name, pvs(s))


def replace(s):
    r = s.r
    name = s.of("raid1", "raid4", "raid5", "raid5_n", "raid6", "raid10")
    if not name:
        return None
    # Which volumes it lies on is not known here: of several commands most find nothing to replace.
    devices = [p["name"] for p in s.r.sample(s.pvs, min(3, len(s.pvs)))]
    return [g.step("lvconvert", ["--replace", "@PV:%s@" % d], name, pvs(s)) for d in devices]


def integrity(s):
    name = s.of("raid1", "raid4", "raid5", "raid6", "raid10")
    return name and g.step("lvconvert", ["--raidintegrity", "y"], name)


def reshape(s):
    """Other stripe sizes, layouts of parity and numbers of stripes, and then other sizes."""
    r = s.r
    name = s.of("raid4", "raid5", "raid5_n", "raid6", "raid10")
    if not name:
        return None
    layouts = {"raid4": ["raid5_n"], "raid5": ["raid5_la", "raid5_n", "raid4"], "raid5_n": ["raid5_ls", "raid4"],
               "raid6": ["raid6_nr", "raid6_ls_6"]}.get(s.kinds.get(name), [])
    how = r.choice(["stripesize", "stripesize", "stripes"] + ["type"] * bool(layouts))
    value = {"stripesize": r.choice(["32", "128", "256"]), "stripes": r.choice(["3", "4", "5"]),
             "type": r.choice(layouts or [""])}[how]
    if how == "type":
        s.kinds[name] = value
    first = g.step("lvconvert", ["--" + how, value], name, pvs(s))
    more = g.step("lvextend", ["-l", "+%d" % r.choice([1, 3, 5, 9, 20])], name, pvs(s))
    return [first, more] if r.random() < 0.6 else [first]


# Seeds that begin with this word are of reshapes above all.
RESHAPES = "reshape"
ACTIONS = [
    (10, up), (9, takeover), (7, replace), (4, integrity), (6, g.convert_pool), (3, g.convert_cache),
    (6, g.create_snapshot), (2, g.create_cached), (1, g.create_pool_and_thin), (1, g.convert_log),
    (1, g.convert_uncache), (1, g.convert_thin), (1, g.create_thin), (1, g.convert_count),
    (2, extend), (2, remove), (1, create),
]


def scenario(seed, index):
    r = random.Random("conversions/%s/%s" % (seed, index))
    pvs_ = []
    tags = r.random() < 0.25
    for i in range(r.choice([2, 3, 3, 4, 4, 5, 5, 6, 8])):
        extents = r.choice([20, 30, 40, 60, 60, 80, 120])
        pv = {"name": "p%d" % i, "extents": extents}
        used, at = [], 0
        while r.random() < 0.55 and at < extents - 6:
            start = r.randrange(at, extents - 4)
            length = r.randint(1, min(12, extents - start))
            used.append([start, length])
            at = start + length + 1
        if used:
            pv["used"] = used
        if tags:
            pv["tags"] = [r.choice(["a", "b", "c"])]
        if r.random() < 0.04:
            pv["allocatable"] = False
        pvs_.append(pv)
    kib = r.choice([4096, 4096, 4096, 4096, 1024, 512])
    js = {"id": "c%s-%d" % (seed, index), "extent_size_kib": kib, "pvs": pvs_, "active": True}
    if r.random() < 0.15:
        js["vg_alloc"] = r.choice(["contiguous", "cling", "anywhere"])
    config = {}
    if tags:
        config["allocation/cling_tag_list"] = ["@a", "@b", "@c"]
    if r.random() < 0.1:
        config["allocation/maximise_cling"] = 0
    if config:
        js["config"] = config
    s = g.Scene(r, pvs_, kib, True)
    s.some_pvs = lambda: pvs(s)
    more = [(40, reshape), (6, create)] if str(seed).startswith(RESHAPES) else []
    actions = [action for weight, action in ACTIONS + more for _ in range(weight)]
    steps = [create(s) for _ in range(r.choice([1, 2, 2, 3, 4]))]
    steps += [done for done in (extend(s) for _ in range(r.choice([0, 0, 1, 2]))) if done]
    wanted = len(steps) + r.choice([2, 3, 4, 5])
    for _ in range(60):
        if len(steps) >= wanted:
            break
        done = r.choice(actions)(s)
        for done in done if isinstance(done, list) else [done] if done else []:
            target = done["args"][-1] if done["args"] else ""
            if target.startswith(VG) and done["cmd"] != "lvremove":
                done["if_exists"] = target[len(VG):]
            steps.append(done)
    js["steps"] = steps
    return js


if __name__ == "__main__":
    scenarios.write(scenario, __doc__)
