//! The papers people sign: texts of the region with what a particular errand puts into them.

use std::collections::BTreeMap;

use contract::material::PaperPart;

/// A paper's text as the region wrote it, with places to fill: `{material}`.
pub struct Template<'t> {
    /// Its title.
    pub title: &'t str,
    /// Its parts.
    pub parts: &'t [PaperPart],
}

/// The places every paper may name.
pub const COMMON: [&str; 7] = ["applicant", "errand", "items", "departments", "material", "forms", "date"];

/// A sentence with its places filled. A place nothing is known of stays as it is; the check of the
/// region's texts refuses such.
#[must_use]
pub fn fill(text: &str, values: &BTreeMap<&str, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 1..start + length];
        out.push_str(&rest[..start]);
        match values.get(name) {
            Some(value) => out.push_str(value),
            None => out.push_str(&rest[start..=start + length]),
        }
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    out
}

/// Title and parts with their places filled.
#[must_use]
pub fn filled(template: &Template, values: &BTreeMap<&str, String>) -> (String, Vec<PaperPart>) {
    let part = |part: &PaperPart| PaperPart {
        heading: fill(&part.heading, values),
        lines: part.lines.iter().map(|line| fill(line, values)).collect(),
    };
    (fill(template.title, values), template.parts.iter().map(part).collect())
}

/// The places a text names.
pub fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// All that is signed, as one text: what its digest is taken over.
#[must_use]
pub fn whole(version: &str, title: &str, parts: &[PaperPart]) -> String {
    let mut text = format!("{version}\n{title}\n");
    for part in parts {
        text.push_str(&part.heading);
        text.push('\n');
        for line in &part.lines {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn places_are_filled_and_named() {
        let values = BTreeMap::from([("material", "结婚证".to_owned())]);
        assert_eq!(fill("我保证{material}属实，{x}", &values), "我保证结婚证属实，{x}");
        assert_eq!(places("{a} 与 {b}{c").collect::<Vec<_>>(), ["a", "b"]);
    }

    proptest! {
        /// What a person said can never open a place of its own.
        #[test]
        fn values_are_not_read_again(value in ".*") {
            let values = BTreeMap::from([("a", value.clone()), ("b", "secret".to_owned())]);
            prop_assert_eq!(fill("<{a}>", &values), format!("<{value}>"));
        }
    }
}
