"""The dialect `logly.loguru`: its logger and what is native for it."""
