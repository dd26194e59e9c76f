//! Errands no city has: forms of any size, to measure with.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::shell::root;

/// Writes a catalogue with one errand for each size, `synth60` for 60 fields, beside the region's own tables.
pub(crate) fn write(sizes: &[usize], folder: &Path) -> Result<()> {
    let catalogue = root().join("catalogue");
    for part in ["bundles", "text/en"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    for file in [
        "region.yaml",
        "codes.yaml",
        "synonyms.yaml",
        "divisions.csv",
        "text/en/region.yaml",
        "text/en/codes.yaml",
        "instruments.yaml",
        "text/en/instruments.yaml",
    ] {
        std::fs::copy(catalogue.join(file), folder.join(file)).with_context(|| file.to_owned())?;
    }
    for size in sizes {
        let (bundle, english) = errand(*size);
        // JSON is YAML too.
        std::fs::write(folder.join(format!("bundles/synth{size}.yaml")), serde_json::to_string_pretty(&bundle)?)?;
        std::fs::write(folder.join(format!("text/en/synth{size}.yaml")), serde_json::to_string_pretty(&english)?)?;
    }
    Ok(())
}

/// An errand with so many fields in sections of ten: half of them text, and in every section a
/// question two more fields hang on.
fn errand(size: usize) -> (Value, BTreeMap<String, String>) {
    let sections = size.div_ceil(10);
    let mut english = BTreeMap::from([
        ("name".to_owned(), format!("A form of {size} fields")),
        ("summary".to_owned(), "Made up, to measure with.".to_owned()),
        ("item.whole.name".to_owned(), "The whole".to_owned()),
    ]);
    let mut fields = Vec::new();
    for section in 0..sections {
        english.insert(format!("group.g{section}"), format!("Section {}", section + 1));
        for place in 0..10.min(size - section * 10) {
            let field = field(section, place);
            let id = field["id"].as_str().unwrap_or_default();
            english.insert(format!("field.{id}.label"), format!("Question {}.{}", section + 1, place + 1));
            for option in field["options"].as_array().into_iter().flatten() {
                let option = option["id"].as_str().unwrap_or_default();
                english.insert(format!("field.{id}.option.{option}"), format!("Answer {option}"));
            }
            fields.push(field);
        }
    }
    let groups: Vec<Value> = (0..sections)
        .map(|section| json!({ "id": format!("g{section}"), "label": format!("第 {} 部分", section + 1) }))
        .collect();
    let bundle = json!({
        "id": format!("synth{size}"), "name": format!("{size} 项的表"), "summary": "为测量而造。", "audience": ["person"],
        "stage": "life", "sample": true, "lead": "data", "groups": groups, "fields": fields,
        "items": [{ "id": "whole", "name": "全部", "department": "data", "kind": "public_service", "basis": "memory" }],
        "materials": [], "fees": [], "commitments": [], "outcomes": [], "delivery": ["e_only"], "law": []
    });
    (bundle, english)
}

fn field(section: usize, place: usize) -> Value {
    let names = ["gate", "name", "kind", "list", "day", "any", "more", "most", "phone", "note"];
    let kinds = ["yes_no", "text", "choice", "choice", "date", "choices", "text", "text", "mobile", "text"];
    let options = |count: usize| -> Vec<Value> {
        (1..=count).map(|number| json!({ "id": format!("o{number}"), "label": format!("选项 {number}") })).collect()
    };
    let mut field = json!({
        "id": format!("s{section}_{}", names[place]), "group": format!("g{section}"),
        "label": format!("第 {}.{} 项", section + 1, place + 1), "kind": kinds[place], "items": ["*"], "required": place.is_multiple_of(2)
    });
    match place {
        2 | 5 => field["options"] = json!(options(3)),
        3 => field["options"] = json!(options(12)),
        6 | 7 => field["when"] = json!([[format!("s{section}_gate"), "is", "yes"]]),
        _ => {}
    }
    field
}
