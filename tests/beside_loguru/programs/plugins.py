"""An application with plug-ins: each has a logger of its own, with its own file, options and handlers."""

import copy
import sys

from loguru import logger

logger.remove()
# Handlers are copied too, and open files cannot be.
independent = copy.deepcopy(logger)


class Plugin:
    def __init__(self, name, log):
        self.name = name
        self.log = log.bind(plugin=name)

    def run(self):
        self.log.debug("{} runs", self.name)
        try:
            self.work()
        except Exception:
            self.log.exception("{} failed", self.name)

    def work(self):
        self.log.info("working")


class Broken(Plugin):
    def work(self):
        super().work()
        limits = {"low": 1}
        return limits["high"]


def of(name):
    return lambda record: record["extra"].get("plugin") == name


for name in ("fine", "broken"):
    logger.add(f"{name}.log", filter=of(name), format="{level} {message}", backtrace=False, diagnose=False)

logger.add(
    sys.stdout, format="{extra[plugin]}: {message}", backtrace=False, diagnose=False, filter=lambda r: r["extra"]
)
independent.add(sys.stdout, format="independent {extra}: {message}", level="INFO")

Plugin("fine", logger).run()
Broken("broken", logger).run()
Plugin("fine", independent).run()
logger.info("without a plug-in")
Plugin("fine", logger.opt(colors=True)).run()
Plugin("fine", logger.patch(lambda record: record["extra"].update(patched=1))).run()
logger.remove()
independent.warning("the copy goes on")
print(logger.bind(a=1) is logger, type(logger.bind(a=1)) is type(logger))
