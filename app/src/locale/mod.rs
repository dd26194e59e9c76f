//! The language of the page: texts, dates, amounts.

mod format;

use std::cell::RefCell;

use leptos::prelude::*;

pub(crate) use format::{Style, amount, day, list, moment};

/// One function a text, generated from `locales/`; a text nothing uses fails the build.
#[deny(dead_code)]
#[allow(missing_docs)]
pub(crate) mod texts {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

/// Languages the page speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Simplified Chinese, the source.
    #[default]
    Zh,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order of the menu.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its BCP 47 tag, which is also its folder.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Its own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "简体中文",
            Self::En => "English",
        }
    }

    fn of(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| tag.starts_with(&language.tag()[..2].to_ascii_lowercase()))
    }
}

thread_local! {
    /// Texts of a fetched language; empty while the source language is spoken.
    static TEXTS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static TAG: RefCell<Language> = const { RefCell::new(Language::Zh) };
}

/// The source text stands beside each use, so that a program holds only the texts it uses.
fn text(index: usize, source: &'static str) -> &'static str {
    TEXTS.with_borrow(|texts| texts.get(index).copied().unwrap_or(source))
}

/// Fills `{name}`; `{name|one|many}` takes the first word where the argument is `1`.
fn filled(index: usize, source: &'static str, arguments: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = text(index, source);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (inside, after) = after.split_once('}').unwrap_or((after, ""));
        let mut parts = inside.split('|');
        let name = parts.next().unwrap_or_default();
        let value = arguments.iter().find(|(argument, _)| *argument == name).map_or("", |(_, value)| *value);
        match (parts.next(), parts.next()) {
            (Some(one), Some(many)) => out.push_str(if value == "1" { one } else { many }),
            _ => out.push_str(value),
        }
        rest = after;
    }
    out + rest
}

/// The language now spoken, outside of reactive code.
#[must_use]
pub fn current() -> Language {
    TAG.with_borrow(|tag| *tag)
}

/// The language as a signal: the page is drawn anew when it changes.
#[derive(Clone, Copy)]
pub struct Locale(RwSignal<Language>);

impl Locale {
    /// Starts with the language of the address, the last choice, or the browser.
    pub async fn start() -> Self {
        let language = wanted();
        let locale = Self(RwSignal::new(Language::Zh));
        locale.speak(language).await;
        locale
    }

    /// The language, tracked.
    #[must_use]
    pub fn get(self) -> Language {
        self.0.get()
    }

    /// Changes the language once its texts are there; without them the old one stays.
    pub async fn speak(self, language: Language) {
        let loaded = match language {
            Language::Zh => Some(Vec::new()),
            other => fetch(other).await,
        };
        let Some(loaded) = loaded else { return };
        TEXTS.replace(loaded);
        TAG.replace(language);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", language.tag());
        }
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item("language", language.tag());
        }
        self.0.set(language);
    }
}

fn wanted() -> Language {
    let query = window().location().search().unwrap_or_default();
    let asked = query.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("lang="));
    let remembered =
        window().local_storage().ok().flatten().and_then(|storage| storage.get_item("language").ok().flatten());
    let browser = window().navigator().languages();
    let browser = browser.iter().filter_map(|tag| Language::of(&tag.as_string()?)).next();
    asked.and_then(Language::of).or(remembered.as_deref().and_then(Language::of)).or(browser).unwrap_or_default()
}

/// Fetched texts live as long as the page.
async fn fetch(language: Language) -> Option<Vec<&'static str>> {
    let address = format!("{}locales/{}.json?v={}", crate::host::base(), language.tag(), texts::VERSION);
    let answer = gloo_net::http::Request::get(&address).send().await.ok()?;
    let fetched: Vec<String> = contract::json::read(&answer.text().await.ok()?)?;
    let fetched: Vec<&'static str> = fetched.into_iter().map(|text| &*text.leak()).collect();
    (fetched.len() == texts::COUNT).then_some(fetched)
}
