//! Divisions of the country: provinces, cities, districts, towns, villages, by code.

use std::collections::BTreeMap;

use contract::catalogue::Depth;
use contract::draft::{Place, Places};
use engine::answer::digits_of;

/// Levels that name nothing by themselves.
const FILLERS: [&str; 2] = ["市辖区", "县"];

/// Every division known, by code; codes of what lies below begin with it.
#[derive(Debug, Default)]
pub struct Divisions(BTreeMap<String, String>);

impl Divisions {
    /// Reads `code,name` lines below a heading.
    ///
    /// # Errors
    /// The line and what is wrong with it.
    pub fn read(text: &str) -> Result<Self, (usize, String)> {
        let mut divisions = Self::default();
        for (number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty()) {
            let (code, name) = line.split_once(',').ok_or((number + 1, "write `code,name`".to_owned()))?;
            if above(code).is_none() || !code.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err((number + 1, format!("`{code}` has not 2, 4, 6, 9 or 12 digits")));
            }
            divisions.0.insert(code.to_owned(), name.trim().to_owned());
        }
        let orphan = divisions
            .0
            .keys()
            .find(|code| above(code).is_some_and(|parent| !parent.is_empty() && !divisions.0.contains_key(parent)));
        match orphan {
            Some(code) => Err((1, format!("nothing is named above `{code}`"))),
            None => Ok(divisions),
        }
    }

    /// A place and what lies directly below it; `""` is the country.
    #[must_use]
    pub fn below(&self, code: &str) -> Option<Places> {
        if !code.is_empty() && !self.0.contains_key(code) {
            return None;
        }
        let below = self.children(code).map(|(code, name)| Place {
            code: code.clone(),
            name: name.clone(),
            last: self.children(code).next().is_none(),
        });
        Some(Places { name: self.name(code).unwrap_or_default(), below: below.collect() })
    }

    /// The whole name of a place: `黑龙江省牡丹江市东安区`.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<String> {
        self.0.get(code)?;
        let levels = [2, 4, 6, 9, 12].into_iter().filter(|digits| *digits <= code.len());
        let names = levels.filter_map(|digits| self.0.get(&code[..digits]));
        Some(names.filter(|name| !FILLERS.contains(&name.as_str())).cloned().collect())
    }

    /// Whether a code is known and names a place down to a level, or as far as anything is known.
    #[must_use]
    pub fn reaches(&self, code: &str, depth: Depth) -> bool {
        self.0.contains_key(code) && (code.len() >= digits_of(depth) || self.children(code).next().is_none())
    }

    fn children(&self, code: &str) -> impl Iterator<Item = (&String, &String)> {
        let from = self.0.range(code.to_owned()..);
        let code = code.to_owned();
        let own = code.clone();
        from.take_while(move |(below, _)| below.starts_with(&code)).filter(move |(below, _)| above(below) == Some(&own))
    }
}

/// The code of the division above; `None` for what is no code.
fn above(code: &str) -> Option<&str> {
    match code.len() {
        2 => Some(""),
        4 => Some(&code[..2]),
        6 => Some(&code[..4]),
        9 => Some(&code[..6]),
        12 => Some(&code[..9]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divisions() -> Divisions {
        Divisions::read("code,name\n23,黑龙江省\n2310,牡丹江市\n231002,东安区\n11,北京市\n1101,市辖区\n110101,东城区\n110101001,东华门街道\n").unwrap()
    }

    #[test]
    fn places_lie_below_each_other() {
        let divisions = divisions();
        let codes = |code: &str| {
            divisions
                .below(code)
                .map(|places| places.below.into_iter().map(|place| (place.code, place.last)).collect::<Vec<_>>())
        };
        assert_eq!(codes(""), Some(vec![("11".into(), false), ("23".into(), false)]));
        assert_eq!(codes("2310"), Some(vec![("231002".into(), true)]));
        assert_eq!(codes("99"), None);
        assert_eq!(divisions.name("110101001").unwrap(), "北京市东城区东华门街道");
    }

    #[test]
    fn a_place_is_named_far_enough_or_as_far_as_it_goes() {
        let divisions = divisions();
        assert!(divisions.reaches("231002", Depth::Village), "nothing is known below");
        assert!(!divisions.reaches("110101", Depth::Town));
        assert!(divisions.reaches("110101001", Depth::Town));
        assert!(!divisions.reaches("231003", Depth::District));
    }

    #[test]
    fn a_bad_file_is_refused_by_line() {
        assert_eq!(Divisions::read("code,name\n11,北京市\n1x,\n").unwrap_err().0, 3);
        assert!(Divisions::read("code,name\n1101,市辖区\n").unwrap_err().1.contains("1101"));
    }
}
