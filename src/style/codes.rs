//! ANSI codes of effects and colours, by name.

/// Ends every style.
pub const RESET: &str = "\x1b[0m";

/// An ANSI style: the escape sequence that begins it, or an empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style(pub(super) String);

impl Style {
    /// The escape sequence that begins this style, such as `\x1b[31m`, or nothing.
    pub fn open(&self) -> &str {
        &self.0
    }

    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn from_codes(codes: &str) -> Self {
        Self(format!("\x1b[{codes}m"))
    }
}

pub(super) fn words(text: &str) -> Vec<&str> {
    let is_separator = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | ',' | '+');
    text.split(is_separator).filter(|word| !word.is_empty()).collect()
}

/// The codes of one effect or colour. The first word may be its layer.
pub(super) fn codes(words: &[&str]) -> Option<String> {
    match words {
        ["fg", words @ ..] => layered(words, Layer::Foreground),
        ["bg" | "on", words @ ..] => layered(words, Layer::Background),
        [word] if let Some((.., code)) = EFFECTS.iter().find(|(name, ..)| name == word) => Some((*code).to_owned()),
        words => color(words, Layer::Foreground),
    }
}

/// A colour with an explicit layer. It may also be a number or a letter.
fn layered(words: &[&str], layer: Layer) -> Option<String> {
    let letter = || words.first().filter(|_| words.len() == 1).and_then(|word| short_color(word, layer));
    color(words, layer).or_else(|| numbered(words, layer)).or_else(letter)
}

pub(super) fn color(words: &[&str], layer: Layer) -> Option<String> {
    let (word, brightness) = match words {
        ["bright" | "light", word] => (*word, BRIGHT),
        ["grey" | "gray"] => ("black", BRIGHT),
        [word] if word.starts_with('#') => return hex(&word[1..], layer),
        [word] => (*word, 0),
        _ => return None,
    };
    let index = COLORS.iter().position(|(name, _)| *name == word)?;
    Some((layer as usize + brightness + index).to_string())
}

/// Loguru's letters: `r` is red, `lr` is light red.
pub(super) fn short_color(name: &str, layer: Layer) -> Option<String> {
    let (letter, brightness) = match name.strip_prefix('l') {
        Some(letter) if !letter.is_empty() => (letter, BRIGHT),
        _ => (name, 0),
    };
    let index = COLORS.iter().position(|(_, short)| *short == letter)?;
    Some((layer as usize + brightness + index).to_string())
}

fn hex(digits: &str, layer: Layer) -> Option<String> {
    let values: Vec<u32> = digits.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let [red, green, blue] = match values[..] {
        [r, g, b] => [r * 17, g * 17, b * 17],
        [r1, r2, g1, g2, b1, b2] => [r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2],
        _ => return None,
    };
    Some(format!("{};2;{red};{green};{blue}", layer as usize + EXTENDED))
}

fn numbered(words: &[&str], layer: Layer) -> Option<String> {
    let values: Vec<u8> = words.iter().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let code = layer as usize + EXTENDED;
    match values[..] {
        [index] => Some(format!("{code};5;{index}")),
        [red, green, blue] => Some(format!("{code};2;{red};{green};{blue}")),
        _ => None,
    }
}

#[derive(Clone, Copy)]
pub(super) enum Layer {
    Foreground = 30,
    Background = 40,
}

/// Added to the code of a colour or layer.
const BRIGHT: usize = 60;
const EXTENDED: usize = 8;

/// Words that have a meaning only with the next one.
pub(super) const PREFIXES: [&str; 5] = ["bright", "light", "fg", "bg", "on"];

/// Names and Loguru's letters, in the order of their codes.
pub(super) const COLORS: [(&str, &str); 8] = [
    ("black", "k"),
    ("red", "r"),
    ("green", "g"),
    ("yellow", "y"),
    ("blue", "e"),
    ("magenta", "m"),
    ("cyan", "c"),
    ("white", "w"),
];

/// Names, Loguru's letters and codes.
pub(super) const EFFECTS: [(&str, &str, &str); 9] = [
    ("bold", "b", "1"),
    ("dim", "d", "2"),
    ("italic", "i", "3"),
    ("underline", "u", "4"),
    ("blink", "l", "5"),
    ("reverse", "v", "7"),
    ("hide", "h", "8"),
    ("strike", "s", "9"),
    ("normal", "n", "22"),
];
