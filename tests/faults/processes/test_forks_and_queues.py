"""Forks and the memory of the queue: a child gets none of it, and costs the parent no copied pages."""

from __future__ import annotations

from pathlib import Path

from tests.faults.support.oracle import check_log, run

ROOT = str(Path(__file__).resolve().parents[3])


def test_fork_leaves_the_pages_of_the_queue_to_the_parent(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import resource
        def go_round():
            for _ in range(40_000):
                logger.info("x" * 400)
        begin("background")
        go_round()
        child = os.fork()
        if child == 0:
            os._exit(signal.sigwait([signal.SIGTERM]) != signal.SIGTERM)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        go_round()
        logger.complete()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        """,
    )

    result.check(stderr="")
    # The queue has 2,048 pages; each page shared with the child would cost one.
    assert int(result.stdout) < 1500


def test_signal_handler_that_forks_while_a_queue_is_full_leaves_the_child_free_and_the_record_to_the_parent(
    tmp_path: Path,
) -> None:
    result = run(
        tmp_path,
        """
        from tests.support.stall import Stall
        stall = Stall("pipe")
        children = []
        def fork(*_):
            child = os.fork()
            if child:
                children.append(child)
                os.waitpid(child, 0)
                threading.Thread(target=stall.release).start()
        signal.signal(signal.SIGALRM, fork)
        logger.add("pipe", format="{message}", buffer_size=4096, block_timeout=float("inf"))
        own = os.getpid()
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        number = 0
        while not children and os.getpid() == own:
            logger.info(f"{number} " + "x" * 500)
            number += 1
        if os.getpid() != own:
            logger.remove_all()
            begin("background")
            log(10)
            sys.exit(0)
        numbers = [int(line.split()[0]) for line in stall.lines()]
        print(len(children), numbers == list(range(number)))
        """,
        PYTHONPATH=ROOT,
    )

    result.check(stdout="1 True\n", stderr="")
    assert list(check_log(tmp_path / "app.log").values()) == [10]
