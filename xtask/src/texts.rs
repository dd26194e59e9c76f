//! Texts of the languages that are fetched: arrays in the order of the source's keys.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use crate::shell::root;

/// The language that is built into the page.
const SOURCE: &str = "zh-CN";

/// Each fetched language as JSON. That no text is missing is checked where the page is compiled.
pub(crate) fn tables() -> Result<Vec<(String, String)>> {
    let source = read(SOURCE)?;
    let mut tables = Vec::new();
    for entry in std::fs::read_dir(root().join("locales"))? {
        let language = entry?.file_name().to_string_lossy().into_owned();
        if language != SOURCE {
            let table = read(&language)?;
            let texts: Vec<&str> = source.keys().map(|key| table.get(key).map_or("", String::as_str)).collect();
            tables.push((language, serde_json::to_string(&texts)?));
        }
    }
    Ok(tables)
}

fn read(language: &str) -> Result<BTreeMap<String, String>> {
    let mut table = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("locales").join(language))? {
        let path = entry?.path();
        let namespace = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let texts: BTreeMap<String, String> =
            serde_json::from_str(&std::fs::read_to_string(&path)?).with_context(|| path.display().to_string())?;
        table.extend(texts.into_iter().map(|(key, text)| (format!("{namespace}_{key}"), text)));
    }
    Ok(table)
}
