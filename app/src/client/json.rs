//! A small reader of JSON for serde.
//!
//! `serde_json` is written to be fast, complete and helpful in its errors, and is compiled anew
//! for each type it reads: a quarter of the page. The server's answers need less: objects become
//! structs, numbers are whole, and an answer that cannot be read is simply no answer. The tree
//! below is scanned by one function, and its error carries nothing, so that no message is built
//! (docs/decisions/0002-wire-budget.md has the figures).

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// Deepest nesting that is read.
const DEPTH: u8 = 32;

/// Reads a whole text; `None` when it is not JSON or not of this type.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    T::deserialize(parse(text)?).ok()
}

/// A value of JSON.
#[derive(Clone, Debug, PartialEq)]
enum Json {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

#[inline(never)]
fn parse(text: &str) -> Option<Json> {
    let mut scanner = Scanner { rest: text };
    let value = scanner.value(DEPTH)?;
    scanner.space();
    scanner.rest.is_empty().then_some(value)
}

struct Scanner<'t> {
    rest: &'t str,
}

impl Scanner<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn eat(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn value(&mut self, depth: u8) -> Option<Json> {
        let depth = depth.checked_sub(1)?;
        self.space();
        match self.rest.as_bytes().first()? {
            b'"' => self.text().map(Json::Text),
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            b't' => self.eat("true").map(|()| Json::Bool(true)),
            b'f' => self.eat("false").map(|()| Json::Bool(false)),
            b'n' => self.eat("null").map(|()| Json::Null),
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Option<Json> {
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit() && letter != '-').unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().ok().map(Json::Number)
    }

    fn list(&mut self, depth: u8) -> Option<Json> {
        self.eat("[")?;
        let mut list = Vec::new();
        self.space();
        while self.eat("]").is_none() {
            if !list.is_empty() {
                self.eat(",")?;
            }
            list.push(self.value(depth)?);
            self.space();
        }
        Some(Json::List(list))
    }

    fn object(&mut self, depth: u8) -> Option<Json> {
        self.eat("{")?;
        let mut object = Vec::new();
        self.space();
        while self.eat("}").is_none() {
            if !object.is_empty() {
                self.eat(",")?;
                self.space();
            }
            let key = self.text()?;
            self.space();
            self.eat(":")?;
            object.push((key, self.value(depth)?));
            self.space();
        }
        Some(Json::Object(object))
    }

    fn text(&mut self) -> Option<String> {
        self.eat("\"")?;
        let mut text = String::new();
        loop {
            let end = self.rest.find(['"', '\\'])?;
            let (plain, rest) = self.rest.split_at(end);
            text.push_str(plain);
            self.rest = rest;
            if self.eat("\"").is_some() {
                return Some(text);
            }
            self.eat("\\")?;
            let letter = self.rest.chars().next()?;
            self.rest = &self.rest[letter.len_utf8()..];
            text.push(match letter {
                '"' | '\\' | '/' => letter,
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => self.escape()?,
                _ => return None,
            });
        }
    }

    fn escape(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.eat("\\u")?;
        let second = self.hex()?.checked_sub(0xdc00)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest.get(..4)?;
        self.rest = &self.rest[4..];
        u32::from_str_radix(digits, 16).ok()
    }
}

/// It could not be read; nobody is told why.
#[derive(Debug)]
struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

type Read<T> = Result<T, Unreadable>;

impl<'de> Deserializer<'de> for Json {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Number(value) => visitor.visit_i64(value),
            Self::Text(value) => visitor.visit_string(value),
            Self::List(list) => visitor.visit_seq(Elements(list.into_iter())),
            Self::Object(object) => visitor.visit_map(Members { rest: object.into_iter(), value: None }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let Self::Bool(value) = self else { return Err(Unreadable) };
        visitor.visit_bool(value)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let Self::Number(value) = self else { return Err(Unreadable) };
        visitor.visit_i64(value)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let Self::Text(value) = self else { return Err(Unreadable) };
        visitor.visit_string(value)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let Self::List(list) = self else { return Err(Unreadable) };
        visitor.visit_seq(Elements(list.into_iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let Self::Object(object) = self else { return Err(Unreadable) };
        visitor.visit_map(Members { rest: object.into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Read<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let Self::Text(variant) = self else { return Err(Unreadable) };
        visitor.visit_enum(Variant(variant))
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit_struct tuple identifier ignored_any
    }
}

impl IntoDeserializer<'_, Unreadable> for Json {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

struct Elements(std::vec::IntoIter<Json>);

impl<'de> SeqAccess<'de> for Elements {
    type Error = Unreadable;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<Option<S::Value>> {
        self.0.next().map(|value| seed.deserialize(value)).transpose()
    }
}

struct Members {
    rest: std::vec::IntoIter<(String, Json)>,
    value: Option<Json>,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Unreadable;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<Option<S::Value>> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        let key: StringDeserializer<Unreadable> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Read<S::Value> {
        seed.deserialize(self.value.take().ok_or(Unreadable)?)
    }
}

/// A variant without content: all that is sent by name alone.
struct Variant(String);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Read<(S::Value, Self)> {
        let name: StringDeserializer<Unreadable> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, Self(String::new())))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Unreadable;

    fn unit_variant(self) -> Read<()> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Read<S::Value> {
        Err(Unreadable)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Read<V::Value> {
        Err(Unreadable)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Read<V::Value> {
        Err(Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::draft::Provided;
    use contract::value::Value;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn texts_with_every_escape_are_read() {
        assert_eq!(
            read::<String>(r#""a\"\\\/\b\f\n\r\t\u4e00\ud83d\ude00""#).as_deref(),
            Some("a\"\\/\u{8}\u{c}\n\r\t一😀")
        );
        for broken in
            [r#"""#, r#""\x""#, r#""\ud83d""#, r#""\u12""#, "\"a\" b", "", "[1,]", "{\"a\"}", "[1 2]", "1.5", "tru"]
        {
            assert_eq!(parse(broken), None, "{broken}");
        }
    }

    #[wasm_bindgen_test]
    fn deep_nesting_is_refused_not_followed() {
        assert_eq!(parse(&"[".repeat(10_000)), None);
        assert!(parse(&format!("{}{}", "[".repeat(31), "]".repeat(31))).is_some());
    }

    #[wasm_bindgen_test]
    fn the_shapes_of_the_contract_are_read() {
        assert_eq!(read::<Value>(r#"["a","b"]"#), Some(Value::Many(vec!["a".into(), "b".into()])));
        assert!(matches!(read::<Value>(r#"[{"name":"王"}]"#), Some(Value::Rows(rows)) if rows[0]["name"] == "王"));
        assert_eq!(read::<Provided>(r#"{"how":"declared"}"#), Some(Provided::Declared));
        assert!(
            matches!(read::<Provided>(r#"{"how":"documents","documents":["d1"]}"#), Some(Provided::Documents { documents }) if documents[0].as_str() == "d1")
        );
        assert_eq!(read::<Provided>(r#"{"how":"magic"}"#), None);
        let problem = r#"{"type":"x/stale","title":"","status":412,"more":1}"#;
        assert_eq!(read::<contract::problem::Problem>(problem).map(|problem| problem.status), Some(412));
    }
}
