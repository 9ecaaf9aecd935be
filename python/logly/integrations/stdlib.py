"""The integration with `logging`: names that also live in `logly` and `logly.integrations.logging`."""

from logly.integrations._interception import intercept_logging
from logly.integrations.logging import Handler

LoglyHandler = Handler

__all__ = ["Handler", "LoglyHandler", "intercept_logging"]
