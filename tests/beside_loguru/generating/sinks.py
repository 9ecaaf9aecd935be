"""Random sinks of every kind, with the parameters of `add` that they take."""

from __future__ import annotations

from tests.beside_loguru.generating import formats

LEVELS = ('"TRACE"', '"DEBUG"', '"INFO"', '"SUCCESS"', '"WARNING"', '"ERROR"', '"CRITICAL"')

_FILTERS = (
    "None",
    '""',
    '"__main__"',
    '"pkg"',
    '"pkg.mod"',
    '{"": "INFO", "pkg": "ERROR"}',
    '{"pkg.mod": False}',
    '{"": 10, "__main__": True, "pkg": 0}',
    'lambda record: record["level"].no < 40',
    'lambda record: "user" in record["extra"] and record["message"]',
    'lambda record: record["function"] != "<module>"',
    'lambda record: record["extra"].update(filtered=1) or True',
    "only_even",
)

_NUMBERS_AND_NAMES = (*LEVELS, "0", "5", "10", "21", "35")

_OF_ALL = (
    (0.3, tuple(f"filter={code}" for code in _FILTERS)),
    (0.35, ("colorize=True", "colorize=True", "colorize=False", "colorize=None")),
    (0.12, ("serialize=True",)),
    (0.3, ("backtrace=True", "backtrace=False")),
    (0.4, ("diagnose=True", "diagnose=False", "diagnose=False")),
    (0.1, ("catch=True", "catch=False")),
)

_ROTATIONS = ("200", '"100 B"', '"0.1 KB"', '"1 day"', '"12:00"', '"1 week"', "timedelta(hours=1)", "when_big")
_TIMES = ('"1 day"', '"12:00"', "timedelta(hours=1)")
_RETENTIONS = ("1", "2", "10", '"1 week"', "timedelta(days=2)", "all_stay")
_COMPRESSIONS = ('"gz"', '"zip"', '"tar.gz"', '"bz2"', '"xz"', "renamed")

_OF_THE_PROCESS = ("{process}:{thread}", "{process.id} {thread.id}", "{elapsed}", "{file.path}")

_ENCODINGS = (
    'encoding="utf-8"',
    'encoding="utf-16"',
    'encoding="ascii", errors="replace"',
    'encoding="latin-1", errors="backslashreplace"',
    r'newline="\r\n"',
    'newline=""',
)

_SOMETIMES = (
    (0.1, ("enqueue=True",)),
    (0.2, ("delay=True",)),
    (0.15, ("watch=True",)),
    (0.2, ('mode="a"', 'mode="w"')),
    (0.1, ("buffering=1", "buffering=-1", "buffering=512")),
)


def sink(draw):
    """Return a step that adds a sink."""
    kind = draw.pick((_stream, _stream, _stream, _callable, _callable, _file, _file, _object, _path))
    return kind(draw)


def _add(draw, target, options, before=""):
    """Return the step of one `add`, which prints the id."""
    name = draw.name("sink")
    call = f"{name} = logger.add({', '.join([target, *options])})"
    return draw.step(f"{before}\n{call}\nprint({name})".lstrip("\n"))


def _common(draw):
    """Return parameters that every sink takes, and the lines that they need before them."""
    options, before = [], ""
    if draw.chance(0.15):
        name = draw.name("layout")
        before = formats.function(draw, name)
        options.append(f"format={name}")
    elif draw.chance(0.7):
        options.append(f'format="{formats.layout(draw)}"')
    if draw.chance(0.5):
        options.append(f"level={draw.pick(_NUMBERS_AND_NAMES)}")
    for probability, option in _OF_ALL:
        if draw.chance(probability):
            options.append(draw.pick(option))
    return options, before


def _stream(draw):
    options, before = _common(draw)
    return _add(draw, draw.pick(("sys.stdout", "sys.stderr")), options, before)


def _callable(draw):
    options, before = _common(draw)
    target = draw.pick(
        (
            'lambda text: print(text, end="")',
            "lambda text: print(repr(str(text)))",
            "show_record",
            "collected.append",
            "print",
        )
    )
    return _add(draw, target, options, before)


def _object(draw):
    options, before = _common(draw)
    return _add(draw, f"Writer({draw.pick(('True', 'False'))})", options, before)


def _path(draw):
    options, before = _common(draw)
    return _add(draw, f'Path("{draw.name("path")}.log")', options, before)


def _file(draw):
    options, before = _common(draw)
    folder = draw.pick(("", "", "logs/", "a/b/"))
    ending = draw.pick((".log", ".txt", ".jsonl", "", "_{time}.log", "_{time:YYYY}.log"))
    if "time" not in ending:
        options = [_of_one_length(option) for option in options] + _of_files(draw)
    return _add(draw, f'"{folder}{draw.name("file")}{ending}"', options, before)


def _of_one_length(option):
    """Return the option without what is longer in some processes, so that files are rotated at the same lines."""
    for shown in _OF_THE_PROCESS:
        option = option.replace(shown, "{process.name}")
    return option


def _of_files(draw):
    options = []
    if draw.chance(0.25):
        encoding = draw.pick(_ENCODINGS)
        is_rotated = "utf-16" not in encoding and draw.chance(0.4)
        return [encoding, f"rotation={draw.pick(_TIMES)}"] if is_rotated else [encoding]
    if draw.chance(0.3):
        options.append(f"rotation={draw.pick(_ROTATIONS)}")
        if draw.chance(0.4):
            options.append(f"retention={draw.pick(_RETENTIONS)}")
        if draw.chance(0.4):
            options.append(f"compression={draw.pick(_COMPRESSIONS)}")
    for probability, option in _SOMETIMES:
        if draw.chance(probability):
            options.append(draw.pick(option))
    return options
