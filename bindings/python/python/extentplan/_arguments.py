"""Arguments as the library takes them, checked at the door."""

from __future__ import annotations

import json
import os
import shlex
from typing import Any, List, Mapping, Optional, Sequence, Tuple, Union

from . import _extentplan
from ._errors import ExtentplanError

Request = Union[str, Sequence[str]]
Requests = Union[Sequence[Request], Mapping[str, Any]]
Scenario = Union[None, str, bytes, "os.PathLike[str]", Mapping[str, Any]]

_LARGEST = {"threads": 1024, "when": 1200, "seed": 2**64 - 1}


def natural(name: str, value: Any, least: int = 0) -> Optional[int]:
    """A whole number, or ``None``; of another type it is a ``TypeError``, out of range an :class:`ExtentplanError`."""
    if value is None:
        return None
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name}: found {value!r}, expected a whole number")
    number: int = value.__index__()
    most = _LARGEST.get(name, 2**64 - 1)
    if not least <= number <= most:
        raise ExtentplanError(f"{name}: found {number}, expected {least} to {most}")
    return number


def bounds(
    time_limit: Optional[float],
    threads: Optional[int],
    node_limit: Optional[int] = None,
    seed: int = 0,
) -> _extentplan.Bounds:
    """What a run may use up."""
    return _extentplan.Bounds(
        time_limit,
        natural("threads", threads, 1),
        natural("node_limit", node_limit),
        natural("seed", seed) or 0,
    )


def lvm2(version: Optional[str], config: Sequence[str] = ()) -> _extentplan.Lvm2:
    """How LVM2 behaves."""
    return _extentplan.Lvm2(version, words("config", config))


def words(name: str, value: Union[None, str, Sequence[str]]) -> List[str]:
    """A list of texts; one alone may stand for itself."""
    if value is None:
        return []
    found = [value] if isinstance(value, str) else list(value)
    for word in found:
        if not isinstance(word, str):
            raise TypeError(f"{name}: found {word!r}, expected a str")
    return found


def requests(value: Union[None, str, Requests]) -> Union[List[List[str]], str]:
    """Commands in words, or requests of our own as JSON."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return as_json("requests", value)
    if isinstance(value, str):
        value = [value]
    commands = []
    for position, one in enumerate(value):
        if not isinstance(one, str):
            commands.append(words(f"requests[{position}]", one))
            continue
        try:
            commands.append(shlex.split(one))
        except ValueError as error:
            raise ExtentplanError(f"{one}: {error}", position=position) from None
    for position, command in enumerate(commands):
        if not command:
            raise ExtentplanError(
                f"requests[{position}] is empty; expected a command such as `lvcreate -l 10 -n data`",
                position=position,
            )
    return commands


def as_json(name: str, value: Union[str, Mapping[str, Any]]) -> str:
    """A JSON text of a dict; a text is taken as it is."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}: found {type(value).__name__}, expected a dict or a JSON text")
    try:
        return json.dumps(dict(value), allow_nan=False)
    except ValueError as error:
        raise ExtentplanError(f"{name}: {error}") from None


def scenario(value: Scenario) -> Optional[str]:
    """The text of a scenario: of a dict, of a file, or as it is."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return as_json("scenario", value)
    return content(value)[0].decode("utf-8", "replace")


def content(source: Union[str, bytes, "os.PathLike[str]"]) -> Tuple[bytes, str]:
    """The bytes that are meant, and what messages call them."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "bytes"
    if isinstance(source, str) and ("\n" in source or source.lstrip()[:1] in ("{", "")):
        return source.encode("utf-8", "surrogatepass"), "text"
    path = os.fspath(source)
    with open(path, "rb") as file:
        return file.read(), os.fsdecode(path)
