//! Markup as text: the fastest way to bring a thousand fields to the screen is to let the browser parse them, and the
//! smallest to say what nobody presses.

use crate::locale;

/// Markup under construction. Whatever does not come from this program goes through `text` or `attr`.
#[derive(Default)]
pub(crate) struct Html {
    out: String,
    /// The language of the catalogue's texts, where it is not the page's.
    foreign: Option<String>,
}

impl Html {
    /// Markup about an errand whose texts are in a language.
    pub(crate) fn about(language: &str) -> Self {
        Self { out: String::new(), foreign: locale::foreign(language) }
    }

    /// Markup written in this program.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Words.
    pub(crate) fn text(&mut self, words: &str) -> &mut Self {
        escape(words, &mut self.out);
        self
    }

    /// Words of the catalogue.
    pub(crate) fn said(&mut self, words: &str) -> &mut Self {
        match self.foreign.clone() {
            Some(language) => self.raw("<span").attr("lang", &language).raw(">").text(words).raw("</span>"),
            None => self.text(words),
        }
    }

    /// The language of words of the catalogue, on an element that holds nothing else.
    pub(crate) fn in_its_language(&mut self) -> &mut Self {
        match self.foreign.clone() {
            Some(language) => self.attr("lang", &language),
            None => self,
        }
    }

    /// ` name="value"`
    pub(crate) fn attr(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// ` name` where it holds.
    pub(crate) fn flag(&mut self, name: &str, holds: bool) -> &mut Self {
        if holds { self.raw(" ").raw(name) } else { self }
    }

    /// A button that looks like a link; `act` says what it does, `named` how it is read out.
    pub(crate) fn link(&mut self, act: &str, words: &str, named: &str) -> &mut Self {
        self.link_at(act, "", words, named)
    }

    /// The same for one of several; `at` says which.
    pub(crate) fn link_at(&mut self, act: &str, at: &str, words: &str, named: &str) -> &mut Self {
        self.raw("<button type=button class=link").attr("data-act", act);
        if !at.is_empty() {
            self.attr("data-at", at);
        }
        if words != named {
            self.attr("aria-label", named);
        }
        self.raw(">").text(words).raw("</button>")
    }

    /// The same for a button that unfolds something.
    pub(crate) fn fold(&mut self, act: &str, words: &str, named: &str, open: bool) -> &mut Self {
        self.raw("<button type=button class=link").attr("data-act", act);
        self.attr("aria-label", named).attr("aria-expanded", if open { "true" } else { "false" });
        self.raw(">").text(words).raw("</button>")
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }
}

fn escape(words: &str, out: &mut String) {
    let mut rest = words;
    while let Some(place) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..place]);
        out.push_str(match rest.as_bytes()[place] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[place + 1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn nothing_said_becomes_markup() {
        let mut html = Html::default();
        html.raw("<p").attr("title", "\"a\" & 'b'").raw(">").text("<script>王·&</script>").raw("</p>");
        assert_eq!(
            html.finish(),
            "<p title=\"&quot;a&quot; &amp; &#39;b&#39;\">&lt;script&gt;王·&amp;&lt;/script&gt;</p>"
        );
    }
}
