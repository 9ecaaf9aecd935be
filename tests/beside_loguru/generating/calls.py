"""Random logging calls, in all the places from which programs log."""

from __future__ import annotations

from tests.beside_loguru.generating import exceptions, messages
from tests.beside_loguru.generating.drawing import indented
from tests.beside_loguru.generating.sinks import LEVELS

_METHODS = ("trace", "debug", "info", "success", "warning", "error", "critical")

_LOGGED = (*LEVELS, '"LOUD"')
_NUMBERS = ("25", "33", "7")

_PATCHES = (
    'lambda record: record["extra"].update(patched=True)',
    'lambda record: record.update(message="<" + record["message"] + ">")',
    'lambda record: record.update(name="renamed.module")',
    'lambda record: record.update(function="f", line=7)',
    'lambda record: record["extra"].update(user="patched")',
    'lambda record: record["extra"].setdefault("n", len(record["message"]))',
)

_FIELDS = ('user="ada"', "n=1", "width=12", "items=[1, 2]", 'user="bo", role="admin"', "p=Point(0, 0)")

_OPT_EXCEPTIONS = (
    'logger.opt(exception=True).info("none is handled")',
    'logger.opt(exception=ValueError("given")).info("an exception")',
    'logger.opt(exception=(TypeError, TypeError("tuple"), None)).info("three")',
)

_MODULES = ("pkg", "pkg.mod", "pkg.mod.deep", "other")

_PLACES = (
    "LINES",
    "LINES",
    "LINES",
    "LINES",
    "def {name}():\n    LINES\n\n{name}()",
    "class Of{name}:\n    def run(self):\n        LINES\n\nOf{name}().run()",
    "with logger.contextualize({fields}):\n    LINES",
    "with logger.contextualize({fields}), logger.contextualize(n=2):\n    LINES",
    "def {name}():\n    def inner():\n        LINES\n    inner()\n\n{name}()",
    "async def {name}():\n    LINES\n\nasyncio.run({name}())",
    'in_module("{module}", r"""\nLINES\n""")',
    "def {name}():\n    LINES\n    yield\n\nlist({name}())",
    "def {name}():\n    LINES\n\nin_thread({name})",
)


def step(draw):
    """Return a step that logs once or more."""
    return draw.step(_placed(draw, _lines(draw)))


def _lines(draw):
    return "\n".join(_call(draw) for _ in range(draw.number(1, 3)))


def _call(draw):
    """Return the code of one call."""
    kind = draw.number(0, 19)
    if kind < 3:
        return exceptions.logged(draw)
    if kind < 5:
        return exceptions.caught(draw)
    if kind == 5:
        return _opt(draw)
    return f"{_logger(draw)}.{_method(draw)}{messages.message(draw)})"


def _method(draw):
    if draw.chance(0.85):
        return f"{draw.pick(_METHODS)}("
    if draw.chance(0.7):
        return f"log({draw.pick(_LOGGED)}, "
    draw.keeps("unnamed")
    return f"log({draw.pick(_NUMBERS)}, "


def _logger(draw):
    """Return the code of a logger, with what bind, patch and opt add to it."""
    parts = ["logger"]
    while draw.chance(0.3) and len(parts) < 4:
        parts.append(
            draw.pick(
                (
                    f"bind({draw.pick(_FIELDS)})",
                    f"bind({draw.pick(_FIELDS)})",
                    f"patch({draw.pick(_PATCHES)})",
                    f"opt({draw.pick(('depth=0', 'capture=False', 'exception=None', 'raw=False'))})",
                )
            )
        )
    return ".".join(parts)


def _opt(draw):
    """Return a call with an option that changes how its message is made."""
    number = draw.name("n")
    if draw.chance(0.2):
        draw.keeps(exceptions.SHOWN)
        return draw.pick(_OPT_EXCEPTIONS)
    return draw.pick(
        (
            f'logger.opt(lazy=True).info("{{}} {{x}}", lambda: {messages.value(draw)}, x=lambda: 2)',
            f'logger.opt(lazy=True).trace("{{}}", lambda: print("computed {number}"))',
            f'logger.opt(colors=True).info("<red>{{}}</red> and <b>more</b>", {messages.value(draw)})',
            'logger.opt(colors=True).warning("<green>a</green> <bg blue>b</> \\\\<red>")',
            'logger.opt(colors=True).bind(user="x").error("<level>{v}</level> {{}}", v="<y>")',
            f'logger.opt(raw=True).info("raw {{}}|", {messages.value(draw)})',
            'logger.opt(raw=True, colors=True).info("<blue>raw</blue>|")',
            f'logger.opt(capture=False).info("{{x}} {{}}", 1, x={messages.value(draw)})',
            'logger.opt(record=True).info("{record[level].name} {record[function]} {}", 1)',
            'logger.opt(record=True, lazy=True).debug("{record[message]}{}", lambda: 3)',
            'logger.opt(depth=1).info("caller")',
        )
    )


def _placed(draw, lines):
    """Return lines in the place from which they log."""
    place = draw.pick(_PLACES)
    names = {"name": draw.name("place"), "fields": draw.pick(_FIELDS), "module": draw.pick(_MODULES)}
    before, _, after = place.format(**names).partition("LINES")
    depth = len(before) - len(before.rstrip(" "))
    return before + indented(lines, depth // 4).lstrip(" ") + after
