//! The language of the page: texts, dates, amounts.

mod format;
mod language;
mod plural;

use std::cell::RefCell;

use leptos::prelude::*;

pub(crate) use format::{Style, amount, day, list, moment};
pub use language::{Language, know};

/// One function a text, generated from `locales/`; a text nothing uses fails the build.
#[deny(dead_code)]
#[allow(missing_docs)]
pub(crate) mod texts {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

thread_local! {
    /// Texts of a fetched language; empty while the source language is spoken.
    static TEXTS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static SPOKEN: RefCell<Language> = RefCell::new(Language::default());
}

/// The source text stands beside each use, so that a program holds only the texts it uses.
fn text(index: usize, source: &'static str) -> &'static str {
    TEXTS.with_borrow(|texts| texts.get(index).copied().unwrap_or(source))
}

/// Fills `{name}`; `{name|one=day|other=days}` takes the word of the number's category.
fn filled(index: usize, source: &'static str, arguments: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = text(index, source);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (inside, after) = after.split_once('}').unwrap_or((after, ""));
        let (name, forms) = inside.split_once('|').unwrap_or((inside, ""));
        let value = arguments.iter().find(|(argument, _)| *argument == name).map_or("", |(_, value)| *value);
        // From right to left, a name that ends in stars would begin with them, and so a number with what stands behind its
        // dash: each is set apart.
        let apart = value.contains(['*', '-']) && current().direction() == "rtl";
        out.push_str(if apart { "\u{2068}" } else { "" });
        out.push_str(if forms.is_empty() { value } else { plural::form(forms, value) });
        out.push_str(if apart { "\u{2069}" } else { "" });
        rest = after;
    }
    out + rest
}

/// The language now spoken, outside of reactive code.
#[must_use]
pub fn current() -> Language {
    SPOKEN.with_borrow(|spoken| *spoken)
}

/// The language of texts that are not in the one spoken, for their `lang`.
#[must_use]
pub fn foreign(language: &str) -> Option<String> {
    let spoken = current().tag();
    // A kind of English is English.
    let alike = spoken.strip_prefix(language).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    (!alike).then(|| language.to_owned())
}

/// The language as a signal: the page is drawn anew when it changes.
#[derive(Clone, Copy)]
pub struct Locale(RwSignal<Language>);

impl Locale {
    /// Starts with the language of the address, the host, the last choice, or the browser.
    pub async fn start() -> Self {
        let list = document().query_selector("meta[name=languages]").ok().flatten();
        know(&list.and_then(|list| list.get_attribute("content")).unwrap_or_default());
        let locale = Self(RwSignal::new(Language::default()));
        locale.speak(wanted()).await;
        locale
    }

    /// The language a static page is drawn in.
    #[must_use]
    pub fn printed() -> Self {
        Self(RwSignal::new(current()))
    }

    /// The language, tracked.
    #[must_use]
    pub fn get(self) -> Language {
        self.0.get()
    }

    /// Changes the language once its texts are there; without them the old one stays.
    pub async fn speak(self, language: Language) {
        let loaded = if language == Language::default() { Some(Vec::new()) } else { fetch(language).await };
        let Some(loaded) = loaded else { return };
        TEXTS.replace(loaded);
        SPOKEN.replace(language);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", language.tag());
            let _ = root.set_attribute("dir", language.direction());
        }
        self.0.set(language);
    }

    /// The same, for good: somebody chose it.
    pub async fn choose(self, language: Language) {
        self.speak(language).await;
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item("language", current().tag());
        }
    }
}

/// Speaks a language where no page is watched: with its texts at hand, as static pages and first sights are drawn.
pub fn print(language: Language, texts: Vec<String>) {
    TEXTS.replace(texts.into_iter().map(|text| &*text.leak()).collect());
    SPOKEN.replace(language);
}

/// The language of the path, else the one the host asks for, else the last choice, else the browser's. Nobody could leave
/// the browser's if it came before the choice.
fn wanted() -> Language {
    let query = window().location().search().unwrap_or_default();
    let asked = query.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("lang="));
    let path = window().location().pathname().unwrap_or_default();
    let hash = window().location().hash().unwrap_or_default();
    // The route behind `#` counts before the folder the page lies in.
    let folder = match hash.strip_prefix("#/") {
        Some(route) => Language::split(route).0,
        None => path.strip_prefix(crate::host::base().as_str()).and_then(|path| Language::split(path).0),
    };
    let remembered =
        window().local_storage().ok().flatten().and_then(|storage| storage.get_item("language").ok().flatten());
    let browser = window().navigator().languages();
    let browser = browser.iter().filter_map(|tag| Language::of(&tag.as_string()?)).next();
    folder
        .or(asked.and_then(Language::of))
        .or(remembered.as_deref().and_then(Language::of))
        .or(browser)
        .unwrap_or_default()
}

/// Where a language's texts lie, below the page's folder.
pub(crate) fn address(language: Language) -> String {
    format!("locales/{}.json?v={}", language.tag(), texts::VERSION)
}

/// Fetched texts live as long as the page.
async fn fetch(language: Language) -> Option<Vec<&'static str>> {
    let address = format!("{}{}", crate::host::base(), address(language));
    let answer = gloo_net::http::Request::get(&address).send().await.ok()?;
    let fetched: Vec<String> = contract::json::read(&answer.text().await.ok()?)?;
    let fetched: Vec<&'static str> = fetched.into_iter().map(|text| &*text.leak()).collect();
    (fetched.len() == texts::COUNT).then_some(fetched)
}
