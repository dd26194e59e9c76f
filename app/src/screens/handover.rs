//! Handing a draft over: a code to read out or scan, for another device or for somebody who helps.

use contract::draft::{DraftId, HandOver, HandOverCode, Receiver, Saved, TakeOver, TakenOver};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::steps;
use crate::client::{self, Terms};
use crate::components::html::Html;
use crate::components::load::Load;
use crate::components::notice;
use crate::components::qr::qr;
use crate::draft::OpenDraft;
use crate::locale::texts as t;
use crate::router::Route;
use crate::session::State;
use crate::site::site;

/// Offers a code.
pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move { site.draft(&id).await }
    })
    .show(offer)
}

fn offer(draft: OpenDraft) -> impl IntoView {
    let site = site();
    site.router.arrives(t::share_title());
    let (code, failed) = (RwSignal::new(None::<HandOverCode>), RwSignal::new(None));
    let making = draft.clone();
    let make = move |to: Receiver| {
        let draft = making.clone();
        spawn_local(async move {
            draft.flush().await;
            let body = HandOver { to, page: site.router.whole_address() };
            match client::post::<HandOverCode>(&format!("/drafts/{}/handover", draft.id), &Terms::fresh(), &body).await
            {
                Ok(made) => {
                    code.set(Some(made));
                    request_animation_frame(|| steps::focus("code"));
                }
                Err(failure) => failed.set(Some(notice::sentence(&failure))),
            }
        });
    };
    let (mine, agent) = (make.clone(), make);
    let ending = draft.clone();
    let end = move |_| {
        let draft = ending.clone();
        spawn_local(async move {
            match client::delete_for::<Saved>(&format!("/drafts/{}/agent", draft.id)).await {
                Ok(_) => draft.notes.update(|notes| notes.counterpart = None),
                Err(failure) => failed.set(Some(notice::sentence(&failure))),
            }
        });
    };
    let notes = draft.notes;
    let back = Route::Form(draft.id.clone(), None);
    view! {
        <p class="quiet">{draft.sheet.view().bundle.name.clone()}</p>
        <h1 tabindex="-1">{t::share_title()}</h1>
        <p>{t::share_lead()}</p>
        {notice::alert(failed)}
        {move || notes.get().counterpart.map(|name| {
            let end = end.clone();
            view! { <p class="notice">{t::share_agent(&name)}" "<button type="button" class="button" id="end-agent" on:click=end>{t::share_end()}</button></p> }
        })}
        {move || code.get().as_ref().map(drawn)}
        <div class="action">
            <button type="button" class="button primary" id="to-myself" on:click=move |_| mine(Receiver::Myself)>{t::share_to_myself()}</button>
            <button type="button" class="button" id="to-agent" on:click=move |_| agent(Receiver::Agent)>{t::share_to_agent()}</button>
            <a class="button quiet" href=site.router.href(&back)>{t::common_back()}</a>
        </div>
    }
}

/// The code, to scan and to read out.
fn drawn(code: &HandOverCode) -> AnyView {
    let read = format!("{} {}", code.code.get(..4).unwrap_or_default(), code.code.get(4..).unwrap_or_default());
    let until = code.expires_at.get(11..16).unwrap_or_default();
    let mut html = Html::default();
    qr(&mut html, &code.qr, code.qr_size, t::share_qr());
    html.raw("<p class=strong id=code-letters>").text(&read).raw("</p><p>").text(&t::share_until(until)).raw("</p>");
    view! { <section class="panel code" id="code" tabindex="-1" aria-label=t::share_code() inner_html=html.finish()></section> }
        .into_any()
}

/// Takes a draft over with a code typed in, or scanned.
pub(super) fn take_over(code: Option<String>) -> AnyView {
    let site = site();
    site.router.arrives(t::share_continue());
    let here = Route::Continue(code.clone());
    let (typed, failed) = (RwSignal::new(code.clone().unwrap_or_default()), RwSignal::new(None));
    let take = move || {
        spawn_local(async move {
            let body = TakeOver { code: typed.get_untracked() };
            match client::post::<TakenOver>("/handovers", &Terms::fresh(), &body).await {
                Ok(TakenOver { id: DraftId(id) }) => site.router.replace(Route::Form(id, None)),
                Err(failure) if failure.kind() == "not-found" => failed.set(Some(t::share_unknown())),
                Err(failure) => failed.set(Some(notice::sentence(&failure))),
            }
        });
    };
    let form = move || {
        match site.session.get() {
        State::Unknown => ().into_any(),
        // Signed in there too: a code alone opens nothing.
        State::Out => {
            site.router.replace(Route::SignIn(here.path()));
            ().into_any()
        }
        State::In(_) => view! {
            <form novalidate on:submit=move |event| { event.prevent_default(); take(); }>
                {notice::alert(failed)}
                <label for="typed-code">{t::share_code()}</label>
                <input id="typed-code" type="text" autocomplete="one-time-code" maxlength="16" prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))/>
                <div class="action"><button class="button primary">{t::share_open()}</button></div>
            </form>
        }
        .into_any(),
    }
    };
    view! {
        <h1 tabindex="-1">{t::share_continue()}</h1>
        <p>{t::share_continue_lead()}</p>
        {form}
    }
    .into_any()
}
