//! Texts of the languages that are fetched: arrays in the order of the source's keys.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::shell::root;

/// What a language is, and what is plain in it: no texts of the page.
const NOT_TEXTS: [&str; 2] = ["language.json", "plain.json"];

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

/// The list of languages, as the page's head holds it.
pub(crate) fn head() -> Result<String> {
    Ok(format!("<meta name=\"languages\" content=\"{}\">", list()?))
}

/// What each language is (`app/src/locale/language.rs`), the source first: the page knows them by this list alone.
pub(crate) fn list() -> Result<String> {
    let line = |tag: &String| {
        let path = root().join("locales").join(tag).join("language.json");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let Folder { name, direction, joiner, money, also } =
            serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        ensure!(["ltr", "rtl"].contains(&direction.as_str()), "{}: direction is ltr or rtl", path.display());
        ensure!(money.contains("{}"), "{}: money has no {{}}", path.display());
        let line = [tag, &name, &direction, &joiner, &money, &also].map(String::as_str).join("|");
        ensure!(
            line.matches('|').count() == 5 && !line.contains([';', '"']),
            "{}: | ; and \" part the list",
            path.display()
        );
        Ok(line)
    };
    Ok(languages()?.iter().map(line).collect::<Result<Vec<_>>>()?.join(";"))
}

/// The folders of `locales/`, the source first.
pub(crate) fn languages() -> Result<Vec<String>> {
    let mut folders: Vec<String> = std::fs::read_dir(root().join("locales"))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    folders.sort_by_key(|tag| (tag != SOURCE, tag.clone()));
    Ok(folders)
}

/// `locales/<tag>/language.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Folder {
    name: String,
    direction: String,
    joiner: String,
    money: String,
    also: String,
}

/// The texts of a language by key.
pub(crate) fn read(language: &str) -> Result<BTreeMap<String, String>> {
    let mut table = BTreeMap::new();
    for entry in std::fs::read_dir(root().join("locales").join(language))? {
        let path = entry?.path();
        if NOT_TEXTS.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let namespace = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let texts: BTreeMap<String, String> =
            serde_json::from_str(&std::fs::read_to_string(&path)?).with_context(|| path.display().to_string())?;
        table.extend(texts.into_iter().map(|(key, text)| (format!("{namespace}_{key}"), text)));
    }
    Ok(table)
}
