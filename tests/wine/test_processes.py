"""Several processes under wine: three on one file, and children of `multiprocessing`."""

from __future__ import annotations

import pytest

from tests.wine.programs import finished

_WRITER = """
    import sys
    from logly import logger
    logger.remove()
    logger.configure(show_time=False)
    logger.add("app.log", {options})
    for number in range({count}):
        logger.info("{{who}}:{{number}}:" + "x" * 50, who=sys.argv[1], number=number)
"""


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("options", ["", "rotation='20 KB'"])
def test_three_processes_on_one_file_lose_and_mix_nothing(folder, options, is_async):
    # Callers take the lock for each line. On a busy machine one of them may wait for it in vain.
    count = 1000 if is_async else 200
    program = _WRITER.format(options=f"async_write={is_async}, {options}", count=count)
    writers = [folder.start(program, argument=who, name=f"{who}.py") for who in "abc"]

    told = [finished(writer) for writer in writers]

    assert told == [("", "")] * 3
    lines = [line for name in folder.names() for line in folder.lines(name)]
    said = [line.split()[2].rsplit(":", 1)[0] for line in lines]
    assert sorted(said) == sorted(f"{who}:{number}" for who in "abc" for number in range(count))
    assert (len(folder.names()) > 1) == ("rotation" in options)


def test_children_by_spawn_take_over_files_and_consoles(folder):
    output, errors = folder.run_with_errors(
        """
    import multiprocessing
    from logly import logger
    def work(number):
        logger.info("worker {number}", number=number)
    def only_here(line):
        pass
    if __name__ == "__main__":
        logger.remove()
        logger.configure(show_time=False)
        logger.add("app.log")
        logger.add("stdout")
        logger.add(only_here.__get__(object()))
        with multiprocessing.Pool(2) as pool:
            pool.map(work, range(20))
        process = multiprocessing.Process(target=work, args=(20,))
        process.start()
        process.join()
        logger.info("parent")
    """
    )

    expected = sorted([f"INFO | worker {number}" for number in range(21)] + ["INFO | parent"])
    assert sorted(folder.lines()) == expected
    assert sorted(output.splitlines()) == expected
    assert "this system has no sockets with a path" in errors
