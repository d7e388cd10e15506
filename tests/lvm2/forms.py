#!/usr/bin/env python3
"""The forms that the commands about logical volumes have, one a line, as `lvm COMMAND --longhelp` lists them.

  forms.py > ../../src/lvm/simulate/forms.txt

A line is the command, what a form requires, `:` and what it allows; `any=A|B` requires one of several. A word in capitals
is an argument; one with a star may come any number of times, or not at all. A line whose command is followed by `*` has
what every form of it allows.
"""

import re
import subprocess

COMMANDS = "lvcreate lvextend lvresize lvreduce lvremove lvconvert lvchange lvrename".split()
# A pool may be named by an option alone: the help leaves these forms out.
UNLISTED = {"lvconvert --type cache-pool LV": [
    "lvconvert thinpool PV* : chunksize discards errorwhenfull metadataprofile poolmetadata poolmetadatasize"
    " poolmetadataspare readahead stripes stripesize zero",
    "lvconvert cachepool PV* : cachemetadataformat cachemode cachepolicy cachesettings chunksize metadataprofile"
    " poolmetadata poolmetadatasize poolmetadataspare readahead zero"]}


def said(command):
    run = subprocess.run(["lvm", command, "--longhelp"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    return run.stdout.decode(errors="replace").splitlines()


def required(text):
    """What the first line of a form requires."""
    words = []
    tokens = text.split()
    while tokens:
        token = tokens.pop(0)
        option = re.match(r"(?:-\w\|)?--(\w+)$", token)
        if not option:
            words.append(token)
            continue
        name = option.group(1)
        # What is in capitals behind an option is its value, but for the flags'.
        is_flag = not tokens or tokens[0].startswith("-") or name in FLAGS
        value = None if is_flag else tokens.pop(0)
        keeps = name == "type" or (name == "persistent" and value)
        words.append("%s=%s" % (name, value) if keeps else name)
    more = "..." in words
    words = [word for word in words if word != "..."]
    return words + [words[-1] + "*"] if more else words


FLAGS = {"snapshot", "thin", "cache", "trackchanges", "splitcache", "uncache", "swapmetadata", "merge", "mergemirrors",
         "mergethin", "mergesnapshot", "splitsnapshot", "repair", "startpoll", "refresh", "resync", "usepolicies", "vdo"}


def forms(command):
    common, lines, form = set(), [], None
    part = "forms"
    for line in said(command):
        text = line.strip()
        if line.startswith("  Common options"):
            part = "common"
        elif re.match("  (Special|Common variables)", line):
            break
        elif part == "common":
            common.update(re.findall(r"--(\w+)", text))
        elif text.startswith(command) and not text.startswith(command + " - "):
            form = {"line": text, "needs": required(text[len(command):]), "any": [], "allows": []}
            lines.append(form)
        elif form and text.startswith("[ PV"):
            form["needs"].append("PV*")
        elif form and text.startswith("["):
            implied = re.search(r"--type (\S+) \] \(implied", text)
            names = ["type=" + implied.group(1)] if implied else re.findall(r"--(\w+)", text)[:1]
            form["allows"] += names
        elif form and re.match(r"\(?\s*(-\w\|)?--", text):
            form["any"] += re.findall(r"--(\w+)", text)[:1]
        elif form and text.startswith("VG|LV"):
            form["needs"] += ["LV", "LV*"]
    print(command, "* :", *sorted(common))
    for form in lines:
        any_of = ["any=" + "|".join(sorted(form["any"]))] if form["any"] else []
        needs = [word if "|" not in word or "=" in word else re.sub(r"VG\|LV.*?(\*?)$", r"LV\1", word) for word in any_of + form["needs"]]
        if [word for word in needs if word.islower() or "=" in word] or command != "lvconvert":
            print(command, *needs, ":", *sorted(form["allows"]))
        for line in UNLISTED.get(form["line"], []):
            print(line)


def main():
    for command in COMMANDS:
        forms(command)


if __name__ == "__main__":
    main()
