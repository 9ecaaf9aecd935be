"""Paths that cannot be written, links, clocks that are wrong: an error that names the path, or a log that is whole."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

from tests.faults.files.test_disk import in_order
from tests.faults.support.oracle import check_log, run
from tests.faults.support.scarcity import SCARCITY, small_disk

if TYPE_CHECKING:
    from pathlib import Path

MODES = pytest.mark.parametrize("async_write", [True, False], ids=["background", "synchronous"])


def refused(folder: Path, path: str, prepare: str = "") -> str:
    """Return the message of the error that adding a path raises; the logger must be usable afterwards."""
    result = run(
        folder,
        f"""
        {prepare}
        for options in ({{}}, {{"async_write": False}}, {{"rotation": "daily"}}):
            try:
                logger.add({path!r}, **options)
            except OSError as error:
                print(errno.errorcode[error.errno], error.filename == os.path.abspath({path!r}))
        assert logger.sink_count == 0
        add()
        log(10)
        """,
        SCARCITY,
    )
    result.check(stderr="")
    assert sum(check_log(folder / "app.log").values()) == 10
    first, *others = result.stdout.splitlines()
    assert others == [first] * 2
    return first


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("folder", errno.EISDIR),
        ("file/app.log", errno.ENOTDIR),
        ("loop", errno.ELOOP),
        ("a" * 300, errno.ENAMETOOLONG),
        ("/proc/1/app.log", errno.ENOENT),
        ("/sys/app.log", None),
    ],
    ids=["folder", "below a file", "loop of links", "long name", "no such folder can be made", "no place for files"],
)
def test_path_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path, path: str, error: int | None) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")

    code, has_name = refused(tmp_path, path).split()

    assert has_name == "True"
    assert error is None or code == errno.errorcode[error]


def test_read_only_disk_is_an_error_that_names_the_path(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=64k,ro"):
        assert refused(tmp_path, "disk/app.log") == "EROFS True"


def test_path_that_nobody_but_root_may_write_is_an_error_that_names_it(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import tempfile
        folder = tempfile.mkdtemp()
        os.chmod(folder, 0o555)
        os.getuid() or os.setuid(65534)
        path = os.path.join(folder, "app.log")
        try:
            logger.add(path)
        except PermissionError as error:
            print(error.filename == path)
        """,
    )

    result.check(stdout="True\n", stderr="")


@MODES
def test_rotations_of_one_second_and_of_several_starts_have_names_of_their_own(
    tmp_path: Path, async_write: bool
) -> None:
    for start in range(3):
        result = run(
            tmp_path,
            f"""
            import logly.testing
            add(rotation=5_000, async_write={async_write})
            with logly.testing.freeze("2025-01-14T13:05:59"):
                for number in range({start} * 500, {start} * 500 + 500):
                    logger.info("1 1 {{number}} {{padding}}", number=number, padding="x" * (number % 40))
                print(logger.flush())
            """,
        )
        result.check(stdout="True\n", stderr="")

    paths = in_order(tmp_path)
    assert len(paths) > 5
    assert check_log(*paths) == {(1, 1): 1500}
    assert {path.name.partition("59")[0] for path in paths} == {"app.2025-01-14_13-05-", "app.log"}


@MODES
@pytest.mark.parametrize("rotation", ["'hourly'", "5_000", "['hourly', 5_000]"])
def test_clock_that_steps_back_and_forth_keeps_archives_in_order(
    tmp_path: Path, rotation: str, async_write: bool
) -> None:
    result = run(
        tmp_path,
        f"""
        import logly.testing
        steps = [0, 600, -600, 3600, -3000, 7200, -7100, 3600, 60, -1, 3600]
        sink = add(rotation={rotation}, async_write={async_write})
        with logly.testing.freeze("2025-01-14T13:05:59") as clock:
            for part, step in enumerate(steps):
                clock.tick(step)
                for number in range(part * 100, part * 100 + 100):
                    logger.info("1 1 {{number}} {{padding}}", number=number, padding="x" * (number % 40))
                assert logger.flush()
            print(logger.read(sink, archives=True), end="")
        """,
    )

    result.check(stderr="")
    assert len(list(tmp_path.iterdir())) > 2
    (tmp_path / "read").write_text(result.stdout)
    assert check_log(tmp_path / "read") == {(1, 1): 1100}


@MODES
def test_links_at_the_path_and_at_archives_names_are_never_written_through(tmp_path: Path, async_write: bool) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "app.log").symlink_to("real/app.log")
    stamp = "2025-01-14_13-05-59"
    for planted in (f"app.{stamp}.log", f"app.{stamp}.2.log", f"app.{stamp}.3.log.gz"):
        (tmp_path / "real" / planted).symlink_to(tmp_path / "victim")
    result = run(
        tmp_path,
        f"""
        import logly.testing
        add(rotation=5_000, async_write={async_write})
        with logly.testing.freeze("2025-01-14T13:05:59"):
            for number in range(500):
                logger.info("1 1 {{number}} {{padding}}", number=number, padding="x" * (number % 40))
            print(logger.flush())
        """,
    )

    result.check(stdout="True\n", stderr="")
    assert (tmp_path / "victim").read_text() == "precious"
    assert (tmp_path / "app.log").is_symlink()
    written = [path for path in in_order(tmp_path / "real") if not path.is_symlink()]
    assert check_log(*written) == {(1, 1): 500}
    assert written[0].name == f"app.{stamp}.4.log"
