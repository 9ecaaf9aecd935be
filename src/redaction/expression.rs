//! Compilation of the regular expressions that find secrets.

use regex::bytes::{Regex, RegexBuilder};

use crate::error::{Error, Result, quoted};
use crate::sync::on_roomy_stack;

/// The size limit of a compiled expression, in bytes.
const MOST_EXPRESSION: usize = 4 * 1024 * 1024;

/// Compiles `expression`, which errors show as `given`.
pub fn compile(argument: &str, given: &str, expression: &str) -> Result<Regex> {
    let built = on_roomy_stack(|| RegexBuilder::new(expression).size_limit(MOST_EXPRESSION).build());
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            let expected = format!("expressions that take at most {MOST_EXPRESSION} bytes");
            Error::value(argument, expected, format!("{}, which is too large", quoted(given)))
        }
        error => {
            let text = error.to_string();
            let reason = text.rsplit("error: ").next().unwrap_or_default().trim();
            Error::value(argument, "regular expressions and names", format!("{} ({reason})", quoted(given)))
        }
    })
}
