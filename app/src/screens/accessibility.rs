//! The accessibility statement: the standard, what was tried with what, what is lacking, and how to report more.

use leptos::prelude::*;

use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    let router = site().router;
    router.arrives(t::accessibility_title());
    let list = |lines: &[&'static str]| {
        let lines: Vec<_> = lines.iter().map(|line| view! { <li>{*line}</li> }).collect();
        view! { <ul>{lines}</ul> }
    };
    let helps = [
        t::accessibility_help_elder(),
        t::accessibility_help_read(),
        t::accessibility_help_keyboard(),
        t::accessibility_help_reader(),
        t::accessibility_help_zoom(),
        t::accessibility_help_colour(),
        t::accessibility_help_time(),
    ];
    let tested = [
        t::accessibility_tested_engines(),
        t::accessibility_tested_walker(),
        t::accessibility_tested_transcripts(),
        t::accessibility_tested_geometry(),
        t::accessibility_tested_browsers(),
    ];
    let gaps = [
        t::accessibility_gap_people(),
        t::accessibility_gap_readers(),
        t::accessibility_gap_papers(),
        t::accessibility_gap_stars(),
        t::accessibility_gap_mandated(),
        t::accessibility_gap_voice(),
    ];
    view! {
        <h1 tabindex="-1">{t::accessibility_title()}</h1>
        <p class="lead">{t::accessibility_lead()}</p>
        <section class="part"><h2>{t::accessibility_standard()}</h2><p>{t::accessibility_standard_text()}</p></section>
        <section class="part"><h2>{t::accessibility_help()}</h2>{list(&helps)}</section>
        <section class="part"><h2>{t::accessibility_tested()}</h2>{list(&tested)}</section>
        <section class="part"><h2>{t::accessibility_gaps()}</h2>{list(&gaps)}</section>
        <section class="part">
            <h2>{t::accessibility_report()}</h2>
            <p>{t::accessibility_report_text()}</p>
            <p class="action">
                <a class="button" href=router.href(&Route::Feedback)>{t::feedback_title()}</a>
                <a class="button" href="tel:12345">{t::app_hotline("12345")}</a>
            </p>
        </section>
        <p class="quiet">{t::accessibility_date()}</p>
    }
    .into_any()
}
