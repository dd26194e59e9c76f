//! Paying on another phone, or by somebody else: an address for it, and its QR code.

use contract::payment::{NewPaymentLink, PaymentLink};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{FocusEvent, HtmlInputElement};

use super::Till;
use crate::client::{self, Terms};
use crate::components::html::Html;
use crate::components::notice;
use crate::components::qr::qr;
use crate::locale::{self, texts as t};
use crate::screens::steps;
use crate::site::site;

pub(super) fn offer(till: Till) -> AnyView {
    let router = site().router;
    let (failed, busy) = (RwSignal::new(None), RwSignal::new(false));
    let make = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let path = format!("{}/link", till.path.get_value());
            let page = NewPaymentLink { page: router.whole_address() };
            match client::post::<PaymentLink>(&path, &Terms::fresh(), &page).await {
                Ok(link) => {
                    let _ = till.link.try_set(Some(link));
                    request_animation_frame(|| steps::focus("pay-link"));
                }
                Err(failure) => {
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                }
            }
            let _ = busy.try_set(false);
        });
    };
    view! {
        <details class="part" id="elsewhere">
            <summary>{t::pay_elsewhere()}</summary>
            <p>{t::pay_link_who()}</p>
            {move || match till.link.get() {
                Some(link) => drawn(&link),
                None => view! { <p><button type="button" class="button" id="make-link" aria-disabled=move || busy.get().then_some("true") on:click=make>{t::pay_link_make()}</button></p> }.into_any(),
            }}
            {notice::alert(failed)}
        </details>
    }
    .into_any()
}

fn drawn(link: &PaymentLink) -> AnyView {
    let mut html = Html::default();
    qr(&mut html, &link.qr, link.qr_size, t::pay_link_qr());
    html.raw("<div class=cell><label for=pay-link>").text(t::pay_link_label()).raw("</label>");
    html.raw("<input id=pay-link type=text readonly").attr("value", &link.url).raw("></div>");
    html.raw("<p class=quiet>").text(&t::pay_link_until(&locale::moment(&link.expires_at))).raw("</p>");
    // The address is the only thing in it that takes the focus.
    let choose = |event: FocusEvent| event_target::<HtmlInputElement>(&event).select();
    view! { <div class="panel code" inner_html=html.finish() on:focusin=choose></div> }.into_any()
}
