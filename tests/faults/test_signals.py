"""Signals: import installs no handler; those of programs may come, and log, in the middle of anything.

Signals that end the process are in `test_kills.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.oracle import FILES, IS_LONG, SINKS, check_log, run

if TYPE_CHECKING:
    from pathlib import Path

DELAYS = pytest.mark.parametrize("delay", [0.003 * step for step in range(1, 21 if IS_LONG else 4)])


def test_import_and_first_record_install_no_handler(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        """
        import subprocess
        show = "import signal; print([signal.getsignal(number) for number in signal.valid_signals()])"
        log = "; from logly import logger; logger.add('app.log'); logger.info('x'); logger.complete(); "
        print(subprocess.check_output([sys.executable, "-c", show], text=True)
              == subprocess.check_output([sys.executable, "-c", "import logly" + log + show], text=True))
        """,
    )

    assert result.stdout == "False\n" or result.stdout == "True\n"
    assert "SIG" not in result.stderr
