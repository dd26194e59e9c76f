//! A reading check of the interface's texts (`locales/`): sentences short enough to be read at once, no words of offices
//! that nobody explains, and one word for one thing. What is short, and which words, `locales/<tag>/plain.json` says.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::shell::root;
use crate::texts;

/// What plain means in a language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    /// The longest sentence: letters where the script has no spaces, else words.
    longest: usize,
    /// Counted in letters.
    #[serde(default)]
    letters: bool,
    /// Words that are never used, with what to say instead.
    never: BTreeMap<String, String>,
    /// Keys that may be longer or use such a word, each with its reason.
    #[serde(default)]
    but: BTreeMap<String, String>,
}

/// Reads every text of every language.
pub(crate) fn check() -> Result<()> {
    let mut complaints = Vec::new();
    for language in texts::languages()? {
        let path = root().join("locales").join(&language).join("plain.json");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let plain: Plain = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        let table = texts::read(&language)?;
        for key in plain.but.keys().filter(|key| !table.contains_key(*key)) {
            complaints.push(format!("{language}: plain.json excuses {key}, which is not there"));
        }
        for (key, text) in table.iter().filter(|(key, _)| !plain.but.contains_key(*key)) {
            complaints.extend(faults(&plain, text).into_iter().map(|fault| format!("{language}: {key}: {fault}")));
        }
    }
    if complaints.is_empty() { Ok(()) } else { bail!("{}", complaints.join("\n")) }
}

fn faults(plain: &Plain, text: &str) -> Vec<String> {
    let spoken = filled(text);
    let length = |sentence: &str| {
        if plain.letters { sentence.chars().filter(|one| one.is_alphanumeric()).count() } else { words(sentence) }
    };
    let long = spoken
        .split(['。', '！', '？', '；', '!', '?', ';', '\n'])
        .flat_map(|part| part.split(". "))
        .map(|sentence| (length(sentence), sentence.trim()))
        .filter(|(length, _)| *length > plain.longest)
        .map(|(length, sentence)| format!("{length} in a sentence, at most {}: {sentence}", plain.longest));
    let low = spoken.to_lowercase();
    let never = plain.never.iter().filter(|(word, _)| is_in(&low, word, plain.letters));
    long.chain(never.map(|(word, instead)| format!("“{word}”: say {instead}"))).collect()
}

/// The longest way a text can be said: of each choice by number, the last word.
fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (inside, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(inside.rsplit_once('=').map_or("x", |(_, word)| word));
        rest = after;
    }
    out + rest
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

/// Whether a word occurs; where words stand apart, only as one.
fn is_in(text: &str, word: &str, letters: bool) -> bool {
    let apart = |side: Option<char>| letters || side.is_none_or(|one| !one.is_alphanumeric());
    text.match_indices(word)
        .any(|(at, _)| apart(text[..at].chars().next_back()) && apart(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(longest: usize, letters: bool) -> Plain {
        let never = [("系统错误", "what happened"), ("shall", "must")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        Plain { longest, letters, never: never.into(), but: BTreeMap::new() }
    }

    #[test]
    fn long_sentences_and_words_of_offices_are_found() {
        assert!(faults(&plain(8, true), "请填写这一项。请核对证件号码。").is_empty());
        assert_eq!(faults(&plain(5, true), "请填写这一项。好。").len(), 1);
        assert_eq!(faults(&plain(9, true), "系统错误").len(), 1);
        assert!(faults(&plain(4, false), "Marshall is a name. So is this.").is_empty());
        assert_eq!(faults(&plain(4, false), "You shall read").len(), 1);
        assert_eq!(faults(&plain(3, false), "Left: {n} {n|one=day|other=working days}.").len(), 1);
    }
}
