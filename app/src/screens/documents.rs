//! My e-certificates and files: what they are, how long they last, where they were used, and their deletion.

use contract::material::{Document, DocumentKind, Use};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client;
use crate::components::load::Load;
use crate::components::notice;
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    let load = Load::start(|| client::get::<Vec<Document>>("/documents"));
    load.show(move |documents| store(&documents, load))
}

fn store(documents: &[Document], load: Load<Vec<Document>>) -> impl IntoView + use<> {
    let router = site().router;
    router.arrives(t::documents_title());
    let of = |kind: DocumentKind| -> Vec<AnyView> {
        documents.iter().filter(|document| document.kind == kind).map(|document| card(document, load)).collect()
    };
    let (certificates, files) = (of(DocumentKind::ECertificate), of(DocumentKind::File));
    let part = |title: &'static str, empty: &'static str, cards: Vec<AnyView>| {
        let none = cards.is_empty().then(|| view! { <p>{empty}</p> });
        view! { <section class="part"><h2>{title}</h2>{none}<ul class="checklist">{cards}</ul></section> }
    };
    view! {
        <h1 tabindex="-1">{t::documents_title()}</h1>
        <p>{t::documents_lead()}</p>
        {part(t::documents_certificates(), t::documents_no_certificates(), certificates)}
        {part(t::documents_files(), t::documents_no_files(), files)}
        <p><a href=router.href(&Route::Mine)>{t::mine_title()}</a></p>
    }
}

fn card(document: &Document, load: Load<Vec<Document>>) -> AnyView {
    let address = client::address(&format!("/documents/{}/content", document.id));
    let day = |day: &String| locale::day(day, Style::Long);
    let validity = match (&document.valid_until, document.expired) {
        (Some(until), true) => Some(t::documents_expired(&day(until))),
        (Some(until), false) => Some(t::documents_valid(&day(until))),
        _ => None,
    };
    let facts = [
        document.holder.as_ref().map(|holder| t::documents_holder(holder)),
        document.issuer.as_ref().map(|issuer| t::documents_issuer(issuer)),
        validity,
        document.identifier.as_ref().map(|identifier| t::documents_identifier(identifier)),
        (!document.added_at.is_empty()).then(|| t::documents_added(&locale::moment(&document.added_at))),
        (document.version > 1).then(|| t::documents_version(&document.version.to_string())),
        (document.size > 0)
            .then(|| t::documents_size(&(document.size / 1024 + 1).to_string(), &document.pages.to_string())),
    ];
    let facts = facts.into_iter().flatten().map(|fact| view! { <span class="quiet">{fact}</span><br/> }).collect_view();
    let image = document.media.starts_with("image/");
    let named = t::documents_download_named(&document.name);
    let earlier = document.earlier.as_ref().map(|id| {
        let address = client::address(&format!("/documents/{id}/content"));
        let named = t::documents_earlier_named(&document.name);
        view! { <a href=address download=document.name.clone() aria-label=named>{t::documents_earlier()}</a> }
    });
    view! {
        <li class="entry">
            <div class="document">
                {image.then(|| view! { <img src=address.clone() alt=t::materials_preview(&document.name) width="96" height="96" loading="lazy"/> })}
                <div>
                    <h3 class="entry-title">{document.name.clone()}{document.expired.then(|| view! { <span class="badge needs">{t::documents_no_more()}</span> })}</h3>
                    <p>{facts}</p>
                    {uses(&document.uses)}
                    <p class="acts"><a href=address download=document.name.clone() aria-label=named>{t::documents_download()}</a>{earlier}</p>
                    {(document.kind == DocumentKind::File).then(|| delete(document, load))}
                </div>
            </div>
        </li>
    }
    .into_any()
}

fn uses(uses: &[Use]) -> AnyView {
    if uses.is_empty() {
        return view! { <p class="quiet">{t::documents_unused()}</p> }.into_any();
    }
    let router = site().router;
    let lines = uses.iter().map(|one| {
        let said = format!("{}{}{}", one.errand, t::common_colon(), one.material);
        let number = match (&one.application, &one.number) {
            (Some(id), Some(number)) => {
                let href = router.href(&Route::Progress(id.0.clone()));
                view! { <a href=href>{t::documents_number(number)}</a> }.into_any()
            }
            _ => view! { <span>{t::documents_in_draft()}</span> }.into_any(),
        };
        let agreed = one.notice.as_ref().map(|version| t::documents_agreed(version));
        view! { <li>{said}" "{number}" "<span class="quiet">{locale::moment(&one.at)}{agreed}</span></li> }
    });
    let lines = lines.collect_view();
    view! { <details><summary>{t::documents_uses(&uses.len().to_string())}</summary><ul>{lines}</ul></details> }
        .into_any()
}

fn delete(document: &Document, load: Load<Vec<Document>>) -> impl IntoView + use<> {
    let (asking, failed) = (RwSignal::new(false), RwSignal::new(None));
    let (path, name) = (format!("/documents/{}", document.id), document.name.clone());
    let submitted = document.uses.iter().any(|one| one.application.is_some());
    let drafted = document.uses.iter().any(|one| one.application.is_none());
    let erase = StoredValue::new(move || {
        let path = path.clone();
        spawn_local(async move {
            match client::delete(&path).await {
                Ok(()) => load.again(),
                Err(failure) => {
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                }
            }
        });
    });
    view! {
        {move || if asking.get() {
            view! {
                <p>{t::documents_delete_sure()}{submitted.then(t::documents_delete_submitted)}{drafted.then(t::documents_delete_drafted)}</p>
                <button type="button" class="button" on:click=move |_| erase.with_value(|erase| erase())>{t::documents_delete_yes()}</button>
                <button type="button" class="button quiet" on:click=move |_| asking.set(false)>{t::documents_delete_no()}</button>
            }.into_any()
        } else {
            view! { <button type="button" class="link" aria-label=t::documents_delete_named(&name) on:click=move |_| asking.set(true)>{t::documents_delete()}</button> }.into_any()
        }}
        {notice::alert(failed)}
    }
}
