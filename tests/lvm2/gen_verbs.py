#!/usr/bin/env python3
"""Random scripts of all commands that change what there is: volumes made, made larger and smaller, renamed and
removed, policies of volumes and of the group, tags, and physical volumes that close, open and leave.

  gen_verbs.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

The same seed and count always give the same lines. Volume groups and new volumes are those of gen.py.
"""

import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import gen  # noqa: E402
import scenarios  # noqa: E402

KINDS = ["linear", "linear", "linear", "striped", "raid1", "raid5", "raid10", "mirror", "thin-pool"]
OLD_SPELLINGS = {"--alloc": ["--alloc", "--al"], "-l": ["-l", "--extents", "--ext"]}


def size(r, want, cmd, kind):
    """A size that goes up, down, or either way."""
    some = max(1, int(want * r.choice([0.1, 0.3, 0.5, 1, 2])))
    forms = {"lvextend": ["+%d" % some, "%d" % (want + some)],
             "lvreduce": ["-%d" % some, "%d" % max(1, want - some), "%d%%LV" % r.choice([10, 50, 90])],
             "lvresize": ["+%d" % some, "-%d" % some, "%d" % max(1, want - some), "%d" % (want + some),
                          "%d%%LV" % r.choice([10, 50, 90, 110, 200])]}[cmd]
    if kind in ("linear", "striped") and cmd != "lvreduce":
        forms.append("+%d%%FREE" % r.choice([10, 50, 100]))
    if r.random() < 0.15:
        return ["-L", r.choice(forms[:2]) + "m"]
    return [r.choice(OLD_SPELLINGS["-l"]), r.choice(forms)]


def about_volume(r, kind, name, want, new_name):
    dice = r.random()
    alloc = [r.choice(OLD_SPELLINGS["--alloc"]), r.choice(gen.ALLOCS)] if r.random() < 0.2 else []
    if dice < 0.3:
        return {"cmd": "lvextend", "args": alloc + size(r, want, "lvextend", kind) + [name]}
    if dice < 0.5:
        return {"cmd": "lvresize", "args": ["-f"] + alloc + size(r, want, "lvresize", kind) + [name]}
    if dice < 0.62:
        return {"cmd": "lvreduce", "args": ["-f"] + size(r, want, "lvreduce", kind) + [name]}
    if dice < 0.72:
        return {"cmd": "lvremove", "args": ["-f", name]}
    if dice < 0.82:
        return {"cmd": "lvrename", "args": ["@VG@", name, new_name]}
    if dice < 0.94:
        policy = r.choice([["--alloc", r.choice(gen.ALLOCS)], ["-C", r.choice(["y", "n"])]])
        return {"cmd": "lvchange", "args": policy + [name]}
    return {"cmd": "lvchange", "args": [r.choice(["--addtag", "--deltag"]), r.choice(["t", "@u"]), name]}


def about_group(r, pvs):
    some = [r.choice(pvs)["name"]] if r.random() < 0.8 else ["@a"]
    dice = r.random()
    if dice < 0.25:
        return {"cmd": "vgchange", "args": ["--alloc", r.choice(["normal", "contiguous", "cling", "anywhere"])]}
    if dice < 0.5:
        return {"cmd": "pvchange", "args": ["-x", r.choice(["y", "n"])], "pvs": some}
    if dice < 0.7:
        return {"cmd": "pvchange", "args": [r.choice(["--addtag", "--deltag"]), r.choice(["a", "@b", "c"])],
                "pvs": some}
    # The first one alone has the metadata here, and stays.
    return {"cmd": "vgreduce", "args": [], "pvs": [r.choice(pvs[1:] or pvs)["name"]]}


def scenario(seed, index):
    r = random.Random("verbs/%s/%s" % (seed, index))
    pvs, tagging = gen.make_pvs(r)
    js = {"id": "v%s-%d" % (seed, index), "extent_size_kib": r.choice([4096, 4096, 1024, 512]), "pvs": pvs,
          "active": True}
    if r.random() < 0.2:
        js["vg_alloc"] = r.choice(["normal", "contiguous", "cling", "anywhere"])
    if tagging and r.random() < 0.6:
        js["config"] = {"allocation/cling_tag_list": r.choice([["@a", "@b"], ["@*"], ["@a"]])}
    free = sum(gen.free_extents(p) for p in pvs if p.get("allocatable", True))
    steps = []
    named = 0
    for v in range(r.choice([1, 2, 2, 3])):
        kind = r.choice(KINDS)
        extra, data, wanted = gen.shape(r, kind, len(pvs))
        want = max(1, int(free * data / max(1, wanted) * r.choice([0.02, 0.05, 0.1, 0.2, 0.4])))
        name = "v%d" % v
        step = {"cmd": "lvcreate", "args": ["--type", kind] + extra + ["-l", str(want), "-n", name]}
        if r.random() < 0.3:
            step["pvs"] = gen.pv_args(r, pvs, tagging, wanted)
        steps.append(step)
        for _ in range(r.choice([1, 2, 3, 4])):
            if r.random() < 0.2:
                steps.append(about_group(r, pvs))
                continue
            step = about_volume(r, kind, name, want, "w%d" % named)
            if r.random() < 0.95:
                step["if_exists"] = name
            if step["cmd"] in ("lvextend", "lvresize") and r.random() < 0.2:
                step["pvs"] = gen.pv_args(r, pvs, tagging, wanted)
            steps.append(step)
            if step["cmd"] == "lvrename":
                name, named = "w%d" % named, named + 1
    js["steps"] = steps
    return js


if __name__ == "__main__":
    scenarios.write(scenario, __doc__)
