"""Random steps that change settings: levels, configure, disable, remove, and the rest of the API."""

from __future__ import annotations

from tests.beside_loguru.generating.sinks import LEVELS

_STEPS = (
    'print(logger.level("{name}", no={no}, color="{color}", icon="!"))',
    'print(logger.level("LOUD", color="{color}"))',
    'attempt(lambda: logger.level("LOUD", no={no}))',
    'print(logger.level("INFO"))',
    'print(logger.level("{level}", color="{color}"))',
    'print(logger.level("WARNING", icon="W"))',
    'attempt(lambda: logger.level("MISSING"))',
    'attempt(lambda: logger.level("INFO", no=99))',
    'attempt(lambda: logger.level("BAD", no=-1))',
    'logger.configure(extra={{"user": "conf", "width": 9}})',
    "logger.configure(extra={{'user': 'other', 'width': 14, 'n': 5}})",
    'print(logger.configure(levels=[{{"name": "QUIET", "no": 3, "color": "<dim>"}}]))',
    'logger.configure(activation=[("pkg", False), ("pkg.mod", True)])',
    'logger.configure(patcher=lambda record: (fixed(record), record["extra"].update(by="configure")))',
    "print(logger.configure(handlers=[{{'sink': sys.stdout, 'format': 'H {{message}}'}}, {{'sink': show_record}}]))",
    "logger.configure(handlers=None, levels=None, extra=None, patcher=None, activation=None)",
    'logger.disable("{module}")',
    'logger.enable("{module}")',
    'logger.enable("")',
    "attempt(lambda: logger.remove(99))",
    "attempt(lambda: logger.remove('x'))",
    "logger.remove()",
    "attempt(lambda: logger.remove(1))",
    "logger.complete()",
    "asyncio.run(completed())",
    'attempt(lambda: logger.add(sys.stdout, level="MISSING"))',
    'attempt(lambda: logger.add(sys.stdout, format="<nope>{{message}}</nope>"))',
    'attempt(lambda: logger.add(sys.stdout, format="<red>{{message}}"))',
    'attempt(lambda: logger.add(sys.stdout, format="{{message}}</red>"))',
    "attempt(lambda: logger.add(sys.stdout, rotation='1 day'))",
    "attempt(lambda: logger.add(object()))",
    "attempt(lambda: logger.add(12))",
    "attempt(lambda: logger.add('x.log', rotation='10 parsecs'), has_text=False)",
    "attempt(lambda: logger.add('x.log', retention=1.5j), has_text=False)",
    "attempt(lambda: logger.add('x.log', compression='rar'), has_text=False)",
    "attempt(lambda: logger.add(sys.stdout, filter=3))",
    "asyncio.run(with_coroutine_sink())",
    "parsed()",
    "logger = logger.bind(width=7)",
    "logger = logger.patch(lambda record: record['extra'].setdefault('user', '?'))",
)


def step(draw):
    """Return a step that changes a setting, or asks for something."""
    text = draw.pick(_STEPS).format(
        name=draw.name("NEW"),
        no=draw.pick((1, 15, 22, 26, 45)),
        color=draw.pick(("<red>", "<yellow><bold>", "<bg 255,0,0>", "<LIGHT-GREEN>", "")),
        level=draw.pick(LEVELS).strip('"'),
        module=draw.pick(("pkg", "pkg.mod", "__main__", "other", "")),
    )
    return draw.step(text)
