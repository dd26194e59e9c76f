//! Which language a payer reads.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::http;

/// A language the pages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Zh,
    En,
}

impl Language {
    /// The one of two texts that is in this language.
    pub(crate) fn of(self, zh: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The best of `Accept-Language`; Chinese where it names neither.
    fn wanted(accepted: &str) -> Self {
        let mut best = (Self::Zh, 0.0);
        for part in accepted.split(',') {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            let language = match tag.trim().to_ascii_lowercase().split('-').next() {
                Some("zh") => Self::Zh,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::wanted(http::text(&parts.headers, header::ACCEPT_LANGUAGE.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_says_which() {
        for zh in ["", "zh-CN,zh;q=0.9,en;q=0.8", "fr", "en;q=0.5,zh", "zh"] {
            assert_eq!(Language::wanted(zh), Language::Zh, "{zh}");
        }
        for en in ["en", "en-GB,en;q=0.9,zh;q=0.1", "fr, en;q=0.5"] {
            assert_eq!(Language::wanted(en), Language::En, "{en}");
        }
    }
}
