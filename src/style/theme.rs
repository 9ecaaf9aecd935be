//! Themes: named styles for levels, times, places and tracebacks in coloured output.
//!
//! Level colours set by the program override the theme's. Times and places are styled only in the default line;
//! patterns set their own styles.

use crate::error::{Error, Result, nearest};

/// One theme. Levels are in the order of their ids; the style of times and places is a markup tag.
#[derive(Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: &'static str,
    pub levels: [&'static str; 9],
    /// Empty for no style.
    pub aside: &'static str,
    /// Whether tracebacks have no colours either.
    pub is_plain: bool,
}

impl Theme {
    pub fn parse(argument: &str, name: &str) -> Result<&'static Self> {
        let names = || THEMES.iter().map(|theme| theme.name);
        THEMES.iter().find(|theme| theme.name == name).ok_or_else(|| {
            let quoted: Vec<String> = names().map(|name| format!("\"{name}\"")).collect();
            let expected = format!("one of the themes {}", quoted.join(", "));
            Error::value(argument, expected, format!("\"{name}\"{}", nearest(name, names())))
        })
    }
}

impl Default for &Theme {
    fn default() -> Self {
        &THEMES[0]
    }
}

static THEMES: [Theme; 5] = [
    // The terminal's own colours, which are readable wherever its owner made them so.
    Theme {
        name: "default",
        levels: [
            "cyan bold",
            "blue bold",
            "bold",
            "cyan bold",
            "green bold",
            "yellow bold",
            "red bold",
            "magenta bold",
            "bold bg red",
        ],
        aside: "dim",
        is_plain: false,
    },
    Theme {
        name: "dark",
        levels: [
            "fg 246",
            "fg 75",
            "bold fg 255",
            "bold fg 87",
            "bold fg 84",
            "bold fg 221",
            "bold fg 210",
            "bold fg 213",
            "bold fg 231 bg 124",
        ],
        aside: "fg 246",
        is_plain: false,
    },
    Theme {
        name: "light",
        levels: [
            "fg 241",
            "fg 25",
            "bold fg 232",
            "bold fg 24",
            "bold fg 22",
            "bold fg 94",
            "bold fg 124",
            "bold fg 90",
            "bold fg 231 bg 124",
        ],
        aside: "fg 241",
        is_plain: false,
    },
    // Blocks that differ in brightness and in blue or yellow, which nearly all eyes see. They stand out on black and on
    // white.
    Theme {
        name: "high_contrast",
        levels: [
            "underline",
            "italic",
            "bold",
            "bold underline",
            "bold fg 16 bg 75",
            "bold fg 16 bg 214",
            "bold reverse",
            "bold underline reverse",
            "bold underline fg 231 bg 90",
        ],
        aside: "",
        is_plain: true,
    },
    // No colour at all.
    Theme {
        name: "mono",
        levels: [
            "dim",
            "dim",
            "none",
            "underline",
            "underline",
            "bold",
            "bold underline",
            "bold underline",
            "bold reverse",
        ],
        aside: "dim",
        is_plain: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::style::codes::Style;
    use crate::style::markup::parse_markup;

    #[test]
    fn all_styles_are_known() {
        for theme in &THEMES {
            for color in theme.levels {
                assert!(Style::parse("color", color).is_ok(), "{}: {color}", theme.name);
            }
            let pieces = parse_markup(&format!("<{}>x</>", theme.aside)).len();
            assert!(theme.aside.is_empty() || pieces == 3, "{}", theme.name);
        }
    }

    #[test]
    fn mono_has_no_colours() {
        let mono = Theme::parse("theme", "mono").expect("known");

        for color in mono.levels {
            let codes = Style::parse("color", color).expect(color).open().to_owned();
            assert!(!codes.contains('3') && codes.matches('4').count() <= 1, "{color}: {codes:?}");
        }
    }

    #[test]
    fn unknown_name_lists_the_known_and_the_nearest() {
        let message = Theme::parse("theme", "drak").expect_err("unknown").to_string();

        assert!(message.contains("\"default\", \"dark\", \"light\", \"high_contrast\", \"mono\""), "{message}");
        assert!(message.ends_with("got \"drak\" (did you mean \"dark\"?)"), "{message}");
    }
}
