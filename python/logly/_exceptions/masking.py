"""Masking of secrets within the texts that diagnosing tracebacks show.

The extension masks values by their names. Both mask too much rather than too little. Patterns take time in proportion
to the text; the callers limit its length.
"""

from __future__ import annotations

import re

from logly._logly import _has_no_secret

_WORDS = (
    "password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|accountkey|privatekey|signingkey|"
    "encryptionkey|sshkey|authorization|cookie|credential|creds|sessionid|bearer|jwt|csrf|xsrf|cvv|cardnumber|creditcard"
)
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


def masked(text: str, is_cut: bool = False) -> str:  # noqa: FBT001, FBT002 - called by the extension
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
