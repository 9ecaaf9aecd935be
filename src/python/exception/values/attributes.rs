//! The attributes that an object holds itself, read without code of the program: those of its slots and of its dict.

use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyDict, PyString};
use smallvec::SmallVec;

use crate::python::exception::values::classes::{self, Attributes, Facts};
use crate::python::py::interpreter::name;
use crate::python::py::peek;

/// Names with their values. There are usually no more than are shown.
pub type Pairs<'py> = SmallVec<[(Bound<'py, PyAny>, Bound<'py, PyAny>); 8]>;

/// The first attributes of an object, and how many it has.
pub struct Held<'py> {
    pub pairs: Pairs<'py>,
    pub length: usize,
}

/// Takes the first attributes, those of slots before the others.
pub fn first<'py>(value: &Bound<'py, PyAny>, facts: &Facts, most: usize) -> PyResult<Held<'py>> {
    let attributes = of_dict(value, facts)?;
    if !facts.has_slots {
        return Ok(first_of(&attributes, most));
    }
    let held = of_slots(value)?;
    for (name, item) in first_of(&attributes, usize::MAX).pairs {
        held.set_item(name, item)?;
    }
    Ok(first_of(&held, most))
}

fn first_of<'py>(dict: &Bound<'py, PyDict>, most: usize) -> Held<'py> {
    with_critical_section(dict, || Held { pairs: dict.iter().take(most).collect(), length: dict.len() })
}

/// The dict of an object. It is empty if the object has none, or if the program's own code would have to give it.
pub fn of_dict<'py>(value: &Bound<'py, PyAny>, facts: &Facts) -> PyResult<Bound<'py, PyDict>> {
    let py = value.py();
    let generic = match facts.attributes {
        Attributes::None => return Ok(PyDict::new(py)),
        Attributes::Generic => peek::dict_of(value.as_borrowed()),
        Attributes::Described => None,
    };
    match generic {
        Some(dict) => Ok(dict.to_owned()),
        None => Ok(classes::described_dict(value)?.cast_into::<PyDict>()?),
    }
}

fn of_slots<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = value.py();
    let held = PyDict::new(py);
    let class = value.get_type();
    for base in &classes::bases(&class)? {
        let namespace = classes::namespace(&base)?;
        let Some(names) = classes::found(&namespace, name!(py, "__slots__").as_any())? else { continue };
        let names: Vec<Bound<'py, PyAny>> = if names.is_instance_of::<PyString>() {
            vec![names]
        } else {
            names.try_iter()?.collect::<PyResult<_>>()?
        };
        for name in names {
            let Some(member) = classes::found(&namespace, &name)? else { continue };
            if !classes::is_member(&member)? {
                continue;
            }
            match member.call_method1(name!(py, "__get__"), (value, &class)) {
                Ok(item) => held.set_item(name, item)?,
                Err(error) if error.is_instance_of::<PyAttributeError>(py) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(held)
}
