"""Masking of secrets in the values that diagnosing tracebacks show: by the name of a value, and within texts.

It masks too much rather than too little. Patterns take time in proportion to the text; the callers limit its length.
"""

from __future__ import annotations

import functools
import re

from logly._logly import _has_no_secret

MASK = "'***'"

_WORDS = (
    "password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|accountkey|privatekey|signingkey|"
    "encryptionkey|sshkey|authorization|cookie|credential|creds|sessionid|bearer|jwt|csrf|xsrf|cvv|cardnumber|creditcard"
)
_SECRET = re.compile(_WORDS)
_WHOLE = frozenset({"auth", "pin", "session"})
"""Names that are secret on their own, and mean something else as part of a longer name."""

_PARTS = frozenset({"pass", "pw", "psk", "otp", "ssn"})
"""Words that are secret as a word of a name, and mean something else as part of a longer word."""

_LONGEST_NAME = 100
_SPELT = "|".join(
    word.replace("key", "[_-]?key").replace("id", "[_-]?id") if word.endswith(("key", "nid")) else word
    for word in _WORDS.split("|")
)
_KEY = rf"(?:{_SPELT})[\w-]{{0,{_LONGEST_NAME}}}|(?<![a-z])(?:pass|pw)(?=[\"']?=)"
# Up to the matching quote, or to the end of a cut text.
_QUOTED = r"(?P<quote>\\{0,2}[\"'])(?:(?!(?P=quote))(?:\\.|.))*(?:(?P=quote)|\\?\Z)"
_PAIR = re.compile(
    rf"(?is)((?:{_KEY})\\{{0,2}}[\"']?\s{{0,8}}(?:=>|[=:]|%3d)\s{{0,8}})(?!\*\*\*)"
    rf"(?:[bru]{{0,2}}{_QUOTED}|(?:bearer\s+|basic\s+|token\s+)?[^\s\"'&,;)}}\]]+)"
)
# Headers are secret to the end of their line: `Cookie: a=1; sid=...`, `Authorization: Digest ..., response=...`
_HEADER = re.compile(r"(?i)((?:authorization|cookie2?):[ \t]{0,8})(?!\*\*\*)[^\s\"'][^\r\n]*")
_OPTION = re.compile(
    rf"(?i)(?<![\w-])(--?[\w-]{{0,{_LONGEST_NAME}}}(?:{_SPELT})[\w-]{{0,{_LONGEST_NAME}}}[ \t]+)(?!-)[^\s\"']+"
)
_ELEMENT = re.compile(rf"(?i)(<[\w:-]{{0,{_LONGEST_NAME}}}(?:{_SPELT})[\w:-]{{0,{_LONGEST_NAME}}}>)[^<]+")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
# To the last `@`, because passwords may contain one; or to the end of a cut text.
_URL = re.compile(r"(://[^/@\s:]{0,200}:)[^\s\"'<>]+(@)")
_CUT_URL = re.compile(r"(://[^/@\s:]{0,200}:)[^\s\"'<>@]+\Z")
_SHAPE = re.compile(
    r"\beyJ[\w-]{8,}(?:\.[\w-]*)*|\bgh[pousr]_\w{16,}|\bgithub_pat_\w+|\bglpat-[\w-]{8,}|\bxox[a-z]-[\w-]+|\bsk[-_][\w-]{16,}|"
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?"
)


def is_secret(name: object) -> bool:
    """Tell whether a value with this name is masked; for a tuple, whether any of its names is secret."""
    if type(name) is tuple:
        return any(is_secret(part) for part in name if type(part) is not tuple)
    if not isinstance(name, (str, bytes)):
        return False
    text = name[:_LONGEST_NAME]
    text = text.decode("latin-1") if isinstance(text, bytes) else text
    # A class of the program's own may compare in its own way.
    return _kept_answers(text) if type(text) is str else _is_secret_text(text)


def _is_secret_text(text: str) -> bool:
    plain = re.sub(r"[^a-z]", "", text.lower())
    if plain in _WHOLE or _SECRET.search(plain) is not None:
        return True
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Za-z][a-z]*", text)
    return not _PARTS.isdisjoint(word.lower() for word in words)


_kept_answers = functools.lru_cache(maxsize=1_024)(_is_secret_text)


def masked(text: str, *, is_cut: bool = False) -> str:
    """Mask the secrets in a text; at the end of a cut text, also a possible start of one."""
    if type(text) is str and _has_no_secret(text):
        return text
    text = _SHAPE.sub("***", text)
    text = _HEADER.sub(r"\1***", text)
    text = _PAIR.sub(r"\1***", text)
    text = _SCHEME.sub(r"\1 ***", text)
    text = _OPTION.sub(r"\1***", text)
    text = _ELEMENT.sub(r"\1***", text)
    text = _URL.sub(r"\1***\2", text)
    return _CUT_URL.sub(r"\1***", text) if is_cut else text
