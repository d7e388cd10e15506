#!/usr/bin/env python3
"""Random scenarios of everything that people type, in about the proportions of LVM2's own shell tests.

  gen_everything.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

Volumes of all types are made; then come snapshots, thin volumes, external origins, pools and caches,
conversions of all kinds, changes that place nothing, renames and removals, and now and then what makes
no sense. The same seed and count always give the same lines.
"""

import random

import scenarios

VG = "@VG@/"
RAIDS = ["raid0", "raid0_meta", "raid1", "raid4", "raid5", "raid5_n", "raid5_la", "raid6", "raid6_nc", "raid10"]
PLAIN = ["linear", "linear", "linear", "linear", "striped"]


class Scene:
    """What there is, as far as the commands so far have not been refused."""

    def __init__(self, r, pvs, kib, active):
        self.r = r
        self.pvs = pvs
        self.kib = kib
        self.active = active
        self.kinds = {}
        self.count = 0
        self.total = sum(p["extents"] for p in pvs)

    def name(self):
        self.count += 1
        return self.r.choice(["lv", "vol", "x"]) + str(self.count)

    def of(self, *kinds):
        """A volume of one of the kinds, or now and then of any."""
        names = [n for n, k in self.kinds.items() if k in kinds or not kinds]
        if self.kinds and self.r.random() < 0.06:
            return self.r.choice(sorted(self.kinds))
        return self.r.choice(sorted(names)) if names else None

    def size(self, fraction=None):
        """`-l` or `-L` with a size of a small part of the group."""
        r = self.r
        want = max(1, int(self.total * (fraction or r.choice([0.01, 0.02, 0.05, 0.1, 0.2])) * r.uniform(0.4, 1.2)))
        if r.random() < 0.5:
            return ["-l", str(want)]
        kib = want * self.kib - (r.randrange(self.kib) if r.random() < 0.2 else 0)
        return ["-L", "%dm" % (kib // 1024)] if kib % 1024 == 0 else ["-L", "%dk" % kib]

    def change_of_size(self):
        r = self.r
        option, value = self.size()
        if option == "-l" and r.random() < 0.15:
            return ["-l", r.choice(["50%LV", "150%LV", "+50%LV", "+10%FREE", "+100%FREE", "-50%LV", "80%LV"])]
        return [option, r.choice(["+", "+", "-", ""]) + value]

    def some_pvs(self):
        r = self.r
        if r.random() < 0.7:
            return None
        count = r.randint(1, len(self.pvs))
        names = [p["name"] for p in r.sample(self.pvs, count)]
        return [n + ":%d-%d" % (0, 20) if r.random() < 0.05 else n for n in names]

    def pv(self):
        return self.r.choice(self.pvs)["name"]


def step(cmd, args, target=None, pvs=None):
    js = {"cmd": cmd, "args": args + ([VG + target] if target else [])}
    if pvs:
        js["pvs"] = pvs
    return js


# ------------------------------------------------------------------ new volumes

def shape(s, kind):
    r = s.r
    if kind == "striped":
        return r.choice([["-i", "2"], ["-i", "2", "-I", "64"], ["-i", "3"], ["-i", "2"]])
    if kind in ("raid1", "mirror"):
        extra = r.choice([["-m", "1"], ["-m", "1"], ["-m", "2"], []])
        if kind == "mirror":
            extra = (extra or ["-m", "1"]) + r.choice([[], [], ["--corelog"], ["--mirrorlog", "core"], ["--mirrorlog", "disk"]])
        return extra
    if kind.startswith("raid6"):
        return r.choice([["-i", "3"], ["-i", "3"], ["-i", "4"], []])
    return r.choice([["-i", "2"], ["-i", "2"], ["-i", "3"], []])


def create_plain(s):
    r = s.r
    kind = r.choice(PLAIN + RAIDS + ["mirror", "raid1", "raid1", "mirror"])
    name = s.name()
    typed = ["--type", kind]
    if kind in ("linear", "striped") and r.random() < 0.7:
        typed = []
    args = typed + (shape(s, kind) if kind != "linear" else []) + s.size()
    if kind not in ("linear", "striped") and r.random() < 0.15:
        args += ["-R", r.choice(["64k", "512k", "1m", "4m"])]
    if r.random() < 0.12:
        args += r.choice([["-an"], ["-ay"], ["-aey"], ["-Zn", "-an"], ["-pr"], ["--addtag", "t1"], ["-prw"], ["-Zn"]])
    if kind in ("raid1", "mirror") and r.random() < 0.2:
        args += ["--nosync"]
    s.kinds[name] = kind
    return step("lvcreate", args + ["-n", name], None, s.some_pvs())


def create_integrity(s):
    r = s.r
    kind = r.choice(["raid1", "raid1", "raid5", "raid4", "raid6", "raid10"])
    name = s.name()
    args = ["--type", kind] + shape(s, kind) + s.size() + ["--raidintegrity", "y"]
    if r.random() < 0.2:
        args += ["--raidintegritymode", r.choice(["journal", "bitmap"])]
    s.kinds[name] = kind
    return step("lvcreate", args + ["-n", name], None, s.some_pvs())


def create_snapshot(s):
    r = s.r
    origin = s.of("linear", "striped", "raid1", "raid5", "mirror", "cache", "snapshot", "raid10")
    if not origin:
        return None
    name = s.name()
    args = ["-s"] if r.random() < 0.85 else ["--type", "snapshot"]
    args += r.choice([s.size(), s.size(), s.size(), ["-l", "50%ORIGIN"], ["-l", "10%FREE"], []])
    if r.random() < 0.15:
        args += r.choice([["-c", "4k"], ["-c", "16k"], ["-c", "512"], ["-pr"], ["-i", "2"], ["-an"], ["--addtag", "t"]])
    s.kinds[name] = "snapshot"
    if r.random() < 0.85:
        args += ["-n", name]
    return step("lvcreate", args, origin, s.some_pvs())


def create_thin(s):
    r = s.r
    pool = s.of("thin-pool")
    if not pool:
        return None
    name = s.name()
    size = ["-V", r.choice(["10m", "20m", "100m", "1g", "64k", "33m"])]
    s.kinds[name] = "thin"
    args = ["-n", name] if r.random() < 0.85 else []
    if r.random() < 0.12:
        args += r.choice([["-an"], ["-kn"], ["-ky"], ["-pr"], ["--addtag", "t"], ["-aey"]])
    form = r.random()
    if form < 0.4:
        return step("lvcreate", args + size + ["-T"], pool)
    if form < 0.6:
        return step("lvcreate", args + size + ["--thinpool", pool])
    if form < 0.8:
        return step("lvcreate", args + ["--type", "thin"] + size + ["--thinpool", VG + pool])
    return step("lvcreate", args + size + ["--thinpool", VG + pool])


def snapshot_of_thin(s):
    r = s.r
    origin = s.of("thin", "thin", "linear")
    if not origin:
        return None
    name = s.name()
    s.kinds[name] = "thin"
    args = ["-s"] + (["-n", name] if r.random() < 0.8 else [])
    if r.random() < 0.25:
        args += r.choice([["-kn"], ["-ky"], ["-ay"], ["-ay", "-K"], ["-pr"], ["--addtag", "t"], ["-an"]])
    return step("lvcreate", args, origin)


def external_origin(s):
    r = s.r
    origin, pool = s.of("linear", "striped", "raid1", "thin"), s.of("thin-pool")
    if not origin or not pool:
        return None
    name = s.name()
    s.kinds[name] = "thin"
    if r.random() < 0.5:
        return step("lvcreate", ["-n", name, "-s", "--thinpool", VG + pool], origin)
    return step("lvcreate", ["-n", name, "--type", "thin", "--thinpool", VG + pool], origin)


def create_pool_and_thin(s):
    r = s.r
    pool, name = s.name(), s.name()
    s.kinds[pool] = "thin-pool"
    s.kinds[name] = "thin"
    args = s.size() + ["-V", r.choice(["20m", "1g"]), "-n", name]
    return step("lvcreate", args + r.choice([["-T", VG + pool], ["--thinpool", VG + pool], ["--thinpool", pool]]))


def create_pool(s):
    r = s.r
    name = s.name()
    kind = r.choice(["thin-pool", "thin-pool", "thin-pool", "cache-pool"])
    s.kinds[name] = kind
    extra = []
    if r.random() < 0.2:
        extra += ["--poolmetadatasize", r.choice(["2m", "4m", "8m", "16m"])]
    if r.random() < 0.15:
        extra += ["--poolmetadataspare", r.choice(["n", "y"])]
    if r.random() < 0.15:
        extra += ["-c", r.choice(["64k", "128k", "256k", "192k", "1m"])]
    if kind == "thin-pool" and r.random() < 0.2:
        extra += r.choice([["--discards", "nopassdown"], ["-Zn"], ["--discards", "ignore"], ["--errorwhenfull", "y"], ["-i", "2"]])
    if kind == "cache-pool" and r.random() < 0.2:
        extra += r.choice([["--cachemode", "writeback"], ["--cachepolicy", "smq"], ["--cachemetadataformat", "1"]])
    if r.random() < 0.07:
        extra += ["-an"]
    size = s.size()
    form = r.random()
    if form < 0.25:
        return step("lvcreate", ["--type", kind] + extra + size, name, s.some_pvs())
    if form < 0.5 or kind == "cache-pool":
        return step("lvcreate", ["--type", kind] + extra + size + ["-n", name], None, s.some_pvs())
    if form < 0.75:
        return step("lvcreate", extra + size + ["-T"], name, s.some_pvs())
    if form < 0.9:
        return step("lvcreate", extra + size + ["--thinpool", name], None, s.some_pvs())
    return step("lvcreate", ["-T"] + extra + size + ["--thinpool", name], None, s.some_pvs())


def create_cached(s):
    r = s.r
    pool, name = s.of("cache-pool"), s.name()
    origin = s.of("linear", "striped", "raid1", "thin-pool")
    form = r.random()
    mode = r.choice([[], [], ["--cachemode", "writeback"], ["--cachemode", "writethrough"]])
    if form < 0.35 and pool:
        s.kinds[name] = "cache"
        s.kinds.pop(pool, None)
        args = ["--type", "cache"] + mode + s.size() + ["-n", name]
        return step("lvcreate", args + r.choice([["--cachepool", VG + pool], ["--cachepool", pool], [VG + pool]]))
    if form < 0.5 and pool:
        s.kinds[name] = "cache"
        return step("lvcreate", ["-H"] + mode + s.size() + ["-n", name], pool)
    if form < 0.75 and origin:
        s.kinds[name] = "cache-pool"
        args = ["--type", "cache"] + mode + s.size(0.05) + r.choice([["-n", name], []])
        return step("lvcreate", args, origin)
    small = s.of("linear")
    if small and form < 0.9:
        s.kinds[name] = "cache"
        return step("lvcreate", ["--type", "cache"] + mode + s.size() + ["-n", name, "--cachevol", small])
    if small:
        s.kinds[name] = "writecache"
        return step("lvcreate", ["--type", "writecache"] + s.size() + ["-n", name, "--cachevol", small])
    return None


# ------------------------------------------------------------------ conversions

def convert_raid(s):
    r = s.r
    name = s.of("linear", "linear", "striped", *RAIDS, "mirror")
    if not name:
        return None
    to = r.choice(["linear", "raid1", "raid1", "raid4", "raid5", "raid5_n", "raid6", "raid6_n_6", "raid10", "striped",
                   "raid0", "raid0_meta", "mirror", "raid5_ls", "raid6_nc"])
    args = ["--type", to]
    if to in ("raid1", "mirror") and r.random() < 0.6:
        args += ["-m", r.choice(["1", "1", "2", "+1"])]
    if to not in ("linear", "raid1", "mirror") and r.random() < 0.3:
        args += ["--stripes", r.choice(["1", "2", "3"])]
    if r.random() < 0.1:
        args += ["-R", r.choice(["512k", "1m", "4m"])]
    if r.random() < 0.05:
        args += ["-I", r.choice(["64k", "128k"])]
    s.kinds[name] = to
    return step("lvconvert", args, name, s.some_pvs())


def convert_count(s):
    r = s.r
    name = s.of("linear", "raid1", "raid1", "mirror", "raid10", "raid5")
    if not name:
        return None
    args = ["-m", r.choice(["0", "1", "2", "+1", "+1", "-1", "3"])]
    if r.random() < 0.15:
        args += r.choice([["--corelog"], ["--mirrorlog", "core"], ["--mirrorlog", "disk"]])
    return step("lvconvert", args, name, s.some_pvs())


def convert_images(s):
    r = s.r
    name = s.of(*RAIDS, "mirror")
    if not name:
        return None
    form = r.random()
    if form < 0.2:
        new = s.name()
        s.kinds[new] = "linear"
        return step("lvconvert", ["--splitmirrors", r.choice(["1", "1", "2"]), "-n", new], name, s.some_pvs())
    if form < 0.3:
        return step("lvconvert", ["--splitmirrors", "1", "--trackchanges"], name)
    if form < 0.4:
        return step("lvconvert", ["--merge"], name + r.choice(["_rimage_1", "_rimage_0", ""]))
    if form < 0.5:
        return step("lvconvert", ["--repair"], name)
    if form < 0.75:
        return step("lvconvert", ["--replace", "@PV:%s@" % s.pv()], name, s.some_pvs())
    if form < 0.9:
        return step("lvconvert", ["--raidintegrity", r.choice(["y", "y", "n"])], name)
    return step("lvconvert", [], name)


def convert_pool(s):
    r = s.r
    name, other = s.of("linear", "striped", "raid1", "raid5"), s.of("linear", "striped", "raid1")
    if not name:
        return None
    kind = r.choice(["thin-pool", "cache-pool"])
    args = ["--type", kind]
    if kind == "thin-pool" and r.random() < 0.3:
        args = ["--thinpool"]
        tail = name
    else:
        tail = None
    extra = []
    if other and r.random() < 0.4:
        extra += ["--poolmetadata", other]
    if r.random() < 0.15:
        extra += ["--poolmetadatasize", r.choice(["2m", "4m", "8m"])]
    if r.random() < 0.15:
        extra += ["-c", r.choice(["64k", "128k", "256k"])]
    if r.random() < 0.15:
        extra += ["--poolmetadataspare", "n"]
    if kind == "thin-pool" and r.random() < 0.1:
        extra += ["-Zn"]
    s.kinds[name] = kind
    return step("lvconvert", extra + args, name, s.some_pvs() if tail is None else None)


def convert_cache(s):
    r = s.r
    origin = s.of("linear", "striped", "raid1", "thin-pool", "thin", "raid5")
    form = r.random()
    if not origin:
        return None
    mode = r.choice([[], [], ["--cachemode", "writeback"], ["--cachemode", "passthrough"], ["--cachepolicy", "cleaner"]])
    pool, small = s.of("cache-pool", "linear"), s.of("linear")
    if form < 0.4 and pool:
        s.kinds[origin] = "cache"
        return step("lvconvert", r.choice([["--type", "cache"], ["-H"]]) + mode + ["--cachepool", pool], origin)
    if form < 0.7 and small:
        s.kinds[origin] = "cache"
        return step("lvconvert", ["--type", "cache"] + mode + ["--cachevol", small], origin)
    if form < 0.95 and small:
        s.kinds[origin] = "writecache"
        return step("lvconvert", ["--type", "writecache", "--cachevol", small], origin)
    return step("lvconvert", ["--type", "cache"], origin)


def convert_uncache(s):
    r = s.r
    name = s.of("cache", "cache", "thin-pool", *([] if s.active else ["writecache"]))
    if not name or (s.active and s.kinds[name] == "writecache"):
        return None             # no writecache in use is flushed without a driver
    return step("lvconvert", [r.choice(["--uncache", "--splitcache"])], name)


def convert_thin(s):
    r = s.r
    name, pool = s.of("linear", "striped", "thin"), s.of("thin-pool")
    if not name or not pool:
        return None
    args = r.choice([["--type", "thin"], ["-T"], ["--thin"]]) + ["--thinpool", VG + pool]
    if r.random() < 0.5:
        new = s.name()
        args += ["--originname", new]
        s.kinds[new] = "external"
    s.kinds[name] = "thin"
    return step("lvconvert", args, name)


def convert_snapshot(s):
    r = s.r
    form = r.random()
    snapshot = s.of("snapshot", "snapshot", "thin")
    if form < 0.5 and snapshot:
        return step("lvconvert", ["--merge"], snapshot)
    if form < 0.75 and snapshot:
        s.kinds[snapshot] = "linear"
        return step("lvconvert", ["--splitsnapshot"], snapshot)
    origin, cow = s.of("linear", "striped"), s.of("linear")
    if not origin or not cow:
        return None
    s.kinds[cow] = "snapshot"
    if r.random() < 0.5:
        return step("lvconvert", ["-s", origin], cow)
    return step("lvconvert", ["--type", "snapshot", origin], cow)


def convert_log(s):
    name = s.of("mirror")
    if not name:
        return None
    return step("lvconvert", s.r.choice([["--mirrorlog", "core"], ["--mirrorlog", "disk"], ["--corelog"]]), name)


# ------------------------------------------------------------------ sizes

def resize(s):
    r = s.r
    name = s.of("linear", "striped", *RAIDS, "mirror", "thin-pool", "thin", "snapshot", "cache", "cache-pool")
    if not name:
        return None
    cmd = r.choice(["lvextend", "lvextend", "lvreduce", "lvresize"])
    args = s.change_of_size()
    if cmd == "lvextend" and args[1].startswith("-"):
        args[1] = "+" + args[1][1:]
    if cmd == "lvreduce":
        args[1] = args[1].replace("+", "-")
    if cmd != "lvextend":
        args = ["-f"] + args
    if cmd != "lvreduce" and r.random() < 0.1:
        args += r.choice([["--type", "striped"], ["-i", "2"], ["-i", "1"], ["--alloc", "anywhere"], ["-m", "1"], ["--type", "linear"]])
    return step(cmd, args, name, s.some_pvs() if cmd != "lvreduce" else None)


def resize_metadata(s):
    pool = s.of("thin-pool")
    if not pool:
        return None
    return step(s.r.choice(["lvextend", "lvresize"]), ["--poolmetadatasize", s.r.choice(["+4m", "8m", "+1m"])], pool)


def resize_hidden(s):
    r = s.r
    pool = s.of("thin-pool", "cache-pool", "raid1", "mirror")
    if not pool:
        return None
    part = {"thin-pool": ["_tdata", "_tmeta"], "cache-pool": ["_cdata", "_cmeta"], "raid1": ["_rimage_0", "_rmeta_0"],
            "mirror": ["_mimage_0", "_mlog"]}.get(s.kinds[pool], ["_x"])
    return step(r.choice(["lvextend", "lvresize"]), ["-l", "+2"], pool + r.choice(part))


# ------------------------------------------------------------------ what places nothing

def change(s):
    r = s.r
    name = s.of()
    if not name:
        return None
    kind = s.kinds.get(name, "")
    common = [["-an"], ["-ay"], ["-an"], ["-ay"], ["-aey"], ["-aly"], ["--refresh"], ["--refresh"], ["-pr"], ["-prw"],
              ["--addtag", "foo"], ["--deltag", "foo"], ["-My", "--minor", "100", "--major", "253"], ["-Mn"], ["-r", "auto"],
              ["-r", "256"], ["-r", "none"], ["--alloc", "contiguous"], ["--alloc", "inherit"], ["--alloc", "cling"],
              ["-Cy"], ["-Cn"], ["-ky"], ["-kn"], ["-ay", "-K"], ["--monitor", "y"], ["--monitor", "n"], ["--setautoactivation", "n"],
              ["--profile", "thin-performance"], ["--detachprofile"], ["--poll", "n"], ["--resync"], []]
    own = []
    if kind.startswith("raid") or kind == "mirror":
        own = [["--syncaction", "check"], ["--syncaction", "repair"], ["--resync"], ["--rebuild", "@PV:%s@" % s.pv()],
               ["--maxrecoveryrate", "100"], ["--minrecoveryrate", "50"], ["--writebehind", "512"],
               ["--writemostly", "@PV:%s@" % s.pv()], ["--writemostly", "@PV:%s@:t" % s.pv()], ["-R", "1m"]]
    if kind == "thin-pool":
        own = [["--discards", "nopassdown"], ["--discards", "ignore"], ["--discards", "passdown"], ["-Zn"], ["-Zy"],
               ["--errorwhenfull", "y"], ["--errorwhenfull", "n"]]
    if kind in ("cache", "cache-pool"):
        own = [["--cachemode", "writeback"], ["--cachemode", "writethrough"], ["--cachepolicy", "cleaner"], ["--cachepolicy", "smq"],
               ["--cachesettings", "migration_threshold=1024"], ["--cachesettings", "default"]]
    if kind == "writecache":
        own = [["--cachesettings", "high_watermark=60"]]
    if own and r.random() < 0.6:
        args = r.choice(own)
    else:
        args = r.choice(common)
    if r.random() < 0.02:
        args = ["--discards", "ignore"]
    return step("lvchange", list(args), name)


def change_group(s):
    r = s.r
    if r.random() < 0.5:
        return {"cmd": "lvchange", "args": [r.choice(["-an", "-ay", "--refresh"]), "@VG@"], "raw": True}
    return {"cmd": "vgchange", "args": [r.choice(["-an", "-ay", "--refresh"])]}


def rename(s):
    r = s.r
    name = s.of()
    if not name:
        return None
    new = s.name() if r.random() < 0.85 else r.choice(sorted(s.kinds))
    if r.random() < 0.06:
        new = r.choice(["pvmove1", "snapshot2", "a_rimage", "x_tmeta", name + "_mlog"])
    form = r.random()
    if new not in s.kinds and name in s.kinds:
        s.kinds[new] = s.kinds.pop(name)
    if form < 0.4:
        return {"cmd": "lvrename", "args": ["@VG@", name, new], "raw": True}
    if form < 0.7:
        return {"cmd": "lvrename", "args": [VG + name, VG + new], "raw": True}
    if form < 0.95:
        return {"cmd": "lvrename", "args": [VG + name, new], "raw": True}
    return {"cmd": "lvrename", "args": [VG + name, "other/" + new], "raw": True}


def remove(s):
    r = s.r
    names = [s.of() for _ in range(r.choice([1, 1, 1, 2]))]
    if not names[0]:
        return None
    form = r.random()
    if form < 0.05:
        return {"cmd": "lvremove", "args": ["-ff", "@VG@"], "raw": True}
    if form < 0.12:
        part = r.choice(["_tmeta", "_tdata", "_rimage_0", "_mlog", "_cdata", "_mimage_0"])
        return {"cmd": "lvremove", "args": ["-f", VG + names[0] + part], "raw": True}
    for name in names:
        s.kinds.pop(name, None)
    return {"cmd": "lvremove", "args": [r.choice(["-f", "-f", "-ff"])] + [VG + n for n in names], "raw": True}


ACTIONS = [
    (26, create_plain), (4, create_integrity), (8, create_snapshot), (9, create_thin), (4, snapshot_of_thin),
    (3, external_origin), (2, create_pool_and_thin), (9, create_pool), (4, create_cached),
    (14, convert_raid), (7, convert_count), (5, convert_images), (8, convert_pool), (7, convert_cache),
    (3, convert_uncache), (3, convert_thin), (4, convert_snapshot), (1, convert_log),
    (14, resize), (1, resize_metadata), (1, resize_hidden),
    (16, change), (1, change_group), (6, rename), (9, remove),
]


def scenario(seed, index):
    r = random.Random("everything/%s/%s" % (seed, index))
    pvs = []
    count = r.choice([1, 2, 3, 4, 4, 5, 5, 6, 6, 8, 12])
    for i in range(count):
        extents = r.choice([20, 30, 40, 60, 60, 80, 120, 200])
        pv = {"name": "p%d" % i, "extents": extents}
        if r.random() < 0.1:
            start = r.randrange(extents - 4)
            pv["used"] = [[start, r.randint(1, min(8, extents - start))]]
        pvs.append(pv)
    kib = r.choice([4096, 4096, 4096, 1024, 512, 512, 8192, 64])
    js = {"id": "e%s-%d" % (seed, index), "extent_size_kib": kib, "pvs": pvs, "active": r.random() < 0.9}
    s = Scene(r, pvs, kib, js["active"])
    actions = [action for weight, action in ACTIONS for _ in range(weight)]
    steps = []
    for first in range(r.choice([1, 1, 2, 2, 3])):
        action = r.choice([create_plain, create_plain, create_plain, create_pool, create_pool])
        steps.append(action(s))
    wanted = len(steps) + r.choice([1, 2, 3, 4, 5, 6])
    for _ in range(60):
        if len(steps) >= wanted:
            break
        done = r.choice(actions)(s)
        if done:
            target = done["args"][-1] if done["args"] else ""
            if target.startswith(VG) and done["cmd"] not in ("lvrename", "lvremove") and r.random() < 0.94:
                done["if_exists"] = target[len(VG):]
            steps.append(done)
    js["steps"] = steps
    return js


if __name__ == "__main__":
    scenarios.write(scenario, __doc__)
