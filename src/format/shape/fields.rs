//! The fields of a record in the forms of the shapes.

use crate::format::escape::{put_json, put_json_string};
use crate::format::json::put_value;
use crate::format::shape::program::{FieldForm, Select, Shape};
use crate::format::shape::walk::is_object;
use crate::format::shape::{any_value, logfmt};
use crate::record::decoded::Record;
use crate::record::encoded::{Field, SetPart, Value};

/// The prefix of a field that may not have its own name.
pub const MOVED: &[u8] = b"fields.";

/// The fields of one record, divided by their places.
pub struct Fields<'s, 'r, 'a> {
    pub shape: &'s Shape,
    pub record: &'r Record<'a>,
    /// A bit for each of the first 64 fields that has a place of its own.
    pub taken: u64,
    /// Whether any field was left to `Select::Moved`.
    pub has_moved: bool,
}

impl Fields<'_, '_, '_> {
    /// Appends the fields. `separate` appends the separator of each.
    pub fn put(&mut self, out: &mut Vec<u8>, form: FieldForm, select: Select, mut separate: impl FnMut(&mut Vec<u8>)) {
        if select == Select::Moved && !self.has_moved {
            return;
        }
        let record = self.record;
        for (index, field) in record.fields.iter().enumerate() {
            if index < 64 && self.taken >> index & 1 == 1 {
                continue;
            }
            let is_moved = select != Select::All && self.is_moved(field, select);
            match select {
                Select::Free if is_moved => {
                    self.has_moved = true;
                    continue;
                }
                Select::Moved if !is_moved => continue,
                _ => {}
            }
            let prefix: &[u8] = if is_moved && select == Select::Prefixed { MOVED } else { b"" };
            put_field(out, form, prefix, field, &mut separate);
        }
    }

    pub fn is_moved(&self, field: &Field<'_>, select: Select) -> bool {
        let (shape, key) = (self.shape, field.key);
        shape.reserved.contains(key)
            || (shape.objects.contains(key) && !matches!(field.value, Value::Odd { json, .. } if is_object(json)))
            || (select == Select::Prefixed && key.starts_with(MOVED))
            || (self.record.stack.is_some() && *key == *shape.stack_key)
            || (*key == *shape.name_key && self.record.set(SetPart::Name).is_some())
    }
}

#[inline]
fn put_field(
    out: &mut Vec<u8>,
    form: FieldForm,
    prefix: &[u8],
    field: &Field<'_>,
    separate: &mut impl FnMut(&mut Vec<u8>),
) {
    if form.leaves_out(field.value) {
        return;
    }
    separate(out);
    put_field_start(out, form, prefix, field.key);
    put_field_value(out, form, field.value);
    out.extend_from_slice(field_end(form));
}

impl FieldForm {
    /// Whether it has no form for a value: GELF knows no null.
    #[inline]
    pub fn leaves_out(self, value: Value<'_>) -> bool {
        self == Self::Gelf
            && (matches!(value, Value::None) || matches!(value, Value::Float(number) if !number.is_finite()))
    }
}

/// Appends the name of a field, and all that stands before the value.
#[inline]
pub fn put_field_start(out: &mut Vec<u8>, form: FieldForm, prefix: &[u8], key: &[u8]) {
    match form {
        FieldForm::Json => {
            put_json_string(out, key);
            out.extend_from_slice(b": ");
        }
        FieldForm::Gelf => {
            out.extend_from_slice(b"\"_");
            out.extend_from_slice(prefix);
            put_gelf_key(out, key);
            out.extend_from_slice(b"\": ");
        }
        FieldForm::Otel => {
            out.extend_from_slice(b"{\"key\": \"");
            out.extend_from_slice(prefix);
            put_json(out, key);
            out.extend_from_slice(b"\", \"value\": ");
        }
        FieldForm::Logfmt => {
            out.extend_from_slice(prefix);
            logfmt::put_key(out, key);
            out.push(b'=');
        }
    }
}

#[inline]
pub fn put_field_value(out: &mut Vec<u8>, form: FieldForm, value: Value<'_>) {
    match form {
        FieldForm::Json => put_value(out, value),
        FieldForm::Gelf => put_gelf_value(out, value),
        FieldForm::Otel => any_value::put_value(out, value),
        FieldForm::Logfmt => logfmt::put_value(out, value),
    }
}

/// The text after the value of a field.
pub fn field_end(form: FieldForm) -> &'static [u8] {
    if form == FieldForm::Otel { b"}" } else { b"" }
}

/// Appends a name with the characters that GELF allows: letters, digits, and `_`, `.` and `-`.
pub(super) fn put_gelf_key(out: &mut Vec<u8>, key: &[u8]) {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    out.extend(key.iter().map(|byte| if is_allowed(*byte) { *byte } else { b'_' }));
}

/// Appends a value as GELF allows it: a text or a number.
pub(super) fn put_gelf_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Bool(flag) => out.extend_from_slice(if flag { b"\"true\"" } else { b"\"false\"" }),
        Value::Odd { json: json @ [b'{' | b'[', ..], .. } => put_json_string(out, json),
        other => put_value(out, other),
    }
}
