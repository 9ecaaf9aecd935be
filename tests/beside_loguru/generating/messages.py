"""Random messages with arguments that fit them."""

from __future__ import annotations

_TEXTS = (
    "started",
    "user logged in",
    "100% done",
    "a b",
    "",
    "ünïcödé 🐍",
    'it\'s \\"quoted\\"',
    "a <b> c",
    "two\\nlines",
    "tab\\there",
    "C:\\\\temp",
    "  ",
)

_KEPT_VALUES = {"float('nan')": "nan", "Shown()": "own-format"}

_ANY = (
    "1",
    "-7",
    "3.5",
    "True",
    "None",
    "'ada'",
    '"it\'s"',
    "'ünï 🐍'",
    "[1, 'a', None]",
    "{'k': 2}",
    "(1,)",
    "b'raw'",
    "1 + 2j",
    "10**20",
    "float('nan')",
    "Shown()",
    "1e100",
    "''",
    "'{} {x}'",
    "'<red>x</red>'",
    "Point(1, 'b')",
    "date(2024, 2, 29)",
    "Decimal('1.50')",
    "Color.RED",
    "{1, }",
    "range(3)",
    "ValueError('bad')",
    "print",
)

_FITTING = (
    (":>6", "'ab'"),
    (":<6", "12"),
    (":^7", "'mid'"),
    (":*^9", "'x'"),
    (":05d", "42"),
    (":+d", "7"),
    (":,", "1234567"),
    (":_x", "255"),
    (":#b", "5"),
    (":.2f", "3.14159"),
    (":10.3e", "12345.678"),
    (":.1%", "0.256"),
    (":g", "0.0001"),
    (":.3", "'abcdef'"),
    ("!r", "'q'"),
    ("!s:>8", "None"),
    ("!a", "'é'"),
    ("!r:^12", "Shown()"),
    (":%Y/%m/%d", "date(2024, 2, 29)"),
    (":spec", "Shown()"),
    (":c", "65"),
    (":n", "12"),
    (":", "'empty'"),
)

_KEPT = {
    "reaching": (
        '"{p.x} and {p.y!r}", p=Point(1, "b")',
        '"{0.x}:{1[k]}", Point(1, 2), {"k": 3}',
        '"{items[1]:>4}", items=[1, 2]',
        '"{d[key]}", d={"key": "v"}',
    ),
    "control": ('"a\\x07b\\r{}", "\\x1b[31m"',),
    "unfit": ('"{} {}", 1', '"{missing}", other=2', '"{:d}", "x"', '"{} }", 1', '"{}", Broken()'),
}


def value(draw):
    """Return the code of a value."""
    code = draw.pick(_ANY)
    if code in _KEPT_VALUES:
        draw.keeps(_KEPT_VALUES[code])
    return code


def message(draw):
    """Return the code of a message and its arguments, as they stand in a call."""
    if draw.chance(0.01):
        return _kept(draw)
    return draw.pick((_text, _text, _text, value, _by_number, _nested, _mixed, _mixed, _mixed, _mixed))(draw)


def _text(draw):
    return f'"{draw.pick(_TEXTS)}"'


def _kept(draw):
    """Return a message that shows a difference that is kept."""
    row = draw.pick(tuple(_KEPT))
    draw.keeps(row)
    return draw.pick(_KEPT[row])


def _field(draw):
    if draw.chance(0.5):
        return draw.pick(_FITTING)
    return draw.pick(("", "", "!r", "!s")), value(draw)


def _mixed(draw):
    """Return a message with automatic and named fields, in any order."""
    parts, positional, named = [], [], []
    for _ in range(draw.number(1, 4)):
        parts.append(draw.pick(("", " ", "x=", "{{literal}} ", "/ ")))
        spec, code = _field(draw)
        if draw.chance(0.5):
            positional.append(code)
            parts.append(f"{{{spec}}}")
        else:
            name = draw.name("v")
            named.append(f"{name}={code}")
            parts.append(f"{{{name}{spec}}}")
    if draw.chance(0.2):
        named.append(f"{draw.name('more')}={value(draw)}")
    if positional and draw.chance(0.15):
        positional.append(value(draw))
    return ", ".join([f'"{"".join(parts)}"', *positional, *named])


def _by_number(draw):
    fields = [_field(draw) for _ in range(draw.number(1, 3))]
    order = [draw.number(0, len(fields) - 1) for _ in range(draw.number(1, 4))]
    text = " ".join(f"{{{index}{fields[index][0]}}}" for index in order)
    return ", ".join([f'"{text}"', *(code for _, code in fields)])


def _nested(draw):
    return draw.pick(
        (
            '"{:{width}}|", "b", width=6',
            '"{x:{fill}^{width}}", x="m", fill="*", width=9',
            '"{:.{digits}f}", 2.71828, digits=3',
            '"{0:>{1}} {0}", "c", 4',
            '"{:>{}} {:{}.{}f} {}", "d", 5, 2.5, 7, 3, "e"',
            '"{v:<{}}{}", 4, 1, v=2',
        )
    )
