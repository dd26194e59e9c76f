//! Whether a receipt is genuine: anybody may ask, with the three numbers on it.

use contract::payment::{GenuineReceipt, VerifyReceipt};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{self, Terms};
use crate::components::notice;
use crate::locale::{self, texts as t};
use crate::site::site;

pub(super) fn screen() -> AnyView {
    let router = site().router;
    router.arrives(t::receipt_title());
    let (code, number) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let check = RwSignal::new(String::new());
    let (failed, busy) = (RwSignal::new(None), RwSignal::new(false));
    // What was found, once it was looked for.
    let found = RwSignal::new(None::<Option<GenuineReceipt>>);
    let verify = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = |text: RwSignal<String>| text.get_untracked().trim().to_owned();
        let body = VerifyReceipt { code: typed(code), number: typed(number), check: typed(check) };
        if body.code.is_empty() || body.number.is_empty() || body.check.is_empty() {
            failed.set(Some(t::receipt_missing()));
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        found.set(None);
        spawn_local(async move {
            let answer = client::post::<GenuineReceipt>("/receipts/verification", &Terms::fresh(), &body).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(receipt) => {
                    let _ = found.try_set(Some(Some(receipt)));
                }
                // What is no number of a receipt names none.
                Err(failure) if matches!(failure.kind(), "not-found" | "invalid" | "malformed") => {
                    let _ = found.try_set(Some(None));
                }
                Err(failure) => {
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                }
            }
        });
    };
    view! {
        <h1 tabindex="-1">{t::receipt_title()}</h1>
        <p>{t::receipt_lead()}</p>
        <form novalidate on:submit=verify>
            {input("receipt-code", t::receipt_code(), true, code)}
            {input("receipt-number", t::receipt_number(), true, number)}
            {input("receipt-check", t::receipt_check(), false, check)}
            {notice::alert(failed)}
            <div class="action"><button class="button primary" aria-disabled=move || busy.get().then_some("true")>{t::receipt_press()}</button></div>
        </form>
        <div role="status">{move || found.get().map(result)}</div>
    }
    .into_any()
}

fn input(id: &'static str, label: &'static str, digits: bool, value: RwSignal<String>) -> AnyView {
    let keys = if digits { "numeric" } else { "text" };
    view! {
        <div class="cell"><label for=id>{label}</label>
        <input id=id type="text" inputmode=keys autocomplete="off" spellcheck="false" maxlength="32"
            prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))/></div>
    }
    .into_any()
}

fn result(found: Option<GenuineReceipt>) -> AnyView {
    let Some(receipt) = found else {
        return view! { <p class="notice bad">{t::receipt_unknown()}</p> }.into_any();
    };
    let (mood, said) =
        if receipt.returned { ("notice", t::receipt_returned()) } else { ("notice good", t::receipt_genuine()) };
    let facts = t::receipt_facts(&receipt.payee, &locale::amount(receipt.amount), &locale::moment(&receipt.issued_at));
    view! { <div class=mood><p class="strong">{said}</p><p>{facts}</p><p lang="zh-CN">{receipt.words}</p></div> }
        .into_any()
}
