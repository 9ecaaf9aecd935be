//! The fields that one block adds to the context.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The fields of a block.
pub struct Own {
    pub fields: Py<PyDict>,
    /// The ids of a trace, as a request or task brought them. They give way to the ids of a span.
    pub trace: Option<Py<PyDict>>,
}

impl Own {
    pub fn of(fields: &Bound<'_, PyDict>, trace: Option<Bound<'_, PyDict>>) -> Self {
        let trace = trace.filter(|trace| !trace.is_empty()).map(Bound::unbind);
        Self { fields: fields.clone().unbind(), trace }
    }

    pub fn clone_ref(&self, py: Python<'_>) -> Self {
        let trace = self.trace.as_ref().map(|trace| trace.clone_ref(py));
        Self { fields: self.fields.clone_ref(py), trace }
    }

    /// The fields of a block and of one within it that brought no trace, as those of one block.
    pub fn with(&self, inner: &Self, py: Python<'_>) -> PyResult<Self> {
        let fields = self.fields.bind(py).copy()?;
        fields.update(inner.fields.bind(py).as_mapping())?;
        Ok(Self { fields: fields.unbind(), trace: self.trace.as_ref().map(|trace| trace.clone_ref(py)) })
    }

    /// The fields without those of these names.
    pub fn without(&self, is_out: &dyn Fn(&Bound<'_, PyAny>) -> PyResult<bool>, py: Python<'_>) -> PyResult<Self> {
        let rest = |fields: &Py<PyDict>| {
            let rest = PyDict::new(py);
            for (name, value) in fields.bind(py).iter() {
                if !is_out(&name)? {
                    rest.set_item(name, value)?;
                }
            }
            PyResult::Ok(rest)
        };
        let trace = self.trace.as_ref().map(rest).transpose()?;
        Ok(Self::of(&rest(&self.fields)?, trace))
    }

    pub fn is_empty(&self, py: Python<'_>) -> bool {
        self.fields.bind(py).is_empty() && self.trace.is_none()
    }
}
