//! What a person says: the value of one fact.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// One row of a repeating group: column id → text.
pub type Row = BTreeMap<String, String>;

/// Facts by field id. Ordered, so that equal facts have equal bytes.
pub type Facts = BTreeMap<String, Value>;

/// The value of one fact. Whatever is typed stays text until a rule reads it:
/// a half-typed number is a legal state of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A single answer; `yes` and `no` for questions of that kind.
    Text(String),
    /// Several options of one choice, in the order they were chosen.
    Many(Vec<String>),
    /// The rows of a repeating group.
    Rows(Vec<Row>),
}

impl Value {
    /// The text of a single answer, `""` for anything else.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Many(_) | Self::Rows(_) => "",
        }
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Many(many) => many.is_empty(),
            Self::Rows(rows) => rows.is_empty(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Many(many) => many.serialize(serializer),
            Self::Rows(rows) => rows.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list of texts or a list of rows")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut many = Vec::new();
        let mut rows = Vec::new();
        while let Some(entry) = seq.next_element::<Entry>()? {
            match entry {
                Entry::Text(text) => many.push(text),
                Entry::Row(row) => rows.push(row),
            }
        }
        match (many.is_empty(), rows.is_empty()) {
            (_, true) => Ok(Value::Many(many)),
            (true, false) => Ok(Value::Rows(rows)),
            (false, false) => Err(de::Error::custom("texts and rows in one list")),
        }
    }
}

/// An element of a list value.
enum Entry {
    Text(String),
    Row(Row),
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;
        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a row")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Entry, E> {
                Ok(Entry::Text(text.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut row = Row::new();
                while let Some((column, text)) = map.next_entry::<String, String>()? {
                    if row.insert(column, text).is_some() {
                        return Err(de::Error::custom("a column stands twice in a row"));
                    }
                }
                Ok(Entry::Row(row))
            }
        }
        deserializer.deserialize_any(EntryVisitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Value {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A text, a list of option ids, or the rows of a repeating group.",
            "oneOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } },
                { "type": "array", "items": { "type": "object", "additionalProperties": { "type": "string" } } }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_comes_back_as_it_went() {
        for json in [r#""x""#, r#"["a","b"]"#, r#"[{"name":"王"}]"#, "[]"] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for json in ["1", "true", "null", r#"{"a":"b"}"#, r#"["a",{"b":"c"}]"#, r#"[["a"]]"#, r#"[{"a":1}]"#] {
            assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
        }
    }
}
