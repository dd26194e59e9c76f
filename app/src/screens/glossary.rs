//! Words of offices, explained.

use leptos::prelude::*;

use crate::components::term::Term;
use crate::locale::texts as t;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    let router = site().router;
    router.arrives(t::glossary_title());
    let entries = Term::ALL.map(|term| {
        let (name, text) = term.said();
        view! { <dt>{name}</dt><dd>{text}</dd> }
    });
    view! {
        <h1 tabindex="-1">{t::glossary_title()}</h1>
        <p class="lead">{t::glossary_lead()}</p>
        <dl class="statement">{entries}</dl>
    }
    .into_any()
}
