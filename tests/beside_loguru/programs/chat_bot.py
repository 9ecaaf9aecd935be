"""A chat bot: commands by name, a level of its own for what users do, and a guard around each command."""

import sys

from loguru import logger

COMMANDS = {}


def command(function):
    """Register a command whose failure does not end the bot."""
    COMMANDS[function.__name__] = logger.catch(message="Command failed", default="Something went wrong.")(function)
    return COMMANDS[function.__name__]


@command
def echo(user, *words):
    logger.trace("Echoing {} words", len(words))
    return " ".join(words)


@command
def divide(user, upper, lower):
    result = int(upper) / int(lower)
    logger.bind(result=result).debug("Divided")
    return f"{result:g}"


@command
def whoami(user):
    return f"You are {user}"


def layout(record):
    guild = record["extra"].get("guild", "direct")
    record["extra"]["where"] = f"{guild}/{record['extra'].get('user', '?')}"
    return "<level>{level.icon}</level> [{extra[where]: <12}] <cyan>{function}</cyan> {message}\n"


def on_message(text, **author):
    log = logger.bind(**author)
    if not text.startswith("!"):
        log.debug("ignored {!r}", text)
        return
    name, *arguments = text[1:].split()
    if name not in COMMANDS:
        log.warning("unknown command <{}>", name)
        return
    log.log("COMMAND", "{} {}", name, arguments)
    with logger.contextualize(**author):
        reply = COMMANDS[name](author["user"], *arguments)
    log.success("replied: {}", reply)


logger.remove()
logger.level("COMMAND", no=22, color="<magenta><bold>", icon="»")
logger.add(sys.stdout, format=layout, colorize=True, level="TRACE", backtrace=False, diagnose=False)
logger.add(
    "commands.log",
    format="{level}: {extra[user]} {message}",
    filter=lambda r: r["level"].name in ("COMMAND", "ERROR"),
    backtrace=False,
    diagnose=False,
)

for line in ("hello", "!echo a <b> {c}", "!whoami", "!divide 6 4", "!divide 1 0", "!dance", "!echo"):
    on_message(line, user="ada", guild="shop")
on_message("!whoami", user="bo")
