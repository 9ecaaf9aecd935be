//! Compiled forms of the templates that a program's function returns, for a format made by `logly.template`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::Result;
use crate::format::formatter::Layout;
use crate::format::pattern::Pattern;
use crate::format::time::pattern::TimePattern;
use crate::python::py::imports::imported;
use crate::python::py::interpreter::{Kept, name};
use crate::sync::Mutex;

static TEMPLATE: Kept<Py<PyAny>> = Kept::new();

/// The number of compiled templates kept for one sink. The least recently used one is removed first.
const MOST_TEMPLATES: usize = 64;

/// The function of a format that returns templates. None for other formats.
pub fn template_function(format: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let class = imported(format.py(), &TEMPLATE, "logly._calls.template", "template")?;
    if format.get_type().is(class) {
        return Ok(Some(format.getattr(name!(format.py(), "_function"))?.unbind()));
    }
    // A class of the program may be called in another way.
    Ok(format.is_instance(class)?.then(|| format.clone().unbind()))
}

/// A template with everything filled in that only Python can show: attributes, conversions and nested specs.
pub fn filled_by_python<'py>(text: &Bound<'py, PyString>, record: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    static FILLED: Kept<Py<PyAny>> = Kept::new();
    imported(text.py(), &FILLED, "logly.loguru._formats", "filled")?.call1((text, record))
}

struct Known {
    text: String,
    base: Arc<Layout>,
    layout: Arc<Layout>,
}

/// The layout of a template, which is not kept.
pub fn compiled(text: &str, base: &Layout) -> Result<Arc<Layout>> {
    let pattern = if base.is_exact() {
        Pattern::parse_exact("template", text)?
    } else {
        Pattern::parse("template", text.strip_suffix('\n').unwrap_or(text), &TimePattern::rfc3339_local())?
    };
    Ok(Arc::new(base.with_template(pattern)))
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
        let layout = compiled(text, base)?;
        if known.len() >= MOST_TEMPLATES {
            known.remove(0);
        }
        known.push(Known { text: text.to_owned(), base: Arc::clone(base), layout: Arc::clone(&layout) });
        Ok(layout)
    }
}
