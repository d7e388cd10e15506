#!/usr/bin/env python3
"""Random scenarios of every form that the manual pages of the `lv*` commands show, on 1 to 40 small disks.

  gen_manual.py --seed 1 --count 200 | oracle.py --batch --with-input --compact > out.jsonl

A line of `FORMS` is a form: what it requires, then the options that it allows. `<linear|raid1>` stands for a volume of
one of these types, which is made first where there is none. The same seed and count always give the same lines.
"""

import random

import scenarios

VG = "@VG@/"
RAIDS = "raid0|raid0_meta|raid1|raid4|raid5|raid6|raid10"
REDUNDANT = "raid1|raid4|raid5|raid6|raid10"
PLAIN = "linear|striped|" + RAIDS
STACKED = "linear|striped|thin-pool|" + REDUNDANT

COMMON_OF_NEW = "-a -A -C -k -K -M -p -r -W -Z --addtag --alloc --ignoremonitoring --minor --monitor --noudevsync --setautoactivation"
COMMON_OF_CONVERSIONS = "-b -f --alloc --noudevsync"
COMMON_OF_SIZES = "-A -f -n --alloc --nosync --noudevsync"
STRIPES = "-i -I"
POOL = "-c --poolmetadatasize --poolmetadataspare"
THIN_POOL = POOL + " --discards --errorwhenfull"
CACHE_MODE = "-c --cachemode --cachepolicy --cachesettings --cachemetadataformat"
CACHE_POOL = POOL + " --cachemode --cachepolicy --cachesettings --cachemetadataformat"

# verb, weight, what is required, what is allowed, whether disks may follow.
FORMS = [
    # lvcreate of what has extents of its own
    ("new", 10, "lvcreate SIZE NEW:linear", "", True),
    ("new", 5, "lvcreate --type linear SIZE NEW:linear", "", True),
    ("new", 4, "lvcreate -i N SIZE NEW:striped", "-I", True),
    ("new", 3, "lvcreate --type striped SIZE NEW:striped", STRIPES, True),
    ("new", 5, "lvcreate --type mirror SIZE NEW:mirror", "-m -m --mirrorlog -R --nosync --corelog", True),
    ("new", 6, "lvcreate -m M SIZE NEW:raid1", "-R --minrecoveryrate --maxrecoveryrate --nosync", True),
    ("new", 6, "lvcreate --type raid1 SIZE NEW:raid1", "-m -R --minrecoveryrate --nosync", True),
    ("new", 10, "lvcreate --type LEVEL SIZE NEW:LEVEL", "-i -i -i -I -R --maxrecoveryrate", True),
    ("new", 4, "lvcreate --type raid10 SIZE NEW:raid10", "-m -i -I -R --nosync", True),
    ("new", 2, "lvcreate -m 1 -i N SIZE NEW:raid10", "-I -R", True),
    ("new", 2, "lvcreate --type raid1 SIZE --raidintegrity y NEW:raid1", "-m --raidintegritymode --raidintegrityblocksize", True),
    ("new", 0.5, "lvcreate --type error SIZE NEW:error", "", False),
    ("new", 0.5, "lvcreate --type zero SIZE NEW:zero", "", False),
    # snapshots, thin volumes, pools, caches
    ("layer", 4, "lvcreate -s SIZE NEW:snapshot <%s|mirror>" % PLAIN, STRIPES + " -c", True),
    ("layer", 1, "lvcreate --type snapshot SIZE NEW:snapshot <%s>" % PLAIN, STRIPES + " -c", True),
    ("layer", 1, "lvcreate -s SIZE -V VIRTUAL NEW:snapshot", "-c", True),
    ("layer", 2, "lvcreate --type thin-pool SIZE NEW:thin-pool", STRIPES + " " + THIN_POOL, True),
    ("layer", 2, "lvcreate -T SIZE NEWPOOL", STRIPES + " " + THIN_POOL, True),
    ("layer", 1, "lvcreate SIZE --thinpool BARE:thin-pool", STRIPES + " -T " + THIN_POOL, True),
    ("layer", 2, "lvcreate --type cache-pool SIZE NEW:cache-pool", STRIPES + " " + CACHE_POOL, True),
    ("layer", 0.5, "lvcreate --type cache-pool SIZE --cachepool BARE:cache-pool", STRIPES + " " + CACHE_POOL, True),
    ("layer", 1, "lvcreate --type thin -V VIRTUAL NEW:thin --thinpool <thin-pool>", "-T", False),
    ("layer", 1, "lvcreate --type thin -V VIRTUAL NEW:thin <thin-pool>", "-T", False),
    ("layer", 3, "lvcreate -V VIRTUAL NEW:thin -T <thin-pool>", "", False),
    ("layer", 2, "lvcreate -V VIRTUAL NEW:thin --thinpool <thin-pool>", "", False),
    ("layer", 1, "lvcreate --type thin NEW:thin <thin>", "", False),
    ("layer", 3, "lvcreate -s NEW:thin <thin>", "", False),
    ("layer", 1, "lvcreate --type thin --thinpool <thin-pool> NEW:thin <linear|striped|raid1>", "-T", False),
    ("layer", 3, "lvcreate -s --thinpool <thin-pool> NEW:thin <linear|striped|raid1>", "", False),
    ("layer", 1, "lvcreate --type thin -V VIRTUAL SIZE --thinpool BARE:thin-pool NEW:thin", STRIPES + " " + THIN_POOL, True),
    ("layer", 2, "lvcreate -V VIRTUAL SIZE --thinpool BARE:thin-pool NEW:thin", STRIPES + " " + THIN_POOL, True),
    ("layer", 2, "lvcreate -V VIRTUAL SIZE NEW:thin -T NEWPOOL", THIN_POOL, True),
    ("layer", 0.5, "lvcreate SIZE -V VIRTUAL NEW:thin", THIN_POOL, True),
    ("layer", 1, "lvcreate --type cache SIZE --cachepool <cache-pool> NEW:cache", CACHE_MODE, True),
    ("layer", 0.7, "lvcreate SIZE --cachepool <cache-pool> NEW:cache", CACHE_MODE, True),
    ("layer", 0.7, "lvcreate --type cache SIZE NEW:cache <cache-pool|linear>", CACHE_POOL, True),
    ("layer", 1, "lvcreate -H SIZE NEW:cache <cache-pool|linear|raid1>", CACHE_POOL, True),
    ("layer", 0.7, "lvcreate --type cache SIZE --cachevol <linear> NEW:cache", CACHE_MODE, True),
    ("layer", 0.5, "lvcreate --type cache SIZE --cachedevice PV NEW:cache", "--cachesize " + CACHE_MODE, True),
    ("layer", 0.7, "lvcreate --type writecache SIZE --cachevol <linear> NEW:writecache", "--cachesettings", True),
    ("layer", 0.5, "lvcreate --type writecache SIZE --cachedevice PV NEW:writecache", "--cachesize", True),
    # lvconvert
    ("convert", 2, "lvconvert --type linear <linear|raid1|mirror|raid4|raid5>", "", True),
    ("convert", 2, "lvconvert --type striped <striped|%s>" % RAIDS, "-I --stripes", True),
    ("convert", 2, "lvconvert --type mirror <linear|raid1|mirror|striped>", "-m --mirrorlog -R", True),
    ("convert", 8, "lvconvert --type RAID <linear|mirror|%s>" % PLAIN, "-m -I -R --stripes", True),
    ("convert", 7, "lvconvert -m CHANGE <linear|raid1|raid1|mirror|striped|raid10>", "-R --mirrorlog", True),
    ("convert", 2, "lvconvert --stripes N <raid0|raid4|raid5|raid6|raid10>", "-R -I", True),
    ("convert", 1, "lvconvert -I STRIPE <raid0|raid4|raid5|raid6|raid10>", "-R", False),
    ("convert", 1, "lvconvert -R REGION <raid1|raid4|raid5|raid6|raid10>", "", False),
    ("convert", 3, "lvconvert --splitmirrors 1 NEW:linear <raid1|mirror|raid1>", "", True),
    ("convert", 1.5, "lvconvert --splitmirrors 1 --trackchanges <raid1>", "", True),
    ("convert", 1, "lvconvert --mergemirrors <split>", "", False),
    ("convert", 1, "lvconvert --mirrorlog LOG <mirror>", "", True),
    ("convert", 2, "lvconvert --type thin --thinpool <thin-pool> <linear|striped|thin|raid1>", "-T -r --originname", False),
    ("convert", 1.5, "lvconvert -T --thinpool <thin-pool> <linear|striped|raid1>", "-r -Z --originname", False),
    ("convert", 2, "lvconvert --type cache --cachepool <cache-pool> <%s>" % STACKED, "-H -Z " + CACHE_MODE, False),
    ("convert", 1.5, "lvconvert -H --cachepool <cache-pool|linear> <%s>" % STACKED, "-Z " + CACHE_MODE, False),
    ("convert", 2, "lvconvert --type writecache --cachevol <linear> <%s>" % STACKED, "--cachesettings", False),
    ("convert", 2, "lvconvert --type cache --cachevol <linear> <%s>" % STACKED, "-H -Z --poolmetadatasize " + CACHE_MODE, False),
    ("convert", 0.5, "lvconvert --type writecache --cachedevice PV <linear|striped>", "--cachesize --cachesettings", False),
    ("convert", 0.5, "lvconvert --type cache --cachedevice PV <linear|striped>", "--cachesize -c", False),
    ("convert", 4, "lvconvert --type thin-pool <%s>" % PLAIN, "-Z --poolmetadata " + THIN_POOL, True),
    ("convert", 1, "lvconvert --thinpool <linear|raid1>", "-Z --poolmetadata " + THIN_POOL, False),
    ("convert", 3, "lvconvert --type cache-pool <%s>" % PLAIN, "-Z --poolmetadata " + CACHE_POOL, True),
    ("convert", 2, "lvconvert --splitcache <cache>", "--cachesettings", False),
    ("convert", 2, "lvconvert --uncache <cache>", "--cachesettings", False),
    ("convert", 0.7, "lvconvert --swapmetadata --poolmetadata <linear> <thin-pool|cache-pool>", "-c", False),
    ("convert", 2, "lvconvert --merge <snapshot|thin|split>", "", False),
    ("convert", 0.7, "lvconvert --mergethin <thin>", "", False),
    ("convert", 1, "lvconvert --mergesnapshot <snapshot>", "", False),
    ("convert", 1.5, "lvconvert --splitsnapshot <snapshot>", "", False),
    ("convert", 1, "lvconvert --type snapshot <linear|striped> <linear>", "-s -c -Z", False),
    ("convert", 1, "lvconvert -s <linear|striped> <linear>", "-c -Z", False),
    ("convert", 2, "lvconvert --repair <mirror|%s>" % REDUNDANT, "", True),
    ("convert", 0.3, "lvconvert --repair <thin-pool|cache-pool>", "--poolmetadataspare", True),
    ("convert", 4, "lvconvert --replace PV <%s>" % REDUNDANT, "", True),
    ("convert", 0.5, "lvconvert --startpoll <mirror|raid1>", "", False),
    ("convert", 0.5, "lvconvert <mirror|raid1>", "", False),
    ("convert", 2, "lvconvert --raidintegrity YN <%s>" % REDUNDANT, "--raidintegritymode", True),
    # lvchange
    ("change", 8, "lvchange -a ACTIVE <ANY>", "-K", False),
    ("change", 4, "lvchange --refresh <ANY>", "", False),
    ("change", 3, "lvchange --addtag t1 <ANY>", "-p", False),
    ("change", 1, "lvchange --deltag t1 <ANY>", "", False),
    ("change", 3, "lvchange -p PERMISSION <ANY>", "", False),
    ("change", 1, "lvchange -C YN <%s>" % PLAIN, "", False),
    ("change", 1, "lvchange --alloc POLICY <%s>" % PLAIN, "", False),
    ("change", 1, "lvchange -r AHEAD <ANY>", "", False),
    ("change", 1, "lvchange -k YN <thin|linear>", "", False),
    ("change", 1, "lvchange -Z YN <thin-pool>", "", False),
    ("change", 1.5, "lvchange --discards DISCARDS <thin-pool>", "", False),
    ("change", 1, "lvchange --errorwhenfull YN <thin-pool>", "", False),
    ("change", 2, "lvchange --cachemode MODE <cache|cache-pool>", "", False),
    ("change", 1, "lvchange --cachepolicy CACHING <cache|cache-pool>", "--cachesettings", False),
    ("change", 1, "lvchange --cachesettings migration_threshold=2048 <cache>", "", False),
    ("change", 1, "lvchange --minrecoveryrate 64 <%s>" % REDUNDANT, "--maxrecoveryrate", False),
    ("change", 1, "lvchange --writemostly PV <raid1>", "--writebehind", False),
    ("change", 2, "lvchange --resync <mirror|%s>" % REDUNDANT, "", False),
    ("change", 2, "lvchange --syncaction SYNC <%s>" % REDUNDANT, "", False),
    ("change", 1.5, "lvchange --rebuild PV <%s>" % REDUNDANT, "", False),
    ("change", 1, "lvchange --monitor YN <ANY>", "", False),
    ("change", 0.5, "lvchange --poll YN <ANY>", "", False),
    ("change", 1, "lvchange -M y --minor 200 <linear|thin>", "-j", False),
    ("change", 0.5, "lvchange -M n <linear|striped>", "", False),
    ("change", 0.5, "lvchange --setautoactivation YN <ANY>", "", False),
    ("change", 0.3, "lvchange --detachprofile <ANY>", "", False),
    # sizes
    ("size", 5, "lvextend LONGER <linear|striped|mirror|%s|thin|thin-pool|snapshot|cache>" % RAIDS, STRIPES + " --type -m", True),
    ("size", 1, "lvextend <linear|striped> PVS", "-i", False),
    ("size", 1, "lvextend --poolmetadatasize MORE <thin-pool>", "", True),
    ("size", 0.2, "lvextend --use-policies <thin-pool|snapshot>", "", True),
    ("size", 2, "lvresize OTHER -f <linear|striped|%s|thin|snapshot>" % RAIDS, STRIPES + " --type", True),
    ("size", 0.3, "lvresize <linear> PVS", "", False),
    ("size", 0.5, "lvresize --poolmetadatasize MORE <thin-pool>", "", True),
    ("size", 3, "lvreduce SHORTER -f <linear|striped|mirror|%s|thin|snapshot>" % RAIDS, "", False),
    # names
    ("name", 4, "lvremove -f <ANY>", "-A", False),
    ("name", 1, "lvremove -ff <ANY> <ANY>", "", False),
    ("name", 0.3, "lvremove -ff @VG@", "", False),
    ("name", 2, "lvrename @VG@ BARE<ANY> NAME", "", False),
    ("name", 1, "lvrename <ANY> NAME", "", False),
]
SHARES = {"new": 8, "layer": 6, "convert": 46, "change": 18, "size": 14, "name": 8}
COMMON = {"lvcreate": COMMON_OF_NEW, "lvconvert": COMMON_OF_CONVERSIONS, "lvextend": COMMON_OF_SIZES, "lvresize": COMMON_OF_SIZES,
          "lvreduce": "-A -n --noudevsync"}
VALUES = {
    "-a": ["y", "n", "ay", "ey"], "-A": ["y", "n"], "-C": ["y", "n"], "-k": ["y", "n"], "-K": None, "-M": ["n"], "-p": ["r", "rw"],
    "-r": ["auto", "none", "128"], "-W": ["y", "n"], "-Z": ["y", "n"], "--addtag": ["t1"], "--ignoremonitoring": None,
    "--alloc": ["anywhere", "normal", "cling", "contiguous", "cling_by_tags", "inherit"], "--minor": ["100"], "--monitor": ["n"],
    "--noudevsync": None, "--setautoactivation": ["y", "n"], "-b": None, "-f": None, "-n": None, "--nosync": None,
    "-i": ["1", "2", "2", "3", "4"], "-I": ["4", "64", "64k", "128k"], "-m": ["0", "1", "1", "2", "3"], "--mirrorlog": ["core", "disk"],
    "--corelog": None, "-R": ["64k", "256k", "512k", "1m", "2m"], "--minrecoveryrate": ["50"], "--maxrecoveryrate": ["100", "0"],
    "--raidintegritymode": ["journal", "bitmap"], "--raidintegrityblocksize": ["512"], "-c": ["32k", "64k", "64", "128k", "256k"],
    "--poolmetadatasize": ["2m", "4m", "8m"], "--poolmetadataspare": ["y", "n"], "--discards": ["passdown", "nopassdown", "ignore"],
    "--errorwhenfull": ["y", "n"], "--cachemode": ["writethrough", "writeback", "passthrough"], "--cachepolicy": ["smq", "mq", "cleaner"],
    "--cachesettings": ["migration_threshold=233", "default"], "--cachemetadataformat": ["auto", "1", "2"], "-T": None, "-H": None,
    "-s": None, "--stripes": ["1", "2", "2", "3", "4"], "--cachesize": ["8m", "16m"], "--writebehind": ["256"], "-j": ["253"],
    "--type": ["striped", "linear", "raid1"],
}
WORDS = {
    "LEVEL": ["raid0", "raid0_meta", "raid4", "raid5", "raid5", "raid6", "raid5_ls", "raid5_la", "raid5_ra", "raid5_n", "raid6_nc", "raid6_zr"],
    "RAID": ["raid0", "raid0_meta", "raid1", "raid1", "raid4", "raid5", "raid5", "raid5_n", "raid6", "raid6", "raid6_n_6", "raid6_ls_6", "raid10"],
    "N": ["1", "2", "2", "3", "4", "5"], "M": ["0", "1", "1", "1", "2", "3"], "CHANGE": ["0", "0", "1", "1", "2", "+1", "+2", "-1"],
    "STRIPE": ["32k", "64k", "128k"], "REGION": ["256k", "512k", "1m", "2m"], "LOG": ["core", "disk"], "YN": ["y", "n"],
    "ACTIVE": ["y", "n", "n", "ay", "ey", "ly"], "PERMISSION": ["r", "rw"], "AHEAD": ["auto", "none", "512"],
    "POLICY": ["contiguous", "cling", "normal", "anywhere", "inherit"], "DISCARDS": ["passdown", "nopassdown", "ignore"],
    "MODE": ["writethrough", "writeback", "passthrough"], "CACHING": ["smq", "mq", "cleaner"], "SYNC": ["check", "repair"],
    "MORE": ["+4m", "8m", "+2m", "16m"], "VIRTUAL": ["10m", "64m", "100m", "1g", "33k"],
}
# How a volume of a type is made where a form wants one.
MADE = {
    "linear": [["-l", "SMALL"], ["-L", "BYTES"]], "striped": [["-i", "2", "-l", "SMALL"], ["-i", "3", "-l", "SMALL"]],
    "raid0": [["--type", "raid0", "-i", "2", "-l", "SMALL"]], "raid0_meta": [["--type", "raid0_meta", "-i", "2", "-l", "SMALL"]],
    "raid1": [["--type", "raid1", "-m", "1", "-l", "SMALL"], ["--type", "raid1", "-m", "2", "-l", "SMALL"], ["-m", "1", "-L", "BYTES"]],
    "raid4": [["--type", "raid4", "-i", "2", "-l", "SMALL"]], "raid5": [["--type", "raid5", "-i", "2", "-l", "SMALL"], ["--type", "raid5", "-i", "3", "-l", "SMALL"]],
    "raid6": [["--type", "raid6", "-i", "3", "-l", "SMALL"]], "raid10": [["--type", "raid10", "-i", "2", "-m", "1", "-l", "SMALL"]],
    "mirror": [["--type", "mirror", "-m", "1", "-l", "SMALL"], ["--type", "mirror", "-m", "2", "--mirrorlog", "core", "-l", "SMALL"]],
    "thin-pool": [["--type", "thin-pool", "-l", "SMALL"], ["-T", "-L", "BYTES"]], "cache-pool": [["--type", "cache-pool", "-l", "SMALL"]],
    "error": [["--type", "error", "-l", "2"]], "zero": [["--type", "zero", "-l", "2"]],
}


class Scene:
    """The disks, and the volumes that there are as far as no command has been refused."""

    def __init__(self, r, pvs):
        self.r = r
        self.pvs = pvs
        self.kinds = {}
        self.steps = []
        self.count = 0

    def name(self, kind):
        self.count += 1
        name = self.r.choice(["lv", "LV", "vol_"]) + str(self.count)
        self.kinds[name] = kind
        return name

    def disk(self):
        return self.r.choice(self.pvs)["name"]

    def size(self):
        r = self.r
        if r.random() < 0.6:
            return ["-l", r.choice(["1", "2", "2", "3", "4", "5", "8", "10", "16", "30", "50%FREE", "100%FREE", "20%VG", "33%PVS"])]
        return ["-L", r.choice(["1m", "2M", "4m", "8m", "8M", "16m", "20M", "24", "33m", "64m"])]

    def change_of_size(self, signs):
        option, value = self.size()
        if self.r.random() < 0.15:
            option, value = "-l", self.r.choice(["50%LV", "100%LV", "10%FREE", "100%FREE"])
        return [option, self.r.choice(signs) + value]

    def make(self, kind):
        """Has a volume of a type made, and says its name."""
        r = self.r
        if kind == "snapshot":
            origin = self.of(["linear", "striped", "raid1"])
            name = self.name(kind)
            return self.step("lvcreate", ["-s", "-l", str(r.randint(1, 6)), "-n", name], VG + origin, name)
        if kind == "thin":
            pool = self.of(["thin-pool"])
            name = self.name(kind)
            return self.step("lvcreate", ["-V", r.choice(WORDS["VIRTUAL"]), "-T", "-n", name], VG + pool, name)
        if kind == "cache":
            origin = self.of(["linear", "striped", "raid1"])
            self.step("lvcreate", ["--type", "cache", "-l", str(r.randint(2, 6)), "-n", self.name("attached")], VG + origin, origin)
            self.kinds[origin] = kind
            return origin
        if kind == "writecache":
            origin, cache = self.of(["linear", "striped"]), self.make("linear")
            self.step("lvchange", ["-an"], VG + cache, cache)
            self.step("lvconvert", ["--type", "writecache", "--cachevol", cache], VG + origin, origin)
            self.kinds[origin], self.kinds[cache] = kind, "attached"
            return origin
        if kind == "split":
            name = self.of(["raid1"])
            self.step("lvconvert", ["--splitmirrors", "1", "--trackchanges"], VG + name, name)
            return name + "_rimage_1"
        name = self.name(kind)
        args = [str(r.randint(1, 12)) if a == "SMALL" else r.choice(["4m", "8m", "12m", "20m"]) if a == "BYTES" else a for a in r.choice(MADE[kind])]
        return self.step("lvcreate", args + ["-n", name], None, name)

    def step(self, cmd, args, target, name, pvs=None):
        js = {"cmd": cmd, "args": args + ([target] if target else [])}
        if pvs:
            js["pvs"] = pvs
        if target:
            js["raw"] = True
            js["if_exists"] = target[len(VG):]
        self.steps.append(js)
        return name

    def of(self, kinds):
        """A volume of one of the types; now and then one of any."""
        if kinds == ["ANY"]:
            kinds = sorted(set(self.kinds.values()) - {"attached"}) or ["linear", "raid1", "mirror", "thin", "striped", "raid5", "snapshot", "cache"]
        elif self.kinds and self.r.random() < 0.04:
            return self.r.choice(sorted(self.kinds))
        kind = self.r.choice(kinds)
        there = sorted(n for n, k in self.kinds.items() if k == kind or (kind != "linear" and k.startswith(kind)))
        return self.r.choice(there) if there and kind != "split" else self.make(kind)


def type_in(s, form):
    """Has the scene type a form."""
    r = s.r
    _, _, required, allowed, takes_disks = form
    cmd, *words = required.split(" ")
    args, disks, kind, new_pool = [], [], None, None
    level = r.choice(WORDS["LEVEL"])
    for word in words:
        if word.startswith("<") or word.startswith("BARE<"):
            name = s.of(word[word.index("<") + 1:-1].split("|"))
            args.append(name if word.startswith("BARE") else VG + name)
        elif word.startswith("NEW:"):
            kind = level if word == "NEW:LEVEL" else word[4:]
            args += ["-n", s.name(kind)] if r.random() < 0.93 else []
        elif word.startswith("BARE:"):
            args.append(s.name(word[5:]))
        elif word == "NEWPOOL":
            args.append(VG + s.name("thin-pool"))
        elif word == "NAME":
            old = args[-1].split("/")[-1]
            new = s.name(s.kinds.pop(old, "linear"))
            args.append(new if args[0] == "@VG@" or r.random() < 0.5 else VG + new)
        elif word == "SIZE":
            args += s.size()
        elif word in ("LONGER", "SHORTER", "OTHER"):
            args += s.change_of_size({"LONGER": ["+", "+", "+", ""], "SHORTER": ["-", "-", ""], "OTHER": ["+", "-", ""]}[word])
        elif word == "PV":
            args.append("@PV:%s@" % s.disk())
        elif word == "PVS":
            disks = sorted({s.disk() for _ in range(r.randint(1, 3))})
        elif word == "LEVEL":
            args.append(level)
        else:
            args.append(r.choice(WORDS.get(word, [word])))
    options = allowed.split()
    for option in options + r.sample(COMMON.get(cmd, "").split(), 1 if cmd in COMMON and r.random() < 0.25 else 0):
        if option in args or (option in options and r.random() >= (0.5 if option in ("-i", "-m") else 0.16)):
            continue
        if option == "--poolmetadata":
            args[0:0] = [option, VG + s.of(["linear"])]
        elif option == "--originname":
            args[0:0] = [option, s.name("external")]
        else:
            args[0:0] = [option] + ([r.choice(VALUES[option])] if VALUES[option] else [])
    if cmd == "lvremove":
        for target in args:
            s.kinds.pop(target.split("/")[-1], None)
    if takes_disks and r.random() < 0.22:
        disks = [p["name"] for p in r.sample(s.pvs, r.randint(1, len(s.pvs)))]
        disks = [d + ":0-%d" % r.randint(3, 15) if r.random() < 0.15 else d for d in disks]
    if words[0] in ("--splitcache", "--uncache") and s.kinds.get(args[-1][len(VG):]) == "writecache":
        return      # no writecache in use is flushed without a driver
    has_target = bool(args) and args[-1].startswith(VG) and (len(args) < 2 or not args[-2].startswith("--thinpool"))
    has_target = has_target and not (len(args) > 1 and args[-2] in ("--thinpool", "--cachepool", "--cachevol", "--poolmetadata"))
    is_raw = cmd != "lvcreate" or has_target
    js = {"cmd": cmd, "args": args}
    if disks:
        js["pvs"] = disks
    if is_raw:
        js["raw"] = True
    if is_raw and args[-1].startswith(VG) and "NEWPOOL" not in words and cmd != "lvrename" and r.random() < 0.9:
        js["if_exists"] = args[-1][len(VG):]
    s.steps.append(js)


def scenario(seed, index):
    r = random.Random("manual/%s/%s" % (seed, index))
    count = r.choice([1, 2, 3, 4, 5, 5, 6, 6, 8, 10, 16, 40])
    pvs = []
    for i in range(count):
        pv = {"name": "p%d" % i, "extents": r.choice([8, 16, 20, 32, 32, 50, 64])}
        if r.random() < 0.08:
            pv["used"] = [[r.randrange(pv["extents"] - 3), 2]]
        pvs.append(pv)
    js = {"id": "m%s-%d" % (seed, index), "extent_size_kib": r.choice([4096, 4096, 1024, 512, 2048]), "pvs": pvs, "active": r.random() < 0.9}
    s = Scene(r, pvs)
    wanted = r.choice([1, 2, 2, 3, 3, 4, 4, 4])
    while len(s.steps) < wanted:
        share = r.choices(list(SHARES), list(SHARES.values()))[0]
        forms = [form for form in FORMS if form[0] == share]
        type_in(s, r.choices(forms, [form[1] for form in forms])[0])
    js["steps"] = s.steps
    return js


if __name__ == "__main__":
    scenarios.write(scenario, __doc__)
