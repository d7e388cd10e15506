"""The job files of `models/jobs`, run by engines that do no more than start what they are given."""

import os
import pathlib
import re
import stat
import subprocess

import pytest

from conftest import ROOT
from test_fleet import built, pools  # noqa: F401  (a fixture)

JOBS = ROOT / "models/jobs"

SBATCH = """#!/usr/bin/env bash
# As Slurm runs an array: the script once for each index.
set -euo pipefail
[[ $1 =~ ^--array=1-([0-9]+)$ ]]
shift
for SLURM_ARRAY_TASK_ID in $(seq "${BASH_REMATCH[1]}"); do
    export SLURM_ARRAY_TASK_ID
    bash "$@"
done
"""

HQ = """#!/usr/bin/env bash
# As HyperQueue runs tasks: the command once for each line of a file.
set -euo pipefail
[ "$1" = submit ]
shift
while [ "$1" != -- ]; do
    case $1 in
    --wait) shift ;;
    --each-line) list=$2; shift 2 ;;
    --cpus | --crash-limit) shift 2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
    esac
done
shift
while read -r HQ_ENTRY; do
    export HQ_ENTRY
    "$@" </dev/null
done <"$list"
"""


@pytest.fixture
def folder(tmp_path, pools):  # noqa: F811
    """A folder with parts of the fleet, and with engines and the program on its path."""
    for name in ("parts", "rows", "bin"):
        (tmp_path / name).mkdir()
    lines = pools.read_bytes().splitlines(keepends=True)
    for part in range(0, len(lines), 40):
        (tmp_path / "parts" / f"{part // 40:05}.jsonl").write_bytes(b"".join(lines[part : part + 40]))
    for name, text in [("sbatch", SBATCH), ("hq", HQ)]:
        path = tmp_path / "bin" / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "bin" / "extentplan").symlink_to(pathlib.Path(built()).resolve())
    return tmp_path


def run(folder, words, **more):
    env = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **more}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def bare(row):
    """A row without how long it took, and without the numbers of lines, which each part counts by itself."""
    row = re.sub(r',"seconds":[0-9.]+', "", row)
    return re.sub(r'(stdin>?|line)("?[: ]+)[0-9]+', r"\1\2", row)


@pytest.fixture
def whole(pools):  # noqa: F811
    told = subprocess.run([built(), "shard", "audit"], input=pools.read_bytes(), capture_output=True).stdout.decode()
    return [bare(row) for row in told.splitlines()]


def same(folder, whole):
    text = "".join(path.read_text() for path in sorted((folder / "rows").iterdir()))
    assert [bare(row) for row in text.splitlines()] == whole


def test_slurm(folder, whole):
    run(folder, ["sbatch", "--array=1-4", str(JOBS / "slurm.sh"), "audit"])
    same(folder, whole)


def test_hyperqueue(folder, whole):
    run(folder, ["bash", str(JOBS / "hyperqueue.sh"), "parts", "rows", "audit"])
    same(folder, whole)


def test_kubernetes(folder, whole):
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load((JOBS / "kubernetes.yaml").read_text())
    assert (job["apiVersion"], job["kind"], job["spec"]["completionMode"]) == ("batch/v1", "Job", "Indexed")
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert {volume["name"] for volume in pod["volumes"]} == set(mounts)
    command = [word.replace(mounts["fleet"], str(folder)) for word in container["command"]]
    for index in range(4):
        run(folder, command, JOB_COMPLETION_INDEX=str(index))
    same(folder, whole)
