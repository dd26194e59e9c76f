//! What the service is: whose, for whom, when, what it costs, and how else it is reached.

use std::sync::Arc;

use contract::home::Home;
use leptos::prelude::*;

use crate::components::load::Load;
use crate::components::term::Said;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    let site = site();
    Load::start(move || site.home()).show(service)
}

fn service(home: Arc<Home>) -> impl IntoView {
    let router = site().router;
    router.arrives(t::service_title());
    let count = home.bundles.len().to_string();
    let rows: [Said; 6] = [
        (t::service_what(), t::service_what_text(&count).into()),
        (t::service_who(), t::service_who_text().into()),
        (t::service_when(), t::service_when_text().into()),
        (t::service_cost(), t::service_cost_text().into()),
        (t::service_data(), t::service_data_text().into()),
        (t::service_else(), t::service_else_text(&home.region.hotline).into()),
    ];
    let rows = rows.map(|(name, text)| view! { <dt>{name}</dt><dd>{text}</dd> });
    view! {
        <h1 tabindex="-1">{t::service_title()}</h1>
        <p class="lead">{t::service_lead(&home.region.name)}</p>
        <dl class="statement">{rows}</dl>
        <p class="action"><a class="button" href=format!("tel:{}", home.region.hotline)>{t::app_hotline(&home.region.hotline)}</a></p>
        <ul class="ways">
            <li><a href=router.href(&Route::Help)>{t::help_title()}</a></li>
            <li><a href=router.href(&Route::Feedback)>{t::feedback_title()}</a></li>
            <li><a href=router.href(&Route::Accessibility)>{t::accessibility_title()}</a></li>
        </ul>
    }
}
