//! ANSI styles by name, and whether a sink uses colour. `style/markup.rs` has the markup in formats.
//!
//! Names are parsed during configuration, where an unknown one is refused. A style consists only of SGR escapes, so it
//! can colour a terminal but not control it.

use crate::environment;
use crate::error::{Error, Result, nearest};
use crate::style::codes::{COLORS, EFFECTS, PREFIXES, Style, codes, words};
use crate::style::markup::{Markup, parse_markup};

impl Style {
    /// Reads names ("bold red", "light-red", "on blue"), colours ("#ff8800", "fg 208", "bg 255,0,0"), Loguru's
    /// markup ("<red><bold>"), SGR parameters ("1;31") or raw SGR escapes.
    ///
    /// Names ignore case; `-`, `_`, `,`, `+` and spaces all separate words. "" and "none" mean no style.
    /// `argument` names the parameter in errors.
    pub fn parse(argument: &str, text: &str) -> Result<Self> {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("none") {
            return Ok(Self::default());
        }
        let style = if trimmed.starts_with('\x1b') {
            is_sgr(trimmed).then(|| Self(trimmed.to_owned()))
        } else if trimmed.contains('<') {
            from_markup(trimmed)
        } else if is_sgr_parameters(trimmed) {
            Some(Self::from_codes(trimmed))
        } else {
            from_words(trimmed)
        };
        style.ok_or_else(|| unknown(argument, text))
    }
}

/// Whether a sink uses colour. This depends on `color=`, `LOGLY_COLOR`, `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb` and the
/// terminal.
pub fn is_color_wanted(explicit: Option<bool>, is_terminal: bool) -> bool {
    is_wanted(explicit, is_terminal, environment::variable)
}

fn is_wanted(explicit: Option<bool>, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name| variable(name).is_some_and(|value: String| !value.is_empty());
    if let Some(wanted) = explicit.or_else(|| variable("LOGLY_COLOR").as_deref().and_then(switch)) {
        return wanted;
    }
    if is_set("NO_COLOR") {
        return false;
    }
    if is_set("FORCE_COLOR") && variable("FORCE_COLOR").as_deref() != Some("0") {
        return true;
    }
    is_terminal && variable("TERM").as_deref() != Some("dumb")
}

fn switch(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "always" => Some(true),
        "0" | "false" | "no" | "off" | "never" => Some(false),
        _ => None,
    }
}

fn from_markup(text: &str) -> Option<Style> {
    let mut style = Style::default();
    for piece in parse_markup(text) {
        match piece {
            Markup::Open(opened) => style.0.push_str(opened.open()),
            Markup::Text(text) if text.trim().is_empty() => {}
            _ => return None,
        }
    }
    Some(style)
}

fn from_words(text: &str) -> Option<Style> {
    let lowered = text.to_lowercase();
    let words = words(&lowered);
    let mut found: Vec<String> = Vec::new();
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        // The longest first: "bright red" is one colour, and so is "fg 255 0 0".
        let taken = |length| Some((length, codes(rest.get(..length)?)?));
        let (length, codes) = (1..=4).rev().find_map(taken)?;
        found.push(codes);
        rest = &rest[length..];
    }
    (!found.is_empty()).then(|| Style::from_codes(&found.join(";")))
}

/// Whether the text is only parameters, such as `1;31`. A single number above 107 has no meaning; "fg 208" was
/// intended.
fn is_sgr_parameters(word: &str) -> bool {
    let is_plain = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
    let values: Option<Vec<u8>> = word.split(';').map(|value| value.parse().ok()).collect();
    is_plain && values.is_some_and(|values| values[0] <= 107)
}

/// Whether `text` consists only of SGR escapes, so that the style can only colour.
fn is_sgr(text: &str) -> bool {
    let is_parameter = |c: char| c.is_ascii_digit() || matches!(c, ';' | ':');
    let mut rest = text;
    while let Some(tail) = rest.strip_prefix("\x1b[") {
        match tail.trim_start_matches(is_parameter).strip_prefix('m') {
            Some(tail) => rest = tail,
            None => return false,
        }
    }
    rest.is_empty()
}

fn unknown(argument: &str, text: &str) -> Error {
    let expected = "a colour or style name such as \"red\", \"bright_cyan\", \"bold\", \"#ff8800\" or \"fg 208\"";
    let lowered = text.to_lowercase();
    let words = words(&lowered);
    let is_wrong = |word: &&&str| codes(&[**word]).is_none() && !PREFIXES.contains(*word);
    let wrong = words.iter().find(is_wrong).copied().unwrap_or(text);
    let names = COLORS.iter().map(|(name, _)| *name).chain(EFFECTS.iter().map(|(name, ..)| *name));
    let near = nearest(wrong, names.chain(PREFIXES));
    Error::value(argument, expected, format!("{text:?}{near}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> String {
        Style::parse("color", text).expect(text).open().to_owned()
    }

    fn refusal(text: &str) -> String {
        Style::parse("color", text).expect_err(text).to_string()
    }

    #[test]
    fn names_are_read_in_every_spelling() {
        let expected = [
            ("31", "red RED Red <red> <r>"),
            ("96", "bright_cyan bright-cyan BRIGHT_CYAN light-cyan <light-cyan> <lc>"),
            ("90", "grey gray bright_black <lk>"),
            ("41", "on_red bg-red <RED> <R>"),
            ("104", "on_bright_blue bg-light-blue <LIGHT-BLUE> <LE>"),
            ("1", "bold <b>"),
            ("38;2;255;136;0", "#ff8800 #F80 fg_#ff8800"),
        ];

        for (codes, spellings) in expected {
            for spelling in spellings.split(' ') {
                assert_eq!(open(spelling), format!("\x1b[{codes}m"), "{spelling}");
            }
        }
    }

    #[test]
    fn effects_have_their_codes() {
        assert_eq!(open("bold dim italic underline blink reverse hide strike"), "\x1b[1;2;3;4;5;7;8;9m");
    }

    #[test]
    fn several_styles_are_one_escape() {
        for text in ["bold red", "bold,red", "bold+red", "Bold, Red", "bold-red", "1;31"] {
            assert_eq!(open(text), "\x1b[1;31m", "{text}");
        }
        assert_eq!(open("bold bg red"), "\x1b[1;41m");
        assert_eq!(open("light red on bright white underline"), "\x1b[91;107;4m");
        assert_eq!(open("<red><bold>"), "\x1b[31m\x1b[1m");
    }

    #[test]
    fn colours_are_read_by_number() {
        assert_eq!(open("fg 208"), "\x1b[38;5;208m");
        assert_eq!(open("bold bg 0"), "\x1b[1;48;5;0m");
        assert_eq!(open("fg 255,0,10 bold"), "\x1b[38;2;255;0;10;1m");
        assert_eq!(open("bg #ff8800"), "\x1b[48;2;255;136;0m");
        assert_eq!(open("\x1b[1;31m\x1b[4m"), "\x1b[1;31m\x1b[4m");
    }

    #[test]
    fn none_and_nothing_mean_no_style() {
        for text in ["", "  ", "none", "None"] {
            assert!(Style::parse("color", text).expect(text).is_none(), "{text:?}");
        }
        assert!(!Style::parse("color", "red").expect("red").is_none());
    }

    #[test]
    fn what_is_no_style_is_refused() {
        let escapes = ["\x1b[2J", "\x1b[31m\x07", "\x1b[31", "\x1b]0;x\x07"];
        let texts =
            ["<level>", "</>", "<red>x", "fg", "fg 256", "fg 1,2", "1 red", "#ff88", "208", "1;;31", "+31", ",", "+"];

        for text in escapes.iter().chain(&texts) {
            assert!(Style::parse("color", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_nearest() {
        let start = "color: expected a colour or style name such as \"red\", ";

        assert!(refusal("bold gren").starts_with(start));
        assert!(refusal("bold gren").ends_with("got \"bold gren\" (did you mean \"green\"?)"));
        assert!(refusal("brigth_red").ends_with("got \"brigth_red\" (did you mean \"bright\"?)"));
        assert!(refusal("\x1b[2J").ends_with("got \"\\u{1b}[2J\""));
    }

    fn wanted(explicit: Option<bool>, is_terminal: bool, variables: &[(&str, &str)]) -> bool {
        let find = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        is_wanted(explicit, is_terminal, find)
    }

    #[test]
    fn each_wish_for_colour_yields_to_those_before_it() {
        let never = [("LOGLY_COLOR", "never"), ("FORCE_COLOR", "1")];
        let always = [("LOGLY_COLOR", " Always"), ("NO_COLOR", "1"), ("TERM", "dumb")];

        assert!(wanted(Some(true), false, &never));
        assert!(!wanted(Some(false), true, &always));
        assert!(!wanted(None, true, &never));
        assert!(wanted(None, false, &always));
        assert!(!wanted(None, true, &[("NO_COLOR", "0"), ("FORCE_COLOR", "1")]));
        assert!(wanted(None, false, &[("FORCE_COLOR", "1"), ("TERM", "dumb")]));
        assert!(!wanted(None, true, &[("TERM", "dumb")]));
        assert!(wanted(None, true, &[]));
        assert!(!wanted(None, false, &[("TERM", "xterm")]));
    }

    #[test]
    fn wishes_that_say_nothing_are_ignored() {
        let variables = [("LOGLY_COLOR", "maybe"), ("NO_COLOR", ""), ("FORCE_COLOR", "")];

        assert!(wanted(None, true, &variables));
        assert!(!wanted(None, false, &variables));
        assert!(!wanted(None, false, &[("FORCE_COLOR", "0")]));
    }
}
