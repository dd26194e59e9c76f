//! Turns `locales/` into functions: one a text, so that a missing text is a compile error,
//! an unused one a dead function, and a forgotten placeholder a missing argument.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// The language texts are written in first; embedded. The others are fetched.
const SOURCE: &str = "zh-CN";

type Table = BTreeMap<String, String>;

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../locales");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut languages: BTreeMap<String, Table> = BTreeMap::new();
    for entry in fs::read_dir(&root).expect("locales/ is there").flatten().filter(|entry| entry.path().is_dir()) {
        languages.insert(entry.file_name().to_string_lossy().into_owned(), read(&entry.path()));
    }
    let source = languages.remove(SOURCE).unwrap_or_else(|| panic!("locales/{SOURCE} is missing"));
    let mut complaints = Vec::new();
    for (language, table) in &languages {
        compare(language, &source, table, &mut complaints);
    }
    assert!(complaints.is_empty(), "locales:\n{}", complaints.join("\n"));
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("texts.rs"), generate(&source, &languages)).expect("OUT_DIR is writable");
}

fn read(folder: &Path) -> Table {
    let mut table = Table::new();
    for entry in fs::read_dir(folder).expect("a locale is a folder").flatten() {
        let path = entry.path();
        // What the language is, not what it says.
        if path.ends_with("language.json") || path.ends_with("plain.json") {
            continue;
        }
        let namespace = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a locale file can be read");
        let texts: Table = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        table.extend(texts.into_iter().map(|(key, text)| (format!("{namespace}_{key}"), text)));
    }
    table
}

fn compare(language: &str, source: &Table, table: &Table, complaints: &mut Vec<String>) {
    for (key, text) in source {
        match table.get(key) {
            None => complaints.push(format!("{language}: {key} is missing")),
            Some(translated) if sorted(translated) != sorted(text) => {
                complaints.push(format!("{language}: {key} has other placeholders"))
            }
            Some(translated) if translated.trim().is_empty() => complaints.push(format!("{language}: {key} is empty")),
            Some(_) => {}
        }
    }
    complaints.extend(
        table
            .keys()
            .filter(|key| !source.contains_key(*key))
            .map(|key| format!("{language}: {key} is not in {SOURCE}")),
    );
}

/// Names between braces, in order; `{n|one=day|other=days}` names `n`.
fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let found = text
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(inside, _)| inside.split('|').next().unwrap_or_default().to_owned());
    for name in found {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Another language may need another order.
fn sorted(text: &str) -> BTreeSet<String> {
    placeholders(text).into_iter().collect()
}

fn generate(source: &Table, languages: &BTreeMap<String, Table>) -> String {
    let mut code = String::new();
    for (index, (key, text)) in source.iter().enumerate() {
        let names = placeholders(text);
        let doc = text.replace('\n', " ");
        if names.is_empty() {
            let _ =
                writeln!(code, "/// {doc}\npub(crate) fn {key}() -> &'static str {{ super::text({index}, {text:?}) }}");
        } else {
            let arguments: Vec<String> = names.iter().map(|name| format!("{name}: &str")).collect();
            let pairs: Vec<String> = names.iter().map(|name| format!("(\"{name}\", {name})")).collect();
            let _ = writeln!(
                code,
                "/// {doc}\npub(crate) fn {key}({}) -> String {{ super::filled({index}, {text:?}, &[{}]) }}",
                arguments.join(", "),
                pairs.join(", ")
            );
        }
    }
    let _ = writeln!(code, "/// How many texts there are.\npub(super) const COUNT: usize = {};", source.len());
    let all: Vec<String> = languages
        .values()
        .map(|table| source.keys().map(|key| table[key].clone()).collect::<Vec<_>>().join("\0"))
        .collect();
    let _ = writeln!(
        code,
        "/// Changes with the texts, so that a cached file of another build is never used.\npub(super) const VERSION: &str = \"{:016x}\";",
        digest(&all)
    );
    code
}

/// FNV-1a.
fn digest(texts: &[String]) -> u64 {
    texts
        .iter()
        .flat_map(|text| text.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
