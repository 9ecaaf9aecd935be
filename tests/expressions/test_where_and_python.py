"""Expressions have the values that Python's own operators give."""

from __future__ import annotations

import ast
import math
import operator

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from logly import logger

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text("ab\"'\\\n\té", max_size=3),
)
LISTS = st.lists(SCALARS, max_size=3)
NAMES = ["one", "two", "inner.three", "missing"]
INNER = st.fixed_dictionaries({"three": SCALARS})
FIELDS = st.fixed_dictionaries({"one": SCALARS | LISTS, "two": SCALARS, "inner": INNER})

COMPARISONS = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
}


def _literal(value):
    return repr(value)


OPERANDS = st.one_of(SCALARS.map(_literal), LISTS.map(_literal), st.sampled_from(NAMES))
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])


def _chain(first, rest):
    return first + "".join(f" {sign} {operand}" for sign, operand in rest)


CHAINS = st.builds(_chain, OPERANDS, st.lists(st.tuples(OPERATORS, OPERANDS), max_size=3))
EXPRESSIONS = st.recursive(
    CHAINS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("({}) == ({})".format, inner, inner),
    ),
    max_leaves=6,
)


def value_of(node, fields):
    """Return the value of a tree by Python's operators. A comparison that Python refuses does not hold."""
    if isinstance(node, ast.BoolOp):
        is_and = isinstance(node.op, ast.And)
        for part in node.values:
            value = value_of(part, fields)
            if bool(value) != is_and:
                break
        return value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not value_of(node.operand, fields)
    if isinstance(node, ast.Compare):
        operands = [value_of(operand, fields) for operand in [node.left, *node.comparators]]
        return all(map(holds, node.ops, operands, operands[1:]))
    if isinstance(node, ast.Attribute):
        return fields["inner"][node.attr]
    if isinstance(node, ast.Name):
        return fields.get(node.id)
    return ast.literal_eval(node)


def holds(sign, left, right):
    """Return whether a comparison holds."""
    if isinstance(sign, ast.NotIn):
        return not holds(ast.In(), left, right)
    if isinstance(left, list) and isinstance(right, list) and not isinstance(sign, (ast.Eq, ast.NotEq, ast.In)):
        return False  # lists have no order in expressions
    try:
        return bool(COMPARISONS[type(sign)](left, right))
    except TypeError:
        return False


@pytest.fixture
def is_chosen():
    """Return a function that tells whether a record with these fields meets an expression."""
    logger.remove_all()

    def is_chosen(where, fields):
        lines = []
        sink = logger.add(lines.append, where=where)
        logger.info("a record", **fields)
        logger.remove(sink)
        return bool(lines)

    return is_chosen


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=EXPRESSIONS, fields=FIELDS)
def test_expression_has_the_value_of_python(is_chosen, source, fields):
    expected = bool(value_of(ast.parse(source, mode="eval").body, fields))

    assert is_chosen(source, fields) == expected


@pytest.mark.parametrize("number", [2**53 + 1, 2**63, -(2**70), 10**30])
@pytest.mark.parametrize("other", [2.0**53, 2.0**63, -(2.0**70), 1e30, math.inf, -math.inf])
def test_integers_and_floats_compare_exactly(is_chosen, number, other):
    for sign in ("==", "<", ">="):
        expected = holds(ast.parse(f"1 {sign} 1", mode="eval").body.ops[0], number, other)

        assert is_chosen(f"one {sign} two", {"one": number, "two": other}) == expected


def test_nan_is_equal_to_nothing(is_chosen):
    assert not is_chosen("one == one", {"one": math.nan})
    assert is_chosen("one != one", {"one": math.nan})
