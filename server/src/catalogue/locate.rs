//! From a path in a file to the line it stands on.

use engine::lint::Step;
use saphyr::{LoadableYamlNode, MarkedYaml, YamlData};

/// The line of the deepest part of the path that exists; 1 where nothing does.
#[must_use]
pub(super) fn line(text: &str, path: &[Step]) -> usize {
    let Ok(documents) = MarkedYaml::load_from_str(text) else { return 1 };
    let Some(mut node) = documents.first() else { return 1 };
    let mut line = 1;
    for step in path {
        let next = match (step, &node.data) {
            (Step::Key(key), YamlData::Mapping(_)) => node.data.as_mapping_get(key),
            (Step::At(index), YamlData::Sequence(list)) => list.get(*index),
            _ => None,
        };
        let Some(next) = next else { break };
        line = next.span.start.line();
        node = next;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_lines() {
        let text = "id: a\nitems:\n  - id: x\n    after: [y]\n  - {id: z}\n";
        assert_eq!(line(text, &[Step::Key("items"), Step::At(0), Step::Key("after"), Step::At(0)]), 4);
        assert_eq!(line(text, &[Step::Key("items"), Step::At(1)]), 5);
        assert_eq!(line(text, &[Step::Key("items"), Step::At(1), Step::Key("gone")]), 5);
        assert_eq!(line(text, &[Step::Key("gone")]), 1);
    }
}
