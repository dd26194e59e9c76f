//! WebAssembly as text, as far as joining files and shortening names needs it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::command;

/// Bytes of a binary without its names, and without the types that every piece repeats.
pub(crate) fn weight(wasm: &Path) -> Result<usize> {
    const TYPES: usize = 500;
    Ok(without_section(&std::fs::read(wasm)?, "name")?.len().saturating_sub(TYPES))
}

/// A module as the items of its text.
pub(crate) struct Module {
    items: Vec<String>,
}

impl Module {
    /// Reads a binary. Without their names functions are numbered, which is easier to read and to join.
    pub(crate) fn read(wasm: &Path) -> Result<Self> {
        let nameless = wasm.with_extension("nameless");
        std::fs::write(&nameless, without_section(&std::fs::read(wasm)?, "name")?)?;
        let features = ["--mvp-features", "--enable-mutable-globals", "--enable-reference-types"];
        Ok(Self::parse(&command("wasm-dis").args(features).arg(nameless).output()?))
    }

    /// The disassembler indents items by one space, and what is in them by more.
    fn parse(text: &str) -> Self {
        let mut items: Vec<String> = Vec::new();
        for line in text.lines().skip(1).filter(|line| *line != ")") {
            match items.last_mut() {
                Some(item) if !line.starts_with(" (") => {
                    item.push('\n');
                    item.push_str(line);
                }
                _ => items.push(line.to_owned()),
            }
        }
        Self { items }
    }

    /// Joins modules that import the same memory, table and globals and export nothing.
    pub(crate) fn join(modules: Vec<Self>) -> Result<String> {
        let mut imports: BTreeMap<String, String> = BTreeMap::new();
        let (mut head, mut body) = (String::new(), String::new());
        for (number, module) in modules.into_iter().enumerate() {
            let mut same = BTreeMap::new();
            let items: Vec<String> = module.items.iter().map(|item| prefixed(item, &format!("m{number}_"))).collect();
            for item in items.iter().filter(|item| item.starts_with(" (import ")) {
                let key = item.split('"').take(4).collect::<Vec<_>>().join("\"");
                let id = identifier(item).context("an import without a name")?;
                match imports.get(&key) {
                    Some(first) => {
                        same.insert(id, first.clone());
                    }
                    None => {
                        imports.insert(key, id);
                        head += item;
                        head.push('\n');
                    }
                }
            }
            for item in items.iter().filter(|item| !item.starts_with(" (import ")) {
                body += &renamed(item, &same);
                body.push('\n');
            }
        }
        // The text format wants imports first; types may stand anywhere.
        Ok(format!("(module\n{head}{body})\n"))
    }

    /// Drops exports.
    pub(crate) fn drop_exports(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.items.retain(|item| !(item.starts_with(" (export ") && unwanted(item)));
    }

    /// Drops what the cutter leaves where functions moved to other files: places of the table, filled with nothing.
    pub(crate) fn drop_empty_elements(&mut self) {
        self.items
            .retain(|item| !(item.starts_with(" (elem ") && item.contains("(ref.null") && !item.contains("(ref.func")));
    }

    /// The text, with short names for what it imports and exports, in its glue too.
    pub(crate) fn shorten(self, glue: &mut String) -> String {
        let mut text = String::from("(module\n");
        let mut names = BTreeMap::new();
        for item in self.items {
            let name = item.split('"').nth(if item.starts_with(" (import ") { 3 } else { 1 }).unwrap_or_default();
            let generated = (item.starts_with(" (import ") || item.starts_with(" (export "))
                && (name.contains("___") || name.starts_with("__wbg_") || name.starts_with("__wbindgen_"));
            let item = if generated {
                let count = names.len();
                let short = names.entry(name.to_owned()).or_insert_with(|| format!("$${count:x}"));
                item.replacen(&format!("\"{name}\""), &format!("\"{short}\""), 1)
            } else {
                item
            };
            text += &item;
            text.push('\n');
        }
        *glue = words(glue, |word| names.get(word).cloned());
        text + ")\n"
    }
}

/// A binary without a custom section.
fn without_section(wasm: &[u8], name: &str) -> Result<Vec<u8>> {
    let (head, mut rest) = wasm.split_at_checked(8).context("not a module")?;
    let mut out = head.to_vec();
    while let [kind, body @ ..] = rest {
        let (length, body) = number(body)?;
        let (section, after) = body.split_at_checked(length).context("a section is cut off")?;
        let named = |section| -> Result<bool> {
            let (length, rest) = number(section)?;
            Ok(rest.get(..length) == Some(name.as_bytes()))
        };
        if *kind != 0 || !named(section)? {
            out.extend_from_slice(&rest[..rest.len() - after.len()]);
        }
        rest = after;
    }
    Ok(out)
}

/// A number in LEB128, and what follows it.
fn number(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let mut value = 0;
    for (place, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[place + 1..]));
        }
    }
    bail!("a number without an end")
}

/// The first identifier of an item.
fn identifier(item: &str) -> Option<String> {
    let start = item.find('$')?;
    let rest = &item[start..];
    Some(rest[..rest.find([' ', ')']).unwrap_or(rest.len())].to_owned())
}

/// Gives every identifier of an item a prefix; what stands in strings is none.
fn prefixed(item: &str, prefix: &str) -> String {
    outside_strings(item, |text| text.replace('$', &format!("${prefix}")))
}

fn renamed(item: &str, names: &BTreeMap<String, String>) -> String {
    if names.is_empty() {
        return item.to_owned();
    }
    outside_strings(item, |text| {
        text.split_inclusive([' ', ')', '\n'])
            .map(|word| {
                let name = word.trim_end_matches([' ', ')', '\n']);
                match names.get(name) {
                    Some(new) => format!("{new}{}", &word[name.len()..]),
                    None => word.to_owned(),
                }
            })
            .collect()
    })
}

fn outside_strings(item: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(item.len() + item.len() / 8);
    let mut rest = item;
    while let Some(start) = rest.find('"') {
        let end = closing(&rest[start + 1..]).map_or(rest.len(), |end| start + 1 + end + 1);
        out += &change(&rest[..start]);
        out += &rest[start..end];
        rest = &rest[end..];
    }
    out + &change(rest)
}

/// Where a string ends.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut place = 0;
    while place < bytes.len() {
        match bytes[place] {
            b'\\' => place += 2,
            b'"' => return Some(place),
            _ => place += 1,
        }
    }
    None
}

/// Exchanges whole words of a script.
fn words(script: &str, new: impl Fn(&str) -> Option<String>) -> String {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(part_of_word) {
        let end = rest[start..].find(|letter| !part_of_word(letter)).map_or(rest.len(), |end| start + end);
        out += &rest[..start];
        let word = &rest[start..end];
        out += &new(word).unwrap_or_else(|| word.to_owned());
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_imports_once_and_keeps_its_own() -> Result<()> {
        let one = "(module\n (type $0 (func))\n (import \"s\" \"memory\" (memory $m$0 1))\n (data $0 (i32.const 1) \"$m \\\" $0\")\n (func $0\n  (i32.load (memory $m$0))\n )\n)\n";
        let joined = Module::join(vec![Module::parse(one), Module::parse(one)])?;
        assert_eq!(joined.matches("(import").count(), 1);
        assert!(joined.contains("(memory $m0_m$m0_0 1)") || joined.contains("(memory $m0_m$0 1)"), "{joined}");
        assert_eq!(joined.matches("\"$m \\\" $0\"").count(), 2);
        assert!(joined.contains("(func $m1_0"));
        Ok(())
    }

    #[test]
    fn a_section_is_dropped_and_nothing_else() -> Result<()> {
        let head = b"\0asm\x01\0\0\0".as_slice();
        let (other, code) = (b"\x00\x05\x04nam_".as_slice(), b"\x0a\x01\x00".as_slice());
        let wasm = [head, other, b"\x00\x06\x04name\x07", code].concat();
        assert_eq!(without_section(&wasm, "name")?, [head, other, code].concat());
        assert!(without_section(&[head, b"\x00\x09a"].concat(), "name").is_err());
        Ok(())
    }

    #[test]
    fn names_are_shortened_on_both_sides() {
        let module = Module::parse(
            "(module\n (import \"./a.js\" \"__wbg_x_1\" (func $0))\n (export \"__wbindgen_y\" (func $0))\n (export \"memory\" (memory $0))\n)\n",
        );
        let mut glue = "({ __wbg_x_1: f, z__wbg_x_1: g }); wasm.__wbindgen_y(); wasm.memory".to_owned();
        let text = module.shorten(&mut glue);
        assert!(text.contains("\"$$0\"") && text.contains("\"$$1\"") && text.contains("\"memory\""));
        assert_eq!(glue, "({ $$0: f, z__wbg_x_1: g }); wasm.$$1(); wasm.memory");
    }
}
