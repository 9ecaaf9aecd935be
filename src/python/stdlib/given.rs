//! The arguments of a call of `logging`: the message, its arguments, and the keywords that every method has.

use std::borrow::Cow;

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple};

use crate::python::call::arrived::Raised;
use crate::python::py::abi::is_ordinary;
use crate::python::py::gil::attached;
use crate::python::py::interpreter::name;
use crate::python::py::peek::percent;
use crate::python::py::text::utf8;
use crate::python::stdlib::facts::{Facts, Unsure};
use crate::python::value::percent::put_parts;
use crate::python::value::put::small_int;

/// The most values in containers, and the most containers in each other, of one call. Python's own way takes more.
const MOST_VALUES: usize = 256;
const DEEPEST: usize = 8;

/// The arguments of one call, as CPython passes them. The logger is the first one.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a, 'py> {
    pub(super) py: Python<'py>,
    pub(super) positional: &'a [Borrowed<'a, 'py, PyAny>],
    pub(super) names: Option<Borrowed<'a, 'py, PyTuple>>,
    pub(super) named: &'a [Borrowed<'a, 'py, PyAny>],
}

/// The keywords of a call, as far as they matter.
pub(super) struct Keywords<'a, 'py> {
    pub(super) exception: Exception<'a, 'py>,
    pub(super) extra: Option<Borrowed<'a, 'py, PyDict>>,
}

/// The exception that a call names.
pub(super) enum Exception<'a, 'py> {
    No,
    Active,
    Given(Borrowed<'a, 'py, PyAny>),
}

impl<'a, 'py> Keywords<'a, 'py> {
    /// Reads the keywords. None if one of them is for Python to judge.
    #[inline]
    pub(super) fn of(arguments: &Arguments<'a, 'py>, facts: &Facts, raised: bool) -> Option<Self> {
        match arguments.names {
            None => Some(Self { exception: if raised { Exception::Active } else { Exception::No }, extra: None }),
            Some(names) => attached(arguments.py, || Self::named(arguments, names, facts, raised)),
        }
    }

    fn named(
        arguments: &Arguments<'a, 'py>,
        names: Borrowed<'a, 'py, PyTuple>,
        facts: &Facts,
        raised: bool,
    ) -> Option<Self> {
        let mut exception = if raised { Exception::Active } else { Exception::No };
        let mut extra = None;
        let py = arguments.py;
        for (name, value) in names.iter_borrowed().zip(arguments.named) {
            if name.is(name!(py, "exc_info")) {
                exception = Exception::of(*value)?;
            } else if name.is(name!(py, "extra")) {
                extra = Self::extra(*value, facts).ok()?;
            } else if name.is(name!(py, "stack_info")) {
                let is_off = value.is_none() || value.cast_exact::<PyBool>().is_ok_and(|flag| !flag.is_true());
                is_off.then_some(())?;
            } else if name.is(name!(py, "stacklevel")) {
                (value.cast_exact::<PyInt>().ok()?.extract::<i64>().ok()? == 1).then_some(())?;
            } else {
                return None;
            }
        }
        Some(Self { exception, extra })
    }

    fn extra(value: Borrowed<'a, 'py, PyAny>, facts: &Facts) -> Result<Option<Borrowed<'a, 'py, PyDict>>, Unsure> {
        if value.is_none() {
            return Ok(None);
        }
        let extra = value.cast_exact::<PyDict>().map_err(|_| Unsure)?;
        let own = facts.own.bind(value.py());
        let are_fields = extra.iter().all(|(name, _)| {
            name.is_exact_instance_of::<PyString>() && own.contains(&name).is_ok_and(|is_own| !is_own)
        });
        if are_fields { Ok(Some(extra)) } else { Err(Unsure) }
    }
}

impl<'a, 'py> Exception<'a, 'py> {
    fn of(value: Borrowed<'a, 'py, PyAny>) -> Option<Self> {
        if value.is_none() {
            return Some(Self::No);
        }
        if let Ok(flag) = value.cast_exact::<PyBool>() {
            return Some(if flag.is_true() { Self::Active } else { Self::No });
        }
        if value.is_exact_instance_of::<PyInt>() {
            return Some(if value.is_truthy().ok()? { Self::Active } else { Self::No });
        }
        // Exceptions of the program may define when they are true.
        (value.is_instance_of::<PyBaseException>() && is_ordinary(&value.get_type())).then_some(Self::Given(value))
    }

    pub(super) fn raised<'r>(&'r self) -> Raised<'r, 'py> {
        match self {
            Self::No => Raised::No,
            Self::Active => Raised::Active,
            Self::Given(given) => Raised::Given(given),
        }
    }
}

/// The message with its arguments filled in, as `LogRecord.getMessage` does it. None if that may run code of the
/// program or fail, or if the message has colours.
pub(super) fn message<'a>(
    text: Borrowed<'a, '_, PyAny>,
    arguments: &[Borrowed<'_, '_, PyAny>],
) -> Option<Cow<'a, [u8]>> {
    let format = utf8(text.cast_exact::<PyString>().ok()?)?.as_bytes();
    let made = if arguments.is_empty() {
        Cow::Borrowed(format)
    } else {
        filled(format, arguments)
            .map_or_else(|| attached(text.py(), || formatted(text, arguments)), Some)
            .map(Cow::Owned)?
    };
    memchr::memchr(0x1b, &made).is_none().then_some(made)
}

/// The same for arguments by name.
pub(super) fn message_of<'a>(
    text: Borrowed<'a, '_, PyAny>,
    mapping: Borrowed<'_, '_, PyDict>,
) -> Option<Cow<'a, [u8]>> {
    if mapping.is_empty() { message(text, &[]) } else { message(text, &[mapping.as_any().as_borrowed()]) }
}

/// Renders a message of plain values. None for anything else.
fn filled(format: &[u8], arguments: &[Borrowed<'_, '_, PyAny>]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(format.len() + 24 * arguments.len());
    if put_common(&mut out, format, arguments).is_some() {
        return Some(out);
    }
    out.clear();
    put_parts(&mut out, format, arguments.iter().copied(), usize::MAX).then_some(out)
}

/// Renders a message that has only `%s` and `%d`, with strings and short integers, as most messages of libraries.
fn put_common(out: &mut Vec<u8>, format: &[u8], arguments: &[Borrowed<'_, '_, PyAny>]) -> Option<()> {
    let (mut rest, mut values) = (format, arguments.iter());
    while let Some(at) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..at]);
        let (conversion, value) = (*rest.get(at + 1)?, *values.next()?);
        match value.cast_exact::<PyString>() {
            Ok(text) if conversion == b's' => out.extend_from_slice(utf8(text)?.as_bytes()),
            Err(_) if matches!(conversion, b's' | b'd') && value.is_exact_instance_of::<PyInt>() => {
                out.extend_from_slice(itoa::Buffer::new().format(small_int(value)?).as_bytes());
            }
            _ => return None,
        }
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
    values.next().is_none().then_some(())
}

/// Has Python format a message, if its arguments are plain.
fn formatted(text: Borrowed<'_, '_, PyAny>, arguments: &[Borrowed<'_, '_, PyAny>]) -> Option<Vec<u8>> {
    let mut left = MOST_VALUES;
    if !arguments.iter().all(|value| is_plain(*value, DEEPEST, &mut left)) {
        return None;
    }
    // A dict that is the only argument has the values by name, unless it is empty.
    let mapping = match arguments {
        [one] => Some(*one).filter(|one| one.cast_exact::<PyDict>().is_ok_and(|mapping| !mapping.is_empty())),
        _ => None,
    };
    let made = match mapping {
        Some(mapping) => percent(text, &mapping)?,
        None => percent(text, PyTuple::new(text.py(), arguments).ok()?.as_any())?,
    };
    Some(utf8(made.cast_exact::<PyString>().ok()?.as_borrowed())?.as_bytes().to_vec())
}

/// Whether the text of a value is made without code of the program, and cannot grow without bounds.
fn is_plain(value: Borrowed<'_, '_, PyAny>, deepest: usize, left: &mut usize) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    let is_scalar = value.is_none()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_exact_instance_of::<PyBytes>();
    if is_scalar || deepest == 0 {
        return is_scalar;
    }
    let mut is_inner = |inner: Bound<'_, PyAny>| is_plain(inner.as_borrowed(), deepest - 1, left);
    if let Ok(items) = value.cast_exact::<PyTuple>() {
        return items.iter().all(is_inner);
    }
    if let Ok(items) = value.cast_exact::<PyList>() {
        return items.iter().all(is_inner);
    }
    if let Ok(items) = value.cast_exact::<PyDict>() {
        return items.iter().all(|(key, value)| is_inner(key) && is_inner(value));
    }
    if let Ok(items) = value.cast_exact::<PySet>() {
        return items.iter().all(is_inner);
    }
    value.cast_exact::<PyFrozenSet>().is_ok_and(|items| items.iter().all(is_inner))
}
