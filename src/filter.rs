//! The filters of a sink in addition to its level: by module, by function, and rules per module prefix.
//!
//! Filters that are Python functions run on the caller's thread. The writer can evaluate the filters here alone.

use crate::expression::compiled::Expression;
use crate::site::Location;

/// The levels that a rule accepts from the modules it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Accepts records from this level number up.
    From(i32),
    Never,
}

impl Threshold {
    #[inline]
    pub fn accepts(self, level: i32) -> bool {
        match self {
            Self::From(least) => level >= least,
            Self::Never => false,
        }
    }
}

/// Rules for modules and the modules below them, as in `{"": "INFO", "app.db": False}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Longest prefix first.
    rules: Vec<(Box<[u8]>, Threshold)>,
    /// The threshold if no rule covers the module.
    otherwise: Option<Threshold>,
}

impl Rules {
    pub fn new(mut rules: Vec<(Box<[u8]>, Threshold)>, otherwise: Option<Threshold>) -> Self {
        rules.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { rules, otherwise }
    }

    /// Accepts only records of one module and those below it.
    pub fn only(prefix: &str) -> Self {
        Self::new(vec![(prefix.as_bytes().into(), Threshold::From(i32::MIN))], Some(Threshold::Never))
    }

    fn accepts(&self, level: i32, module: &[u8]) -> bool {
        self.threshold(module, self.otherwise.unwrap_or(Threshold::From(i32::MIN))).accepts(level)
    }

    /// The threshold of a module, or `otherwise` if no rule covers it.
    pub fn threshold(&self, module: &[u8], otherwise: Threshold) -> Threshold {
        let rule = self.rules.iter().find(|(prefix, _)| covers(prefix, module));
        rule.map_or(otherwise, |(_, threshold)| *threshold)
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The prefixes and their thresholds, longest first.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], Threshold)> {
        self.rules.iter().map(|(prefix, threshold)| (&**prefix, *threshold))
    }

    /// The lowest level that any rule accepts.
    pub fn lowest(&self) -> Option<i32> {
        let levels = self.rules.iter().filter_map(|(_, threshold)| match threshold {
            Threshold::From(level) => Some(*level),
            Threshold::Never => None,
        });
        levels.min()
    }
}

/// Whether `module` is `prefix` or below it; the empty prefix covers all.
pub fn covers(prefix: &[u8], module: &[u8]) -> bool {
    module.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || prefix.is_empty() || rest[0] == b'.')
}

/// All filters of a sink that need no Python.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub module: Option<String>,
    pub function: Option<String>,
    pub rules: Option<Rules>,
    /// Evaluated for records that all other filters accept.
    pub expression: Option<Expression>,
}

impl Filter {
    /// Whether it accepts every record.
    pub fn is_empty(&self) -> bool {
        self.module.is_none() && self.function.is_none() && self.rules.is_none() && self.expression.is_none()
    }

    /// Whether all filters but the expression accept. Rules apply to the record's name, which is its module unless the
    /// program set a name.
    #[inline]
    pub fn accepts(&self, level: i32, name: &[u8], location: &Location<'_>) -> bool {
        self.module.as_ref().is_none_or(|module| module.as_bytes() == location.module)
            && self.function.as_ref().is_none_or(|function| function.as_bytes() == location.function)
            && self.rules.as_ref().is_none_or(|rules| rules.accepts(level, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let rules = [("", Threshold::From(20)), ("app", Threshold::From(10)), ("app.db", Threshold::Never)];
        Rules::new(rules.map(|(prefix, threshold)| (prefix.as_bytes().into(), threshold)).to_vec(), None)
    }

    #[test]
    fn the_longest_prefix_decides() {
        let rules = rules();

        assert!(rules.accepts(10, b"app.web"));
        assert!(!rules.accepts(50, b"app.db.pool"));
        assert!(!rules.accepts(10, b"application"));
        assert!(rules.accepts(20, b"application"));
    }

    #[test]
    fn a_single_prefix_excludes_the_rest() {
        let rules = Rules::only("app");

        assert!(rules.accepts(0, b"app") && rules.accepts(0, b"app.x"));
        assert!(!rules.accepts(50, b"apple") && !rules.accepts(50, b"__main__"));
    }
}
