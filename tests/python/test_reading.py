"""Pools are recognised by their content, and what is wrong is said with its place."""

import gzip
import json
import pickle

import pytest

import extentplan
from extentplan import ExtentplanError


def test_a_path_a_text_and_bytes_are_the_same_pool(models):
    path = models / "lvm2" / "three-disks.vg"
    text = path.read_text()
    ways = [path, str(path), text, text.encode(), gzip.compress(text.encode())]
    dicts = [extentplan.read(way).to_dict() for way in ways]
    assert all(one == dicts[0] for one in dicts)
    assert extentplan.read(path).name == "vg0"


def test_sources_and_volumes_are_rows(models):
    vg = extentplan.read(models / "lvm2" / "raid5.vg")
    assert [set(row) for row in vg.sources] == [set(vg.sources[0])] * len(vg.sources)
    assert all(isinstance(row["free_extents"], int) for row in vg.sources)
    assert {row["name"] for row in vg.volumes} and vg.extent_bytes > 0
    assert "volume group" in repr(vg)


def test_areas_have_tags_of_their_own():
    free = [[0, 4, ["new", "fast"]], [4, 6]]
    source = {"name": "a", "extents": 20, "free": free, "tags": ["rack"], "area_tags": ["gone"]}
    problem = {"schema": "extentplan/problem/1", "sources": [source], "requests": []}
    (row,) = extentplan.read(json.dumps(problem)).sources
    assert row["free"] == [[0, 4, ["fast", "new"]], [4, 6]] and row["free_extents"] == 10
    assert (row["tags"], row["area_tags"]) == (["rack"], ["fast", "gone", "new"])


def test_the_types_of_a_problem_have_the_keys_of_its_schema(models):
    schema = json.loads((models / "schema" / "problem.schema.json").read_text())
    keys = {"RawSource": extentplan.SourceDict, "RawRequest": extentplan.RequestDict}
    described = [(schema, extentplan.ProblemDict)]
    described += [(schema["$defs"][name], typed) for name, typed in keys.items()]
    for table, typed in described:
        assert set(table["properties"]) == set(typed.__annotations__)
        assert set(table["required"]) == typed.__required_keys__


def test_a_problem_is_a_pool_without_volumes(models):
    pool = extentplan.read(models / "easy" / "avoid-come-back.json")
    assert pool.name is None and pool.volumes == [] and pool.sources


def test_metadata_that_is_cut_off_says_where(models):
    lines = (models / "lvm2" / "raid5.vg").read_text().splitlines()
    with pytest.raises(ExtentplanError) as caught:
        extentplan.read("\n".join(lines[:20] + ["= ="] + lines[20:]))
    assert (caught.value.line, caught.value.column) == (21, 1)
    assert "21" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{ "schema": "extentplan/problem/1",\n  "sources": 7 }', 2),
        ('{ "schema": "extentplan/problem/1",\n  "sources": [}', 2),
        ('{ "report": [\n', 2),
        ("\n", None),
        ("", None),
    ],
)
def test_what_is_malformed_is_one_kind_of_error(text, line):
    with pytest.raises(ExtentplanError) as caught:
        extentplan.read(text.encode())
    assert caught.value.line == line
    assert isinstance(caught.value, ValueError)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        extentplan.read(tmp_path / "nothing.vg")


def test_bytes_that_are_no_text_are_an_error():
    for wrong in (b"\xff\xfe\x00", b"\x1f\x8b broken", bytes(range(256))):
        with pytest.raises(ExtentplanError):
            extentplan.read(wrong)


def test_pools_and_errors_can_be_sent_to_another_process(models):
    vg = extentplan.read(models / "lvm2" / "three-disks.vg")
    assert pickle.loads(pickle.dumps(vg)).to_dict() == vg.to_dict()
    error = pickle.loads(pickle.dumps(ExtentplanError("wrong", 1, 2, 3)))
    assert (str(error), error.line, error.column, error.position) == ("wrong", 1, 2, 3)
