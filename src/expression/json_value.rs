//! Values from JSON: lists and mappings of a record, and whole lines of a file.

use std::borrow::Cow;

use serde_json::Value;

use super::datum::Datum;

impl Datum<'_> {
    /// The value of a JSON text. None if it is no JSON, such as a line that is cut off.
    pub fn of_json(json: &[u8]) -> Option<Datum<'static>> {
        serde_json::from_slice(json).ok().map(of_value)
    }
}

fn of_value(value: Value) -> Datum<'static> {
    match value {
        Value::Null => Datum::None,
        Value::Bool(value) => Datum::Bool(value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Datum::Int(number),
            (None, Some(number)) => Datum::Big(number.to_string().into_bytes().into()),
            (None, None) => Datum::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Datum::Text(Cow::Owned(text.into_bytes())),
        Value::Array(items) => Datum::List(items.into_iter().map(of_value).collect()),
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| (Cow::Owned(key.into_bytes()), of_value(value));
            Datum::Map(members.into_iter().map(member).collect())
        }
    }
}
