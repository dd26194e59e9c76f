//! How far it is: what you must do now on top, then each department's lane; live without reloading.

use contract::application::{Application, ApplicationState, EventKind, Lane, LaneState};
use contract::payment::PaymentState;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::EventSource;

use super::{mine, owed};
use crate::client;
use crate::components::load::Load;
use crate::components::timeline;
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

pub(super) fn screen(id: String) -> AnyView {
    let load = live(&id);
    load.show(move |application| progress(application, load))
}

/// An application that is fetched again whenever it changes.
pub(super) fn live(id: &str) -> Load<Application> {
    let path = format!("/applications/{id}");
    let fetched = path.clone();
    let load = Load::start(move || {
        let path = fetched.clone();
        async move { client::get(&path).await }
    });
    if let Ok(source) = EventSource::new(&client::address(&format!("{path}/events"))) {
        let changed = Closure::<dyn Fn()>::new(move || load.again());
        source.set_onmessage(Some(changed.as_ref().unchecked_ref()));
        let held = StoredValue::new_local((source, changed));
        on_cleanup(move || held.with_value(|(source, _)| source.close()));
    }
    load
}

fn progress(application: Application, load: Load<Application>) -> impl IntoView {
    let router = site().router;
    router.arrives(t::progress_title());
    let ended = matches!(application.state, ApplicationState::Done | ApplicationState::PartlyRefused);
    // While a clock stands still, nobody knows the day.
    let stopped = application.lanes.iter().any(|lane| lane.clock_stopped.is_some());
    let due = application.due.as_ref().filter(|_| !ended && !stopped).map(|due| {
        view! { <p class="strong" class:overdue=timeline::is_overdue(due)>{t::progress_whole(&timeline::due(due))}</p> }
    });
    let finished = application.lanes.iter().filter(|lane| matches!(lane.state, LaneState::Issued)).count();
    view! {
        <p class="quiet">{application.name.clone()}</p>
        <h1 tabindex="-1">{t::progress_title()}</h1>
        <p class="receipt">{t::progress_number()}<strong>{application.number.clone()}</strong></p>
        <p role="status" class="lead">{mine::state(application.state)}{t::common_comma()}{t::progress_finished(&application.lanes.len().to_string(), &finished.to_string())}</p>
        {now(&application)}
        {application.agent.as_ref().map(|name| view! { <p class="quiet">{t::progress_agent(name)}</p> })}
        {(!application.disputes.is_empty()).then(|| view! { <p class="quiet">{t::progress_disputes(&locale::list(&application.disputes))}</p> })}
        {due}
        <section class="part"><h2>{t::progress_lanes()}</h2>{timeline::timeline(&application)}</section>
        {owed::ledger(&application, load)}
        {paid(&application)}
        {events(&application)}
        <p class="quiet">{t::progress_submitted(&locale::moment(&application.submitted_at))}</p>
    }
}

/// What the person must do, or may do, next. One thing at a time.
fn now(application: &Application) -> AnyView {
    let router = site().router;
    let id = application.id.0.clone();
    let owed = owed::next(application);
    let unpaid = application.payment.as_ref().filter(|payment| payment.state != PaymentState::Settled);
    let (said, word, route) = if let Some(correction) = &application.correction {
        (
            t::progress_correct(&correction.department_name, &locale::day(&correction.until, Style::Short)),
            t::progress_to_correction(),
            Route::Correction(id),
        )
    } else if let Some(payment) = unpaid {
        let said = match payment.state {
            PaymentState::Checking => t::pay_checking().to_owned(),
            _ => t::progress_pay(&locale::amount(payment.due)),
        };
        (said, t::progress_to_payment(), Route::Pay(id))
    } else if let Some(owed) = owed {
        (t::progress_owed(&owed), t::progress_to_owed(), Route::Owed(id))
    } else if !application.certificates.is_empty() {
        (t::progress_ready().to_owned(), t::progress_to_certificates(), Route::Certificates(id))
    } else {
        let failed = |lane: &Lane| matches!(lane.state, LaneState::Refused | LaneState::Ended);
        let failed = application.lanes.iter().any(failed);
        return view! { <p>{if failed { t::progress_failed() } else { t::progress_nothing() }}</p> }.into_any();
    };
    view! { <div class="panel now"><p class="strong">{said}</p><a class="button primary" href=router.href(&route)>{word}</a></div> }.into_any()
}

/// The way to what was paid and its receipts; while something is to pay, the way there stands on top.
fn paid(application: &Application) -> Option<AnyView> {
    let payment = application.payment.as_ref()?;
    let pay = site().router.href(&Route::Pay(application.id.0.clone()));
    (payment.state == PaymentState::Settled && !payment.orders.is_empty())
        .then(|| view! { <p><a href=pay>{t::progress_paid()}</a></p> }.into_any())
}

fn events(application: &Application) -> impl IntoView + use<> {
    let lines: Vec<_> = application
        .events
        .iter()
        .map(|event| {
            let item = event.item.clone().map(|item| format!("{item}{}", t::common_colon())).unwrap_or_default();
            view! { <li><span class="quiet">{locale::moment(&event.at)}</span>" "{item}{word(event.what)}</li> }
        })
        .collect();
    view! { <details class="part"><summary>{t::progress_history()}</summary><ul>{lines}</ul></details> }
}

fn word(what: EventKind) -> &'static str {
    match what {
        EventKind::Submitted => t::event_submitted(),
        EventKind::Accepted => t::event_accepted(),
        EventKind::CorrectionAsked => t::event_correction_asked(),
        EventKind::CorrectionAnswered => t::event_correction_answered(),
        EventKind::ClockStopped => t::event_clock_stopped(),
        EventKind::ClockStarted => t::event_clock_started(),
        EventKind::Approved => t::event_approved(),
        EventKind::Refused => t::event_refused(),
        EventKind::Issued => t::event_issued(),
        EventKind::Paid => t::event_paid(),
        EventKind::Finished => t::event_finished(),
        EventKind::OwedMet => t::event_owed_met(),
        EventKind::OwedSoon => t::event_owed_soon(),
        EventKind::OwedExtended => t::event_owed_extended(),
        EventKind::OwedLapsed => t::event_owed_lapsed(),
        EventKind::DeclarationWithdrawn => t::event_declaration_withdrawn(),
        EventKind::Sent => t::event_sent(),
    }
}
