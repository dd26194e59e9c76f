//! A word of an office, explained where it stands.

use std::borrow::Cow;

use leptos::prelude::*;

use crate::locale::texts as t;

/// A name and what is said of it.
pub type Said = (&'static str, Cow<'static, str>);

/// Words that citizens meet and offices mean something special by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// 一件事.
    Errand,
    /// 牵头部门.
    Lead,
    /// 法定时限 and 承诺时限.
    Limits,
    /// 容缺受理.
    Deferral,
    /// 告知承诺.
    Declaration,
    /// 补正.
    Correction,
    /// 电子证照.
    Certificate,
    /// 公告期.
    Publicity,
    /// 代办.
    Agent,
    /// 好差评.
    Rating,
}

impl Term {
    /// Every word, in the order an errand meets them.
    pub const ALL: [Self; 10] = [
        Self::Errand,
        Self::Lead,
        Self::Limits,
        Self::Deferral,
        Self::Declaration,
        Self::Certificate,
        Self::Agent,
        Self::Correction,
        Self::Publicity,
        Self::Rating,
    ];

    /// The word, and what it means to who meets it.
    #[must_use]
    pub fn said(self) -> (&'static str, &'static str) {
        match self {
            Self::Errand => (t::glossary_errand(), t::glossary_errand_text()),
            Self::Lead => (t::glossary_lead_department(), t::glossary_lead_department_text()),
            Self::Limits => (t::glossary_limits(), t::glossary_limits_text()),
            Self::Deferral => (t::glossary_deferral(), t::glossary_deferral_text()),
            Self::Declaration => (t::glossary_declaration(), t::glossary_declaration_text()),
            Self::Correction => (t::glossary_correction(), t::glossary_correction_text()),
            Self::Certificate => (t::glossary_certificate(), t::glossary_certificate_text()),
            Self::Publicity => (t::glossary_publicity(), t::glossary_publicity_text()),
            Self::Agent => (t::glossary_agent(), t::glossary_agent_text()),
            Self::Rating => (t::glossary_rating(), t::glossary_rating_text()),
        }
    }
}

/// The word with its meaning folded behind it: opened by a tap, and without scripts.
pub fn term(term: Term) -> AnyView {
    let (name, text) = term.said();
    view! { <details class="term"><summary>{t::glossary_what(name)}</summary><p>{text}</p></details> }.into_any()
}
