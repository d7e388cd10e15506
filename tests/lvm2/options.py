#!/usr/bin/env python3
"""The options that the commands of LVM2 take, one a line: command, long name, short form or -, value or flag.

  options.py > options.txt

Each option that the command's help names, and each old spelling that is still taken, is tried on the command
itself, together with one that there is not: nothing is run.
"""

import re
import subprocess

COMMANDS = ("lvcreate lvextend lvresize lvreduce lvremove lvconvert lvchange lvrename "
            "vgchange vgextend vgreduce pvchange pvresize vgck").split()
OLD_SPELLINGS = {"available", "allocation", "corelog", "resizable", "virtualoriginsize"}


def said(*words):
    run = subprocess.run(["lvm", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    return run.stdout.decode(errors="replace")


def main():
    for command in COMMANDS:
        text = said(command, "--longhelp")
        named = set(re.findall(r"--(\w+)", text))
        short_forms = {long: short for short, long in re.findall(r"-(\w)\|--(\w+)", text)}
        for name in sorted(named | OLD_SPELLINGS):
            answer = said(command, "--%s=x" % name, "--no-such-option")
            is_begun = name not in named and any(other.startswith(name) for other in named)
            if is_begun or "unrecognized option '--%s" % name in answer or "ambiguous" in answer:
                continue
            value = "flag" if "doesn't allow an argument" in answer else "value"
            print(command, name, short_forms.get(name, "-"), value)


if __name__ == "__main__":
    main()
