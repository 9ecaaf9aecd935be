"""The names that the package and its logger offer, and the parameters of each method."""

import inspect

import loguru
from loguru import logger

print(sorted(loguru.__all__), loguru.__version__)
for name in sorted(name for name in dir(logger) if not name.startswith("_") and name != "reinstall"):
    parameters = inspect.signature(getattr(logger, name)).parameters.values()
    # Those of messages are private, so that every other name can be a field.
    print(name, [parameter.name for parameter in parameters if parameter.kind == parameter.KEYWORD_ONLY])
print(isinstance(logger, type(logger)), type(logger).__name__)
