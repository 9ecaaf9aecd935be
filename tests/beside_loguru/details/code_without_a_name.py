"""Code that `exec` runs with globals of its own, which have no `__name__`."""

import sys

from loguru import logger

CODE = compile("logger.info('one'); logger.warning('two')", "code", "exec")


def run(title):
    print("--", title)
    exec(CODE, {"logger": logger})
    logger.warning("of a module")


logger.remove()
logger.add(sys.stdout, format="{name} {message}")
run("all")
logger.disable(None)
run("without those that have no name")
logger.disable("")
run("none")
logger.enable(None)
run("only those that have no name")
logger.enable("")
run("all again")
logger.configure(activation=[(None, False), ("", True)])
run("configured")
logger.configure(activation=[(None, True)])

for rules in ({None: "WARNING"}, {None: False, "": "INFO"}, {None: True, "": False}, {None: 25, __name__: 40}):
    logger.remove()
    logger.add(sys.stdout, format="{name} {message}", filter=rules)
    run(rules)
logger.remove()
logger.add(sys.stdout, format="{name} {message}", filter="app")
run("of another module")
logger.remove()
