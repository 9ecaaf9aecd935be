"""The command `logly completion SHELL`: a script that has a shell complete the commands, their options and values.

Everything in the script is read from the argument parsers. Numbers of processes come from `logly status`, when the user
asks for them.
"""

from __future__ import annotations

import argparse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FILES = {"FILE", "PATH"}
_PROCESS = "PID"

_BASH = """\
# Completion of logly for bash: source <(logly completion bash)
_logly() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "%(commands)s" -- "$current"))
        return
    fi
    COMPREPLY=()
    case "$command $previous" in
%(values)s
    esac
    case "$command" in
%(words)s
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _logly logly"""

_ZSH = """\
#compdef logly
# Completion of logly for zsh: source <(logly completion zsh), or as _logly in a folder of $fpath
_logly_processes() {
    local -a processes
    processes=(${(f)"$(logly status 2>/dev/null)"})
    _describe process processes
}
_logly() {
    local -a commands
    commands=(
%(commands)s
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
%(words)s
    esac
}
if [ "$funcstack[1]" = "_logly" ]; then
    _logly "$@"
else
    compdef _logly logly
fi"""

_FISH = """\
# Completion of logly for fish: logly completion fish | source
complete -c logly -f"""


def completion(parser: argparse.ArgumentParser, shell: str) -> int:
    """Print the script for a shell."""
    print(SHELLS[shell](parser))
    return 0


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield each command with its help and its own parser."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {listed.dest: listed.help or "" for listed in action._choices_actions}
            yield from ((name, helps.get(name, ""), made) for name, made in action.choices.items())


def _options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if action.option_strings]


def _general(parser: argparse.ArgumentParser) -> list[tuple[str, str]]:
    """Return the options that need no command, each with its help."""
    return [(text, option.help or "") for option in _options(parser) for text in option.option_strings]


def _positional(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if not action.option_strings]


def _takes_value(option: argparse.Action) -> bool:
    return option.nargs != 0


def _is_file(action: argparse.Action) -> bool:
    return action.metavar in _FILES


def _bash(parser: argparse.ArgumentParser) -> str:
    commands = list(_commands(parser))
    values, words = [], []
    for name, _, made in commands:
        for option in filter(_takes_value, _options(made)):
            pattern = "|".join(f'"{name} {spelt}"' for spelt in option.option_strings)
            values.append(f"        {pattern}) {_bash_values(option)} ;;")
        spelt = " ".join(text for option in _options(made) for text in option.option_strings)
        words.append(f"        {name}) words='{spelt}'{_bash_positional(made)} ;;")
    names = " ".join([*(name for name, _, _ in commands), *(text for text, _ in _general(parser))])
    return _BASH % {"commands": names, "values": "\n".join(values), "words": "\n".join(words)}


def _bash_values(option: argparse.Action) -> str:
    # Without words, bash completes names of files.
    choices = " ".join(map(str, option.choices or ()))
    return f'COMPREPLY=($(compgen -W "{choices}" -- "$current")); return' if choices else "return"


def _bash_positional(parser: argparse.ArgumentParser) -> str:
    positional = _positional(parser)
    choices = " ".join(str(choice) for action in positional for choice in action.choices or ())
    has_process = any(action.metavar == _PROCESS for action in positional)
    words = "$(logly status 2>/dev/null | cut -d: -f1)" if has_process else f"'{choices}'"
    return f'; [ "${{current#-}}" != "$current" ] || words={words}'


def _zsh(parser: argparse.ArgumentParser) -> str:
    commands = list(_commands(parser))
    described = [*((name, text) for name, text, _ in commands), *_general(parser)]
    listed = "\n".join(f"        {_quoted(f'{name}:{_plain(text)}')}" for name, text in described)
    words = "\n".join(f"        {name}) _arguments {' '.join(_zsh_specs(made))} ;;" for name, _, made in commands)
    return _ZSH % {"commands": listed, "words": words}


def _zsh_specs(parser: argparse.ArgumentParser) -> Iterator[str]:
    for option in _options(parser):
        value = f":{_plain(_metavar(option))}:{_zsh_action(option)}" if _takes_value(option) else ""
        for spelt in option.option_strings:
            yield _quoted(f"{spelt}[{_plain(option.help or '')}]{value}")
    for action in _positional(parser):
        many = "*" if action.nargs in {"*", "+"} else ""
        yield _quoted(f"{many}:{_plain(_metavar(action))}:{_zsh_action(action)}")


def _zsh_action(action: argparse.Action) -> str:
    if action.choices:
        return f"({' '.join(map(str, action.choices))})"
    if action.metavar == _PROCESS:
        return "_logly_processes"
    return "_files" if _is_file(action) else " "


def _fish(parser: argparse.ArgumentParser) -> str:
    lines = [_FISH]
    lines += [f"complete -c logly -n __fish_use_subcommand {_fish_option(option)}" for option in _options(parser)]
    for name, text, made in _commands(parser):
        lines.append(f"complete -c logly -n __fish_use_subcommand -a {name} -d {_fish_quoted(text)}")
        condition = f"complete -c logly -n '__fish_seen_subcommand_from {name}'"
        lines += [f"{condition} {_fish_option(option)}" for option in _options(made)]
        for action in _positional(made):
            if action.choices:
                lines.append(f"{condition} -a '{' '.join(map(str, action.choices))}'")
            elif action.metavar == _PROCESS:
                lines.append(f"{condition} -a \"(logly status 2>/dev/null | string replace -r ': ' \\t)\"")
            elif _is_file(action):
                lines.append(f"{condition} -F")
    return "\n".join(lines)


def _fish_option(option: argparse.Action) -> str:
    names = [f"-l {text[2:]}" if text.startswith("--") else f"-s {text[1:]}" for text in option.option_strings]
    value = ""
    if option.choices:
        value = f" -x -a '{' '.join(map(str, option.choices))}'"
    elif _takes_value(option):
        value = " -r -F" if _is_file(option) else " -x"
    return f"{' '.join(names)}{value} -d {_fish_quoted(option.help or '')}"


def _metavar(action: argparse.Action) -> str:
    return action.metavar if isinstance(action.metavar, str) else action.dest


def _plain(text: str) -> str:
    """Return help without the characters that have a meaning in zsh's descriptions."""
    return "".join({"[": "(", "]": ")", ":": ",", "\\": ""}.get(char, char) for char in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS: dict[str, Callable[[argparse.ArgumentParser], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""The shells, each with the function that makes its script."""
