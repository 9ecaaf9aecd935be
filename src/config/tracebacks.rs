//! The frames of exceptions that are shown: `configure(max_frames=, suppress=)`.

use crate::dialect::Dialect;

/// The rules for all exceptions of a logger. By default every frame is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameRules {
    /// The number of frames shown of one exception. If there are more, the first and the last are shown.
    pub most: Option<usize>,
    /// Modules whose frames are hidden, together with the modules below them.
    pub suppressed: Vec<Box<[u8]>>,
    /// Decides the form of the text.
    pub dialect: Dialect,
}

impl FrameRules {
    /// Whether every frame is shown.
    pub fn is_open(&self) -> bool {
        self.most.is_none() && self.suppressed.is_empty()
    }

    /// The suppressed name that covers the module.
    pub fn suppressing(&self, module: &[u8]) -> Option<&[u8]> {
        let covers = |name: &[u8]| module.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest[0] == b'.');
        self.suppressed.iter().map(|name| &**name).find(|name| covers(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_covers_its_module_and_what_is_below_it() {
        let rules = FrameRules { most: None, suppressed: vec![(*b"starlette").into()], ..FrameRules::default() };

        assert_eq!(rules.suppressing(b"starlette.routing"), Some(b"starlette".as_slice()));
        assert_eq!(rules.suppressing(b"starlette"), Some(b"starlette".as_slice()));
        assert_eq!(rules.suppressing(b"starlettes"), None);
    }
}
