"""Methods that read, search, empty and remove the files that a logger writes.

Every method first waits, for 10 seconds at most, until everything logged before is written. It returns None, or False,
for an unknown id and for sinks that are not files. Files are read without the interpreter lock. Other threads and
processes may append to, rotate, compress or remove files at the same time: each call sees the file as it was at the
start of the call.
"""

from __future__ import annotations

from logly._logly import (
    PyLogger,
    _archives,
    _clear,
    _delete,
    _file_size,
    _line_count,
    _read,
    _read_lines,
    _search,
    _stat,
    _texts,
)
from logly._naming import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from logly.typing import FileMetadata, LevelName, Match


class FileMethods(PyLogger):
    """The methods of `Logger` for its files."""

    __slots__ = ()

    def read(self, sink_id: int, *, archives: bool = False) -> str | None:
        r"""Return the whole text of a file.

        Args:
            sink_id: The id that `add` returned.
            archives: Whether the file's archives come first, oldest first, compressed or not.

        Returns:
            The text, decoded by the sink's encoding; bytes that cannot be decoded become U+FFFD. Line breaks are as
            they are in the file. Empty if there is no file yet; None if no file sink has this id.

        Raises:
            OSError: A file cannot be read; the error names it.
            TypeError: An argument is of a wrong type.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"), format="{level}: {message}")
            >>> logger.info("ready")
            >>> logger.read(sink)
            'INFO: ready\n'
        """
        return _read(self, sink_id, archives)

    def read_all(self, *, archives: bool = False) -> dict[int, str]:
        r"""Return the texts of all file sinks by the sink's id, in the order the sinks were added.

        Args:
            archives: Whether the files' archives come first.

        Raises:
            OSError: A file cannot be read; the error names it.
            TypeError: An argument is of a wrong type.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"), format="{message}")
            >>> logger.info("ready")
            >>> logger.read_all() == {sink: "ready\n"}
            True
        """
        texts = {sink: self.read(sink, archives=archives) for sink in self._file_sinks()}
        return {sink: text for sink, text in texts.items() if text is not None}

    def read_lines(
        self,
        sink_id: int,
        start: int = 1,
        end: int | None = None,
        *,
        archives: bool = False,
    ) -> list[str] | None:
        """Return some lines of a file, without their line breaks.

        The last lines of a large file are found from its end, without reading the rest.

        Args:
            sink_id: The id that `add` returned.
            start: The first line: 1 is the first of the file, -1 its last.
            end: The last line, inclusive; None is the last line of the file.
            archives: Whether to read the file's archives first, oldest first. Archives and file are counted as one
                text.

        Returns:
            The existing lines of that range; an empty list if *end* comes before *start*. None if no file sink has this
            id. A line ends at LF or CRLF; text after the last line break is a line too.

        Raises:
            ValueError: A line is 0.
            OSError: A file cannot be read; the error names it.
            TypeError: An argument is of a wrong type.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"), format="{message}")
            >>> for name in ("one", "two", "three"):
            ...     logger.info(name)
            >>> logger.read_lines(sink, 2, 3), logger.read_lines(sink, -1), logger.read_lines(sink, 5)
            (['two', 'three'], ['three'], [])
        """
        return _read_lines(self, sink_id, start, end, archives)

    def read_json(
        self,
        sink_id: int,
        *,
        archives: bool = False,
        skip_invalid: bool = False,
    ) -> list[dict[str, Any]] | None:
        """Return the objects of a file with `json=True`, `"flat"` or `"pretty"`.

        An incomplete object at the end of a file is left out, because another process may be writing it.

        Args:
            sink_id: The id that `add` returned.
            archives: Whether the objects of the file's archives come first, oldest first.
            skip_invalid: Whether to leave out lines that are not a JSON object, such as a line torn by a crash.

        Returns:
            A dict for each object; None if no file sink has this id.

        Raises:
            ValueError: A line is not a JSON object; the error names file and line.
            OSError: A file cannot be read; the error names it.
            TypeError: An argument is of a wrong type.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.jsonl"), json=True)
            >>> logger.info("paid {amount} EUR", amount=12)
            >>> [(line["message"], line["fields"]) for line in logger.read_json(sink)]
            [('paid 12 EUR', {'amount': 12})]
        """
        if not isinstance(skip_invalid, bool):
            message = f"skip_invalid: expected True or False, got {shown(skip_invalid)}"
            raise TypeError(message)
        texts = _texts(self, sink_id, archives)
        if texts is None:
            return None
        from logly._files.json_lines import objects  # `json` is needed here alone

        return [found for path, text in texts for found in objects(path, text, skip_invalid=skip_invalid)]

    def line_count(self, sink_id: int, *, archives: bool = False) -> int | None:
        """Return how many lines a file has; None if no file sink has this id.

        Args:
            sink_id: The id that `add` returned.
            archives: Whether to count the lines of the file's archives too.

        Raises:
            OSError: A file cannot be read; the error names it.
            TypeError: An argument is of a wrong type.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"))
            >>> logger.info("ready")
            >>> logger.line_count(sink)
            1
        """
        return _line_count(self, sink_id, archives)

    def file_size(self, sink_id: int, *, archives: bool = False) -> int | None:
        """Return the size of a file in bytes: 0 without a file, None if no file sink has this id.

        Args:
            sink_id: The id that `add` returned.
            archives: Whether to add the sizes of the file's archives, compressed as they are.

        Raises:
            OSError: The file's attributes cannot be read; the error names it.
            TypeError: An argument is of a wrong type.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"), format="{message}")
            >>> logger.info("ready")
            >>> logger.file_size(sink)
            6
        """
        return _file_size(self, sink_id, archives)

    def file_metadata(self, sink_id: int) -> FileMetadata | None:
        """Describe a file: its path, size, times, permissions, encoding and archives. Its lines are not counted.

        Args:
            sink_id: The id that `add` returned.

        Returns:
            See `logly.typing.FileMetadata`; None if there is no file, or no file sink has this id.

        Raises:
            OSError: The file or its folder cannot be read; the error names it.
            TypeError: The id is not an int.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"), permissions=0o600)
            >>> found = logger.file_metadata(sink)
            >>> found["size"], oct(found["mode"]), found["archives"]
            (0, '0o600', [])
        """
        found = _stat(self, sink_id)
        if found is None:
            return None
        return {
            "path": found["path"],
            "size": found["size"],
            "created": None if found["created"] is None else _instant(found["created"]),
            "modified": _instant(found["modified"]),
            "mode": found["mode"],
            "encoding": found["encoding"],
            "archives": [{"path": path, "size": size} for path, size in _archives(self, sink_id) or []],
        }

    def delete(self, sink_id: int) -> bool:
        """Remove a file after everything logged before is written. Its archives stay.

        The sink stays in use: its next record creates the file again. If the path is a symbolic link, its target is
        removed, not the link.

        Args:
            sink_id: The id that `add` returned.

        Returns:
            Whether there was a file to remove.

        Raises:
            OSError: The file cannot be removed; the error names it.
            TypeError: The id is not an int.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> path = pathlib.Path(tempfile.mkdtemp(), "app.log")
            >>> sink = logger.add(path)
            >>> logger.delete(sink), path.exists(), logger.delete(sink)
            (True, False, False)
        """
        return _delete(self, sink_id)

    def delete_all(self) -> int:
        """Remove the files of all sinks, like `delete`, and return how many there were.

        Raises:
            OSError: A file cannot be removed; the error names it. The files of sinks added later stay.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"))
            >>> logger.delete_all()
            1
        """
        return sum(self.delete(sink) for sink in self._file_sinks())

    def clear(self, sink_id: int) -> bool:
        """Empty a file in place, after everything logged before is written. The sink stays in use; its archives stay.

        Args:
            sink_id: The id that `add` returned.

        Returns:
            Whether there was a file to empty.

        Raises:
            OSError: The file cannot be emptied; the error names it.
            TypeError: The id is not an int.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"))
            >>> logger.info("ready")
            >>> logger.clear(sink), logger.read(sink)
            (True, '')
        """
        return _clear(self, sink_id)

    def search_log(  # noqa: PLR0913 - each is an option of its own, and a keyword
        self,
        sink_id: int,
        pattern: str,
        *,
        first_only: bool = False,
        case_sensitive: bool = False,
        use_regex: bool = False,
        start_line: int | None = None,
        end_line: int | None = None,
        max_results: int | None = None,
        context_before: int = 0,
        context_after: int = 0,
        level_filter: LevelName | int | None = None,
        where: str | None = None,
        invert_match: bool = False,
        archives: bool = False,
    ) -> list[Match] | None:
        r"""Return the lines of a file that contain a text.

        The time is linear in the size of the file, for every pattern. Ctrl-C ends the search.

        Args:
            sink_id: The id that `add` returned.
            pattern: A text, or a regular expression. The empty text is in every line. Nothing matches across lines.
            first_only: Whether to stop at the first match.
            case_sensitive: Whether upper and lower case differ.
            use_regex: Whether *pattern* is a regular expression, in the syntax of Rust's `regex`: like Python's,
                without look-around and backreferences.
            start_line: The first line to search, as `read_lines` counts them.
            end_line: The last line to search, inclusive.
            max_results: The maximum number of matches.
            context_before: How many lines before a match to return with it, from the same file.
            context_after: How many lines after a match to return with it, from the same file.
            level_filter: Return only lines of this level. A line that is a JSON object has the level of its key
                `level`; any other line has the first level name that occurs in it as a separate word.
            where: An expression that the line must meet as well, see docs/guides/filtering.md. A line that is a JSON
                object has the values of the object. Any other line has a `level`, as above, and a `message`, which is
                the line.
            invert_match: Whether to return the lines without a match.
            archives: Whether to search the file's archives before it, oldest first.

        Returns:
            The matches in order, see `logly.typing.Match`; None if no file sink has this id.

        Raises:
            ValueError: The expression is invalid or compiles to more than 4 MiB, the level is unknown, the sink's lines
                have no names of levels for `level_filter`, a number is negative, or a line is 0.
            OSError: A file cannot be read; the error names it.
            TypeError: An argument is of a wrong type.

        Example:
            >>> import pathlib, tempfile
            >>> from logly import logger
            >>> logger.configure(console=False)
            >>> sink = logger.add(pathlib.Path(tempfile.mkdtemp(), "app.log"), format="{level} | {message}")
            >>> logger.info("connected")
            >>> logger.error("Timeout after 30 s")
            >>> [(found["line"], found["content"]) for found in logger.search_log(sink, "timeout")]
            [(2, 'ERROR | Timeout after 30 s')]
            >>> logger.search_log(sink, r"\d+ s\b", use_regex=True, level_filter="error")[0]["match"]
            '30 s'
        """
        options = {
            "first_only": first_only,
            "case_sensitive": case_sensitive,
            "use_regex": use_regex,
            "start_line": start_line,
            "end_line": end_line,
            "max_results": max_results,
            "context_before": context_before,
            "context_after": context_after,
            "level_filter": level_filter,
            "where": where,
            "invert_match": invert_match,
            "archives": archives,
        }
        return _search(self, sink_id, pattern, options)

    def _file_sinks(self) -> list[int]:
        return [info["id"] for info in self._sinks() if info["kind"] == "file"]


def _instant(nanoseconds: int) -> datetime:
    """Return an instant in local time."""
    from datetime import datetime, timedelta, timezone  # needed here alone

    utc = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=nanoseconds // 1_000)
    return utc.astimezone()
