"""`python -m logly`: the command line."""

import sys

from logly.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
