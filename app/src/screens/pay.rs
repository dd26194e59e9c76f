//! One amount, what it is for, one button; then the truth about it, which only the backend knows.

use contract::application::Application;
use contract::payment::{AttemptState, Checkout, Order, OrderState, StartPayment};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{self, Terms};
use crate::components::load::Load;
use crate::components::notice;
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;
use crate::wait;

pub(super) fn screen(id: String) -> AnyView {
    let path = format!("/applications/{id}");
    let load: Load<Application> = Load::start(move || {
        let path = path.clone();
        async move { client::get(&path).await }
    });
    // While the result is not known the gateway is asked, ever more slowly; leaving the screen stops nothing.
    spawn_local(async move {
        let mut pause = 1500;
        loop {
            wait::milliseconds(pause).await;
            if load.is_gone() {
                return;
            }
            let Some(application) = load.there() else { continue };
            let Some(order) = application.order.as_ref() else { return };
            if order.state != OrderState::Checking {
                pause = 1500;
                continue;
            }
            let checked = client::post::<Order>(&format!("/orders/{}/check", order.id), &Terms::fresh(), &()).await;
            if let Ok(checked) = checked
                && !load.is_gone()
                && checked != *order
            {
                load.put(Application { order: Some(checked), ..application });
            }
            pause = (pause * 3 / 2).min(15_000);
        }
    });
    load.show(move |application| pay(application, load))
}

fn pay(application: Application, load: Load<Application>) -> impl IntoView {
    let router = site().router;
    Effect::new(move |_| router.arrived(t::pay_title()));
    let progress = router.href(&Route::Progress(application.id.0.clone()));
    let body = match &application.order {
        None => view! { <p>{t::review_no_fees()}</p> }.into_any(),
        Some(order) => self::order(&application, order, load),
    };
    view! {
        <p class="quiet">{application.name.clone()}</p>
        <h1 tabindex="-1">{t::pay_title()}</h1>
        {body}
        <p><a href=progress>{t::pay_to_progress()}</a></p>
    }
}

fn order(application: &Application, order: &Order, load: Load<Application>) -> AnyView {
    let lines = order.lines.iter().map(|line| {
        let many = (line.times > 1).then(|| t::pay_times(&locale::amount(line.each), &line.times.to_string()));
        view! {
            <li>
                <span class="strong">{t::pay_line(&line.name, &locale::amount(line.amount))}</span>
                {many.map(|many| view! { <span class="quiet">{many}</span> })}
                {line.basis_document.clone().map(|document| view! { <span class="quiet">{t::guide_fee_basis()}<span lang="zh-CN">{document}</span></span> })}
            </li>
        }
    });
    view! {
        <p class="amount">{locale::amount(order.amount)}</p>
        <p class="quiet">{t::pay_payee(&order.payee)}</p>
        <ul class="facts">{lines.collect_view()}</ul>
        {truth(application, order, load)}
    }
    .into_any()
}

/// What is true of the payment, and the one thing to do about it.
fn truth(application: &Application, order: &Order, load: Load<Application>) -> AnyView {
    match (order.state, order.last_attempt) {
        (OrderState::Paid, _) => {
            let receipt = order.receipt.clone();
            view! {
                <div class="notice good" role="status">
                    <p class="strong">{t::pay_paid()}</p>
                    {receipt.map(|receipt| view! { <p>{t::pay_receipt(&receipt.number, &locale::moment(&receipt.paid_at))}</p> })}
                </div>
                <a class="button primary" href=site().router.href(&Route::Progress(application.id.0.clone()))>{t::pay_on()}</a>
            }
            .into_any()
        }
        (OrderState::Checking, _) => view! {
            <div class="notice" role="status"><p class="strong">{t::pay_checking()}</p><p>{t::pay_checking_hint()}</p></div>
            {start(application, order, load, t::pay_again_unsure())}
        }
        .into_any(),
        (OrderState::Open, Some(AttemptState::Failed)) => view! {
            <div class="notice bad" role="status"><p class="strong">{t::pay_failed()}</p></div>
            {start(application, order, load, t::pay_again())}
        }
        .into_any(),
        (OrderState::Open, Some(_)) => view! {
            <div class="notice" role="status"><p class="strong">{t::pay_closed()}</p></div>
            {start(application, order, load, t::pay_again())}
        }
        .into_any(),
        (OrderState::Open, None) => start(application, order, load, t::pay_now()),
    }
}

fn start(application: &Application, order: &Order, load: Load<Application>, word: &'static str) -> AnyView {
    let site = site();
    let (busy, failed) = (RwSignal::new(false), RwSignal::new(None));
    let (path, back) =
        (format!("/orders/{}/attempts", order.id), site.router.return_path(&Route::Pay(application.id.0.clone())));
    // One key for this button: pressing twice starts one attempt.
    let terms = Terms::fresh();
    let press = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        let (path, back, terms) = (path.clone(), back.clone(), terms.clone());
        spawn_local(async move {
            match client::post::<Checkout>(&path, &terms, &StartPayment { return_to: back }).await {
                Ok(checkout) => {
                    let _ = window().location().set_href(&checkout.url);
                }
                Err(failure) => {
                    busy.set(false);
                    failed.set(Some(notice::sentence(&failure)));
                    if failure.kind() == "conflict" {
                        load.again();
                    }
                }
            }
        });
    };
    view! {
        {notice::alert(failed)}
        <div class="action"><button type="button" class="button primary" aria-disabled=move || busy.get().then_some("true") on:click=press>{word}</button></div>
        <p class="quiet">{t::pay_demo()}</p>
    }
    .into_any()
}
