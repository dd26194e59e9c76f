//! The small program that draws a draft's form at first sight (`public/first.js`), before the page's own is there.

#[cfg(target_arch = "wasm32")]
mod browser {
    use std::sync::Arc;

    use contract::json;
    use onething_app::locale::{self, Language};
    use onething_app::{form, router::Route};
    use wasm_bindgen::prelude::*;

    /// The screen's markup, from the API's answers about a draft and its errand. `languages` are those there are, as the
    /// page lists them; `texts` are those of the language spoken, nothing for the source's; `base` is the page's folder.
    #[wasm_bindgen]
    #[allow(unreachable_pub, reason = "who calls it is no Rust")]
    pub fn glance(
        draft: &str,
        bundle: &str,
        group: &str,
        languages: &str,
        spoken: &str,
        texts: &str,
        base: &str,
    ) -> Option<String> {
        locale::know(languages);
        let language = Language::of(spoken).unwrap_or_default();
        let texts: Vec<String> = if texts.is_empty() { Vec::new() } else { json::read(texts)? };
        locale::print(language, texts);
        let address = |route: &Route| format!("{base}{}", language.prefixed(&route.path()));
        form::glance(&json::read(draft)?, Arc::new(json::read(bundle)?), group, address)
    }
}

fn main() {}
