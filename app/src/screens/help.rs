//! Other ways: the hotline, the counters, a message.

use std::sync::Arc;

use contract::home::Home;
use leptos::prelude::*;

use crate::components::load::Load;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    let site = site();
    Load::start(move || site.home()).show(help)
}

fn help(home: Arc<Home>) -> impl IntoView {
    let router = site().router;
    router.arrives(t::help_title());
    let hotline = home.region.hotline.clone();
    let windows = home.region.windows.iter().map(|window| {
        view! { <li><span class="strong">{window.name.clone()}</span><span>{window.address.clone()}</span><span>{window.hours.clone()}</span><a href=format!("tel:{}", window.phone)>{window.phone.clone()}</a></li> }
    });
    view! {
        <h1 tabindex="-1">{t::help_title()}</h1>
        <p>{t::help_lead()}</p>
        <section class="part"><h2>{t::help_phone()}</h2><p><a class="button" href=format!("tel:{hotline}")>{t::app_hotline(&hotline)}</a></p></section>
        <section class="part"><h2>{t::help_windows()}</h2><ul class="facts">{windows.collect_view()}</ul></section>
        <section class="part"><h2>{t::help_write()}</h2><p><a href=router.href(&Route::Feedback)>{t::feedback_title()}</a></p></section>
        <section class="part">
            <h2>{t::help_read()}</h2>
            <ul class="ways">
                <li><a href=router.href(&Route::Service)>{t::service_title()}</a></li>
                <li><a href=router.href(&Route::Proofs)>{t::proofs_link()}</a></li>
                <li><a href=router.href(&Route::Glossary)>{t::glossary_title()}</a></li>
            </ul>
        </section>
    }
}
