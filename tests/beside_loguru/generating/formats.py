"""Random formats of sinks, with markup."""

from __future__ import annotations

_FIELDS = (
    "{message}",
    "{level}",
    "{level.name}",
    "{level.no}",
    "{level.icon}",
    "{level: <8}",
    "{level.name:>10}",
    "{level.no:03d}",
    "{name}",
    "{module}",
    "{function}",
    "{line}",
    "{line:04d}",
    "{file}",
    "{file.name}",
    "{thread.name}",
    "{process.name}",
    "{extra}",
    "{extra[user]}",
    "{extra[user]!r:>8}",
    "{extra[user]:<5}",
    "{message!r}",
    "{level.name:*^{extra[width]}}",
    "{{braces}}",
    "{name}:{function}:{line}",
    "{exception}",
    "{elapsed}",
    "[{process}:{thread}]",
    "[{process.id} {thread.id}]",
    "{file.path}",
)

_TIMES = (
    "YYYY-MM-DD HH:mm:ss.SSS",
    "HH:mm:ss",
    "YY/M/D H:m:s",
    "MMMM Do, dddd",
    "MMM ddd DDDD",
    "hh:mm A",
    "YYYY-MM-DD HH:mm:ss.SSSSSS ZZ",
    "SS",
    "X",
    "Q DDD d E",
    "YYYY-MM-DD!UTC",
    "zz Z",
    "%Y %H:%M",
    "[YYYY] YYYY",
)

_MARKUP = (
    "red",
    "bold",
    "level",
    "lvl",
    "green",
    "light-blue",
    "bg yellow",
    "fg #ff8800",
    "fg 200",
    "BLUE",
    "b",
    "dim",
    "italic",
    "underline",
    "strike",
    "reverse",
    "k",
    "R",
    "magenta",
    "bg 12,34,56",
    "white",
    "e",
)


def layout(draw):
    """Return the text of a format."""
    parts = []
    for _ in range(draw.number(1, 5)):
        field = _time(draw) if draw.chance(0.12) else draw.pick(_FIELDS)
        parts.append(_marked(draw, field) if draw.chance(0.35) else field)
    if draw.chance(0.8) and not any("message" in part for part in parts):
        parts.append("{message}")
    return draw.pick((" ", " | ", "-", "")).join(parts)


def _time(draw):
    if draw.chance(0.06):
        row, pattern = draw.pick((("microseconds", "x"), ("brackets", "YYYY[T]MM")))
        draw.keeps(row)
        return f"{{time:{pattern}}}"
    return f"{{time:{draw.pick(_TIMES)}}}" if draw.chance(0.9) else "{time}"


def _marked(draw, field):
    tag = draw.pick(_MARKUP)
    end = draw.pick((f"</{tag}>", "</>"))
    inner = f"<{draw.pick(('bold', 'italic'))}>{field}</>" if draw.chance(0.2) else field
    return f"<{tag}>{inner}{end}"


def function(draw, name):
    """Return the code of a format function: its result is a template, to which nothing is added."""
    result = draw.pick(
        (
            f'return "{layout(draw)}\\n"',
            'return "{level} {message} " + str(sorted(record["extra"])) + "\\n{exception}"',
            'return "<red>{message}</red>\\n" if record["level"].no >= 30 else "{message}|"',
            'return "{time:HH:mm} {function} {message}\\n{exception}"',
        )
    )
    return f"def {name}(record):\n    {result}"
