//! JSON as the page reads it: a tree scanned by one function, and each type taken out of it field by field.
//!
//! serde reads files and requests on the server. In the page a reader for each type that can explain
//! every mistake would be a quarter of all bytes; an answer that cannot be read is simply no answer
//! there (docs/decisions/0002-wire-budget.md has the figures). `FromJson` is derived by the same
//! attributes, and a test holds both readers against each other over everything the API says.

use std::collections::BTreeMap;

pub use onething_contract_derive::FromJson;

/// Deepest nesting that is read.
const DEPTH: u8 = 32;

/// Reads a whole text; `None` when it is not JSON or not of this type.
#[must_use]
pub fn read<T: FromJson>(text: &str) -> Option<T> {
    let mut wrong = false;
    let value = T::from_json(parse(text)?, &mut wrong);
    (!wrong).then_some(value)
}

/// A value of JSON. Numbers are whole: the contract has no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// A member an object does not mention.
    Absent,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object, in the order it was written.
    Object(Vec<(String, Json)>),
}

/// A type that can be taken out of a tree of JSON.
pub trait FromJson: Sized {
    /// The value. Where the tree is not of this type, `wrong` is set and the value means nothing: reading goes
    /// on regardless, for a way out behind every member would be most of the code.
    fn from_json(json: Json, wrong: &mut bool) -> Self;
}

/// The members of an object that were not taken yet.
#[derive(Debug)]
pub struct Object(Vec<(String, Json)>);

impl Object {
    /// The members of an object.
    #[must_use]
    pub fn of(json: Json, wrong: &mut bool) -> Self {
        match json {
            Json::Object(members) => Self(members),
            _ => {
                *wrong = true;
                Self(Vec::new())
            }
        }
    }

    fn remove(&mut self, key: &str) -> Json {
        match self.0.iter().position(|(name, _)| name == key) {
            Some(place) => self.0.swap_remove(place).1,
            None => Json::Absent,
        }
    }

    /// A member; what is not there is what the type says of that.
    pub fn take<T: FromJson>(&mut self, key: &str, wrong: &mut bool) -> T {
        T::from_json(self.remove(key), wrong)
    }

    /// A member, or its default where it is not there.
    pub fn take_or<T: FromJson>(&mut self, key: &str, default: fn() -> T, wrong: &mut bool) -> T {
        match self.remove(key) {
            Json::Absent => default(),
            json => T::from_json(json, wrong),
        }
    }
}

/// The text a variant is named by.
pub fn name(json: Json, wrong: &mut bool) -> String {
    FromJson::from_json(json, wrong)
}

/// The parts of a list of a fixed length.
pub fn parts(json: Json, count: usize, wrong: &mut bool) -> impl FnMut() -> Json + use<> {
    let list = match json {
        Json::List(list) if list.len() == count => list,
        _ => {
            *wrong = true;
            Vec::new()
        }
    };
    let mut list = list.into_iter();
    move || list.next().unwrap_or(Json::Absent)
}

impl FromJson for String {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        if let Json::Text(text) = json {
            return text;
        }
        *wrong = true;
        Self::new()
    }
}

impl FromJson for bool {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        if let Json::Bool(holds) = json {
            return holds;
        }
        *wrong = true;
        false
    }
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        impl FromJson for $number {
            fn from_json(json: Json, wrong: &mut bool) -> Self {
                if let Json::Number(number) = json && let Ok(number) = number.try_into() {
                    return number;
                }
                *wrong = true;
                0
            }
        }
    )*};
}

whole_numbers!(i64 u8 u16 u32 usize);

impl FromJson for () {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        *wrong |= json != Json::Null;
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        match json {
            Json::Null | Json::Absent => None,
            json => Some(T::from_json(json, wrong)),
        }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        let mut out = Self::new();
        match json {
            Json::List(list) => {
                for json in list {
                    out.push(T::from_json(json, wrong));
                }
            }
            _ => *wrong = true,
        }
        out
    }
}

impl<K: FromJson + Ord, T: FromJson> FromJson for BTreeMap<K, T> {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        let mut map = Self::new();
        for (key, json) in Object::of(json, wrong).0 {
            map.insert(K::from_json(Json::Text(key), wrong), T::from_json(json, wrong));
        }
        map
    }
}

impl FromJson for crate::value::Value {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        match json {
            Json::Text(text) => Self::Text(text),
            Json::List(list) if list.iter().any(|entry| matches!(entry, Json::Object(_))) => {
                Self::Rows(FromJson::from_json(Json::List(list), wrong))
            }
            list => Self::Many(FromJson::from_json(list, wrong)),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Provided;
    use crate::value::Value;

    #[test]
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

    #[test]
    fn deep_nesting_is_refused_not_followed() {
        assert_eq!(parse(&"[".repeat(10_000)), None);
        assert!(parse(&format!("{}{}", "[".repeat(31), "]".repeat(31))).is_some());
    }

    #[test]
    fn the_shapes_of_the_contract_are_read() {
        assert_eq!(read::<Value>(r#"["a","b"]"#), Some(Value::Many(vec!["a".into(), "b".into()])));
        assert!(matches!(read::<Value>(r#"[{"name":"王"}]"#), Some(Value::Rows(rows)) if rows[0]["name"] == "王"));
        assert_eq!(read::<Provided>(r#"{"how":"declared"}"#), Some(Provided::Declared));
        assert!(
            matches!(read::<Provided>(r#"{"how":"documents","documents":["d1"]}"#), Some(Provided::Documents { documents }) if documents[0].as_str() == "d1")
        );
        assert_eq!(read::<Provided>(r#"{"how":"magic"}"#), None);
        assert_eq!(read::<Value>(r#"["a",{"b":"c"}]"#), None);
        assert_eq!(read::<Value>("[]"), Some(Value::Many(Vec::new())));
        let problem = r#"{"type":"x/stale","title":"","status":412,"more":1}"#;
        assert_eq!(read::<crate::problem::Problem>(problem).map(|problem| problem.status), Some(412));
    }
}
