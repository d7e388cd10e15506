"""Pools made by rule from a seed, in every form that extentplan reads, and as a scenario of the oracle.

A pool is a list of sources; a source is (extents, [(start, count) free], [tags]). What is not free is
held by volumes, dealt out in turn.
"""
import json
import random


def pool(sources, areas, seed=1, extents=(20, 60), gap=(1, 9), tags=None):
    """So many sources with so many free areas each, of random length, with random gaps in front.

    `tags` is a function of the index of a source; none without it.
    """
    dice = random.Random(seed)
    made = []
    for index in range(sources):
        at, free = 0, []
        for _ in range(areas):
            at += dice.randint(*gap)
            count = dice.randint(*extents)
            free.append((at, count))
            at += count
        made.append((at + dice.randint(*gap), free, tags(index) if tags else []))
    return made


def free_extents(made):
    return sum(count for _, free, _ in made for _, count in free)


def used(source):
    """The areas of a source that are held: [(start, count)]."""
    extents, free, _ = source
    at, held = 0, []
    for start, count in free:
        if start > at:
            held.append((at, start - at))
        at = start + count
    if extents > at:
        held.append((at, extents - at))
    return held


def dealt(made, volumes):
    """The held areas as volumes: per volume [(source, start, count)], dealt out in runs."""
    pieces = [(index, *area) for index, source in enumerate(made) for area in used(source)]
    volumes = max(1, min(volumes, len(pieces)))
    cuts = [len(pieces) * at // volumes for at in range(volumes + 1)]
    return [pieces[first:end] for first, end in zip(cuts, cuts[1:])]


def device(index):
    return "/dev/disk%d" % index


def identifier(kind, index):
    """Something in the form of LVM2's identifiers, of 32 letters and digits."""
    letters = "%s%031d" % (kind, index)
    return "-".join(letters[first:end] for first, end in ((0, 6), (6, 10), (10, 14), (14, 18), (18, 22), (22, 26), (26, 32)))


def metadata(made, volumes=1):
    """The pool as LVM2's metadata text."""
    words = ['contents = "Text Format Volume Group"\nversion = 1\n\nvg0 {\n\tid = "%s"\n\tseqno = 7\n' % identifier("G", 0)]
    words.append('\tformat = "lvm2"\n\tstatus = ["RESIZEABLE", "READ", "WRITE"]\n\tflags = []\n')
    words.append("\textent_size = 8192\n\tmax_lv = 0\n\tmax_pv = 0\n\tmetadata_copies = 0\n\n\tphysical_volumes {\n")
    for index, (extents, _, tags) in enumerate(made):
        words.append('\n\t\tpv%d {\n\t\t\tid = "%s"\n\t\t\tdevice = "%s"\n\n' % (index, identifier("P", index), device(index)))
        words.append('\t\t\tstatus = ["ALLOCATABLE"]\n\t\t\tflags = []\n')
        if tags:
            words.append("\t\t\ttags = [%s]\n" % ", ".join('"%s"' % tag for tag in tags))
        words.append("\t\t\tdev_size = %d\n\t\t\tpe_start = 2048\n\t\t\tpe_count = %d\n\t\t}\n" % (extents * 8192 + 2048, extents))
    words.append("\t}\n\n\tlogical_volumes {\n")
    for number, pieces in enumerate(dealt(made, volumes)):
        words.append('\n\t\tused%d {\n\t\t\tid = "%s"\n\t\t\tstatus = ["READ", "WRITE", "VISIBLE"]\n' % (number, identifier("L", number)))
        words.append('\t\t\tflags = []\n\t\t\tsegment_count = %d\n' % len(pieces))
        at = 0
        for position, (index, start, count) in enumerate(pieces):
            words.append("\n\t\t\tsegment%d {\n\t\t\t\tstart_extent = %d\n\t\t\t\textent_count = %d\n\n" % (position + 1, at, count))
            words.append('\t\t\t\ttype = "striped"\n\t\t\t\tstripe_count = 1\n\n\t\t\t\tstripes = [\n\t\t\t\t\t"pv%d", %d\n\t\t\t\t]\n\t\t\t}\n' % (index, start))
            at += count
        words.append("\t\t}\n")
    words.append("\t}\n}\n")
    return "".join(words)


def report(made, volumes=1):
    """The pool as `lvm fullreport --reportformat json --units s --nosuffix -a` prints it."""
    pv, pvseg, lv, seg = [], [], [], []
    owner = {}
    for number, pieces in enumerate(dealt(made, volumes)):
        name = "used%d" % number
        at = 0
        for index, start, count in pieces:
            ranges = "%s:%d-%d" % (device(index), start, start + count - 1)
            seg.append({"segtype": "linear", "stripes": "1", "seg_start_pe": str(at), "seg_size_pe": str(count),
                        "seg_le_ranges": ranges, "seg_pe_ranges": ranges, "stripe_size": "0", "region_size": "0",
                        "chunk_size": "0", "lv_uuid": identifier("L", number), "devices": ""})
            owner.setdefault(index, []).append((start, count, number))
            at += count
        lv.append({"lv_uuid": identifier("L", number), "lv_name": name, "lv_full_name": "vg0/" + name, "lv_size": str(at * 8192),
                   "lv_attr": "-wi-------", "lv_tags": "", "lv_allocation_policy": "inherit", "lv_layout": "linear",
                   "lv_role": "public", "seg_count": str(len(pieces)), "lv_parent": "", "pool_lv": "", "origin": "",
                   "data_lv": "", "metadata_lv": "", "mirror_log": ""})
    for index, (extents, free, tags) in enumerate(made):
        left = sum(count for _, count in free)
        pv.append({"pv_fmt": "lvm2", "pv_uuid": identifier("P", index), "dev_size": str(extents * 8192 + 2048),
                   "pv_name": device(index), "pv_size": str(extents * 8192), "pv_free": str(left * 8192),
                   "pv_used": str((extents - left) * 8192), "pv_attr": "a--", "pv_allocatable": "allocatable",
                   "pv_exported": "", "pv_missing": "", "pv_pe_count": str(extents),
                   "pv_pe_alloc_count": str(extents - left), "pv_tags": ",".join(tags)})
        for start, count, number in owner.get(index, []):
            pvseg.append({"pvseg_start": str(start), "pvseg_size": str(count), "pv_uuid": identifier("P", index),
                          "lv_uuid": identifier("L", number)})
        for start, count in free:
            pvseg.append({"pvseg_start": str(start), "pvseg_size": str(count), "pv_uuid": identifier("P", index), "lv_uuid": ""})
    total, left = sum(source[0] for source in made), free_extents(made)
    vg = {"vg_fmt": "lvm2", "vg_uuid": identifier("G", 0), "vg_name": "vg0", "vg_attr": "wz--n-", "vg_permissions": "writeable",
          "vg_extendable": "extendable", "vg_exported": "", "vg_allocation_policy": "normal", "vg_extent_size": "8192",
          "vg_extent_count": str(total), "vg_free_count": str(left), "vg_seqno": "7", "vg_tags": ""}
    return json.dumps({"report": [{"vg": [vg], "pv": pv, "lv": lv, "pvseg": pvseg, "seg": seg}]}, indent=1)


def problem(made, requests, objective=("segments", "sources")):
    """The pool as a problem of extentplan's own, one source a line."""
    sources = []
    for index, (extents, free, tags) in enumerate(made):
        source = {"name": "s%d" % index, "extents": extents, "free": free}
        if tags:
            source["tags"] = tags
        sources.append(json.dumps(source))
    head = '{"schema": "extentplan/problem/1", "extent_bytes": 4194304, "objective": %s,\n"sources": [\n' % json.dumps(list(objective))
    return head + ",\n".join(sources) + '\n],\n"requests": [\n' + ",\n".join(json.dumps(one) for one in requests) + "\n]}\n"


def scenario_of(made, steps):
    """The pool as a scenario of tests/lvm2/oracle.py."""
    pvs = [{"name": "p%d" % index, "extents": source[0], "tags": source[2], "used": used(source)} for index, source in enumerate(made)]
    return {"id": "scale", "extent_size_kib": 4096, "pvs": pvs, "steps": steps}
