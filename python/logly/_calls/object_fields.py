"""The fields of objects of other libraries: models of pydantic, and mappings that have several values for a key.

The extension calls these functions for such values. They import none of those libraries.
"""

from __future__ import annotations

from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST = 10_000
"""The number of items of one container that are visited."""

_DEEPEST = 100


def dumped(model: Any) -> list[tuple[object, object]] | None:
    """Return the items of the model's own dump, without the fields that are kept out of its `repr`."""
    dump = model.model_dump if hasattr(type(model), "model_dump") else model.dict
    exclude = _hidden(model, 0)
    result = dump(exclude=exclude) if exclude else dump()
    return list(result.items()) if isinstance(result, dict) else None


def _hidden(model: Any, depth: int) -> dict[object, Any]:
    """Return the fields to leave out, including those of inner models, in the form of `exclude=`."""
    kind = type(model)
    fields = getattr(kind, "__pydantic_fields__", None) or kind.__fields__
    held = model.__dict__
    hidden: dict[object, Any] = {}
    for name, field in fields.items():
        if not getattr(field, "field_info", field).repr:
            hidden[name] = True
        elif name in held:
            inner = _hidden_within(held[name], depth + 1)
            if inner:
                hidden[name] = inner
    return hidden


def _hidden_within(value: object, depth: int) -> dict[object, Any] | None:
    if depth > _DEEPEST:
        return None
    if hasattr(type(value), "__pydantic_fields__") or hasattr(type(value), "__config__"):
        return _hidden(value, depth)
    if isinstance(value, dict):
        items: Any = islice(value.items(), _MOST)
    elif isinstance(value, (list, tuple)):
        items = enumerate(islice(value, _MOST))
    else:
        return None
    found = ((key, _hidden_within(item, depth + 1)) for key, item in items)
    return {key: inner for key, inner in found if inner}


def multi_items(mapping: Any) -> list[tuple[object, object]] | None:
    """Return the items of a multi-value mapping: several values of a key as a list, single values as they are.

    None for messages with a body: their text says more.
    """
    if getattr(mapping, "_payload", None):
        return None
    kind = type(mapping)
    if hasattr(kind, "lists"):
        return [(key, values[0] if len(values) == 1 else list(values)) for key, values in mapping.lists()]
    pairs = mapping.multi_items() if hasattr(kind, "multi_items") else mapping.items()
    found: dict[object, list[object]] = {}
    for key, value in islice(pairs, _MOST):
        found.setdefault(key, []).append(value)
    return [(key, values[0] if len(values) == 1 else values) for key, values in found.items()]
