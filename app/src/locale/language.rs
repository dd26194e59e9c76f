//! The languages there are: the folders of `locales/`, as the build lists them in the page. The program knows none
//! by name, so that another one is another folder.

use std::cell::RefCell;

/// A language the page speaks.
#[derive(Clone, Copy, Debug)]
pub struct Language(&'static Folder);

/// What `locales/<tag>/language.json` says.
#[derive(Debug)]
struct Folder {
    /// BCP 47; also the folder's name, and the first part of its pages' paths.
    tag: &'static str,
    /// Its own name.
    name: &'static str,
    /// `ltr` or `rtl`.
    direction: &'static str,
    /// What stands between names in a list.
    joiner: &'static str,
    /// An amount of yuan, `¥{}`.
    money: &'static str,
    /// Further tags that mean it, with spaces between.
    also: &'static str,
}

/// The language texts are written in first.
static SOURCE: Folder =
    Folder { tag: "zh-CN", name: "简体中文", direction: "ltr", joiner: "、", money: "¥{}", also: "zh" };

thread_local! {
    static KNOWN: RefCell<Vec<Language>> = const { RefCell::new(Vec::new()) };
}

/// Learns which languages there are: `tag|name|direction|joiner|money|also`, with `;` between.
pub fn know(list: &str) {
    let list: &'static str = list.to_owned().leak();
    let read = |line: &'static str| {
        let mut parts = line.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let folder =
            Folder { tag: part(), name: part(), direction: part(), joiner: part(), money: part(), also: part() };
        Language(Box::leak(Box::new(folder)))
    };
    KNOWN.replace(list.split(';').filter(|line| !line.is_empty()).map(read).collect());
}

impl Default for Language {
    fn default() -> Self {
        Self(&SOURCE)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl Eq for Language {}

impl Language {
    /// Every language, the source first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        KNOWN.with_borrow(Clone::clone)
    }

    /// Its BCP 47 tag, which is also its folder.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// Its own name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Which way it is written.
    #[must_use]
    pub fn direction(self) -> &'static str {
        self.0.direction
    }

    /// What stands between names in a list.
    #[must_use]
    pub fn joiner(self) -> &'static str {
        self.0.joiner
    }

    /// How an amount of yuan is written around its number, `{}`.
    #[must_use]
    pub fn money(self) -> &'static str {
        self.0.money
    }

    /// A path in this language: the source stands at the top, the others in folders of their own.
    #[must_use]
    pub fn prefixed(self, path: &str) -> String {
        match path {
            _ if self == Self::default() => path.to_owned(),
            "" => self.tag().to_owned(),
            _ => format!("{}/{path}", self.tag()),
        }
    }

    /// The language a path names, and the path without it.
    #[must_use]
    pub fn split(path: &str) -> (Option<Self>, &str) {
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let named = |language: &Self| *language != Self::default() && language.tag() == first;
        match Self::all().into_iter().find(named) {
            Some(language) => (Some(language), rest),
            None => (None, path),
        }
    }

    /// The language of a tag: the very one, one that counts it among its own, or one that begins alike.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let all = Self::all();
        let find = |test: &dyn Fn(&str) -> bool| {
            all.iter().find(|language| test(language.tag()) || language.0.also.split_whitespace().any(test)).copied()
        };
        let begins = |mine: &str| {
            let (mine, tag) = (mine.split('-').next().unwrap_or_default(), tag.split('-').next().unwrap_or_default());
            mine.eq_ignore_ascii_case(tag)
        };
        // `zh-Hant-TW` is Traditional before it is Chinese.
        let within = |mine: &str| {
            tag.get(..mine.len()).is_some_and(|start| start.eq_ignore_ascii_case(mine)) && mine.contains('-')
        };
        find(&|mine| mine.eq_ignore_ascii_case(tag)).or_else(|| find(&within)).or_else(|| find(&begins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    const LIST: &str = "zh-CN|简体中文|ltr|、|¥{}|zh;en|English|ltr|, |¥{}|;ko|한국어|ltr|, |¥{}|;\
        zh-Hant|繁體中文|ltr|、|¥{}|zh-TW zh-HK zh-MO";

    #[wasm_bindgen_test]
    fn a_tag_finds_its_language_or_the_nearest() {
        know(LIST);
        for (tag, found) in [
            ("en-GB", "en"),
            ("EN", "en"),
            ("zh-CN", "zh-CN"),
            ("zh", "zh-CN"),
            ("zh-SG", "zh-CN"),
            ("zh-tw", "zh-Hant"),
            ("zh-HK", "zh-Hant"),
            ("zh-Hant-TW", "zh-Hant"),
            ("ko-KR", "ko"),
        ] {
            assert_eq!(Language::of(tag).map(Language::tag), Some(found), "{tag}");
        }
        assert_eq!(Language::of("fr"), None);
        assert_eq!(Language::of(""), None);
    }

    #[wasm_bindgen_test]
    fn paths_name_every_language_but_the_source() {
        know(LIST);
        for language in Language::all() {
            for path in ["", "bundles/a"] {
                let whole = language.prefixed(path);
                let (named, rest) = Language::split(&whole);
                assert_eq!((named.unwrap_or_default(), rest), (language, path));
            }
        }
        assert_eq!(Language::split("zh-CN/a").0, None);
    }
}
