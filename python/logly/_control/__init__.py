"""Control of a running program: a socket that `logly level` and `logly status` connect to.

Read `control` first, then `server`, `visitor`, `answers` and `levels`. `logly.cli.asking` is the side of the commands.
"""
