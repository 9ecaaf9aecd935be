//! The modules whose calls log, as set by `enable` and `disable` with a name.
//!
//! Only the module of a call decides. Each call site therefore caches the decision, with the number of the rules that
//! made it.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::filter::covers;

/// The last number given to a set of rules, over all loggers of the process; 0 stands for no rules.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// Rules by module. A module without a rule logs.
#[derive(Clone, Debug, Default)]
pub struct Activation {
    number: u64,
    /// Longest name first. No rule repeats the answer that a shorter name already gives.
    rules: Vec<(Box<str>, bool)>,
    /// Whether modules without a name log, if there is a rule for them alone.
    nameless: Option<bool>,
}

impl Activation {
    /// Turns the calls of a module, and of the modules below it, on or off. Earlier rules for any of them are removed.
    pub fn set(&mut self, name: &str, is_active: bool) {
        self.rules.retain(|(known, _)| !covers(name.as_bytes(), known.as_bytes()));
        if self.by_name(name.as_bytes()) != is_active {
            self.rules.push((name.into(), is_active));
            self.rules.sort_by_key(|(known, _)| Reverse(known.len()));
        }
        self.number = NUMBERS.fetch_add(1, Ordering::Relaxed) + 1;
    }

    /// Turns the calls of modules without a name on or off.
    pub fn set_nameless(&mut self, is_active: bool) {
        self.nameless = Some(is_active);
        self.number = NUMBERS.fetch_add(1, Ordering::Relaxed) + 1;
    }

    pub fn allows(&self, module: &[u8]) -> bool {
        let own = self.nameless.filter(|_| module.is_empty());
        own.unwrap_or_else(|| self.by_name(module))
    }

    /// Whether the calls of a module log by the rules for names.
    fn by_name(&self, module: &[u8]) -> bool {
        let rule = self.rules.iter().find(|(name, _)| covers(name.as_bytes(), module));
        rule.is_none_or(|(_, is_active)| *is_active)
    }

    /// The rules, in an order in which `set` makes them again.
    pub fn rules(&self) -> impl Iterator<Item = (&str, bool)> {
        self.rules.iter().rev().map(|(name, is_active)| (&**name, *is_active))
    }

    /// A number that no other rules of this process have.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether all calls log.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.nameless.is_none()
    }

    /// Whether no call logs.
    pub fn allows_none(&self) -> bool {
        matches!(&self.rules[..], [(name, false)] if name.is_empty()) && self.nameless != Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activation(rules: &[(&str, bool)]) -> Activation {
        let mut activation = Activation::default();
        for (name, is_active) in rules {
            activation.set(name, *is_active);
        }
        activation
    }

    #[test]
    fn a_name_stands_for_the_module_and_what_is_below_it() {
        let activation = activation(&[("app.db", false)]);

        assert!(!activation.allows(b"app.db") && !activation.allows(b"app.db.pool"));
        assert!(activation.allows(b"app") && activation.allows(b"app.dbx") && activation.allows(b""));
    }

    #[test]
    fn the_longest_name_decides_whatever_the_order() {
        for rules in [[("app", false), ("app.db", true)], [("", false), ("app.db", true)]] {
            let activation = activation(&rules);

            assert!(activation.allows(b"app.db.pool") && !activation.allows(b"app.web"));
        }
    }

    #[test]
    fn modules_without_a_name_may_have_a_rule_of_their_own() {
        let mut activation = activation(&[("", false)]);
        activation.set_nameless(true);
        assert!(activation.allows(b"") && !activation.allows(b"app"));
        assert!(!activation.allows_none() && !activation.is_empty());

        activation.set_nameless(false);
        activation.set("", true);
        activation.set("", false);
        assert!(!activation.allows(b"app"));

        activation.set("", true);
        assert!(!activation.allows(b"") && activation.allows(b"app"));
    }

    #[test]
    fn a_later_rule_voids_those_below_it() {
        assert!(activation(&[("app.db", false), ("app", true)]).is_empty());
        assert!(activation(&[("a", false), ("a.b", true), ("", true)]).is_empty());
        assert!(activation(&[("a", false), ("a.b", true), ("", false)]).allows_none());
    }

    #[test]
    fn what_a_shorter_name_says_already_is_no_rule() {
        let mut activation = activation(&[("", false)]);
        for number in 0..10 {
            activation.set(&format!("app.{number}"), false);
        }

        assert!(activation.allows_none());
    }

    #[test]
    fn rules_that_changed_have_another_number() {
        let mut activation = activation(&[("app", false)]);
        let before = activation.number();
        activation.set("app", true);

        assert_ne!(activation.number(), before);
        assert_ne!(before, 0);
    }
}
