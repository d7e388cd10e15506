"""What is wrong with what was asked."""

from __future__ import annotations

from typing import Optional


class ExtentplanError(ValueError):
    """A text, a request or an argument is wrong; the message names it, what was found and what was expected.

    An answer of "no" is no error: see :attr:`Plan.status`.
    """

    line: Optional[int]
    """The line of the text that is wrong, from 1; ``None`` where none is to blame."""
    column: Optional[int]
    """The column in that line, in characters from 1."""
    position: Optional[int]
    """The request that is wrong, by its place in the list that was given, from 0."""

    def __init__(
        self,
        message: str,
        line: Optional[int] = None,
        column: Optional[int] = None,
        position: Optional[int] = None,
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.position = position

    def __reduce__(self):  # type: ignore[no-untyped-def]
        return (type(self), (self.args[0], self.line, self.column, self.position))
