//! Compiled forms of the templates that a program's function returns, for a format made by `logly.template`.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::error::Result;
use crate::format::formatter::Layout;
use crate::format::pattern::Pattern;
use crate::format::time::pattern::TimePattern;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::Kept;
use crate::sync::Mutex;

static TEMPLATE: Kept<Py<PyAny>> = Kept::new();

/// The number of compiled templates kept for one sink. The least recently used one is removed first.
const MOST_TEMPLATES: usize = 64;

/// Whether a format function returns templates.
pub fn is_template(format: &Bound<'_, PyAny>) -> bool {
    let class = imported(format.py(), &TEMPLATE, "logly._calls.template", "template");
    class.is_ok_and(|class| format.is_instance(class).unwrap_or(false))
}

struct Known {
    text: String,
    base: Arc<Layout>,
    layout: Arc<Layout>,
}

#[derive(Default)]
pub struct Templates {
    known: Mutex<Vec<Known>>,
}

impl Templates {
    /// The layout of a template. Everything else is as in `base`.
    pub fn layout(&self, text: &str, base: &Arc<Layout>) -> Result<Arc<Layout>> {
        let mut known = self.known.lock();
        if let Some(at) = known.iter().position(|one| one.text == text && Arc::ptr_eq(&one.base, base)) {
            let one = known.remove(at);
            let layout = Arc::clone(&one.layout);
            known.push(one);
            return Ok(layout);
        }
        let pattern = if base.is_exact() {
            Pattern::parse_exact("template", text)?
        } else {
            Pattern::parse("template", text.strip_suffix('\n').unwrap_or(text), &TimePattern::rfc3339_local())?
        };
        let layout = Arc::new(base.with_template(pattern));
        if known.len() >= MOST_TEMPLATES {
            known.remove(0);
        }
        known.push(Known { text: text.to_owned(), base: Arc::clone(base), layout: Arc::clone(&layout) });
        Ok(layout)
    }
}
