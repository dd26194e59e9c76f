//! One material: how it is met, or the ways to meet it, best first.

use contract::catalogue::{MaterialId, Proof};
use contract::material::{Bar, Document, DocumentKind, PaperKind, Provided, Requirement, Way};
use leptos::prelude::*;

use super::{Checklist, Failed, pages, sign};
use crate::components::notice;
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

/// The element of a material's line.
pub(crate) fn element_id(material: &MaterialId) -> String {
    format!("m-{material}")
}

/// One line of the checklist.
pub(crate) fn entry(list: &Checklist, requirement: Requirement) -> AnyView {
    let id = requirement.material.clone();
    let provided = list.provided;
    let of = id.clone();
    let now = Memo::new(move |_| provided.with(|provided| provided.get(&of).cloned()));
    let failed = RwSignal::new(None);
    let files = pages::Files::new(list, &requirement, failed);
    let Requirement { name, required, note, proof, .. } = requirement.clone();
    let element = element_id(&id);
    let (list, requirement, shown) = (StoredValue::new(list.clone()), StoredValue::new(requirement), files.clone());
    let about = {
        let bundle = list.with_value(|list| list.bundle.clone());
        view! { <details><summary>{t::materials_about()}<span class="hidden">{format!(" {name}")}</span></summary>{proof.map(|proof| origin(&proof))}{report(bundle, &id)}</details> }
    };
    view! {
        <li class="entry" id=element tabindex="-1" class:met=move || now.with(Option::is_some)>
            <h2 class="entry-title"><span class="tick" aria-hidden="true">{move || if now.with(Option::is_some) { "✓" } else { "○" }}</span>{name.clone()}{(!required).then(|| view! { " "<span class="optional">{t::form_optional()}</span> })}</h2>
            {note.map(|note| view! { <p class="quiet">{note}</p> })}
            {notice::alert(failed)}
            {files.under_way()}
            {move || list.with_value(|list| requirement.with_value(|requirement| match now.get() {
                Some(provided) => met(list, requirement, &provided, &shown, failed),
                None => stored(list, requirement, failed),
            }))}
            {files.chooser()}
            {move || now.with(Option::is_none).then(|| list.with_value(|list| requirement.with_value(|requirement| promises(list, requirement, failed))))}
            {about}
        </li>
    }
    .into_any()
}

fn met(
    list: &Checklist,
    requirement: &Requirement,
    provided: &Provided,
    files: &pages::Files,
    failed: Failed,
) -> AnyView {
    let said = match provided {
        Provided::Documents { documents } => return files.given(documents),
        Provided::Shared { register } => {
            let known = requirement.ways.iter().find_map(|way| match way {
                Way::Shared { register: id, name } if id == register => Some(name.clone()),
                _ => None,
            });
            t::materials_shared(&known.unwrap_or_default())
        }
        Provided::Declared => t::materials_declared().to_owned(),
        Provided::OnCommitment => t::materials_on_commitment().to_owned(),
        Provided::Deferred => t::materials_deferred().to_owned(),
    };
    let (list, id) = (list.clone(), requirement.material.clone());
    view! {
        <p>{said}</p>
        <button type="button" class="link" aria-label=t::materials_change_named(&requirement.name) on:click=move |_| list.give_here(&id, None, None, failed)>{t::materials_change()}</button>
    }
    .into_any()
}

/// Ways that need nothing new.
fn stored(list: &Checklist, requirement: &Requirement, failed: Failed) -> AnyView {
    let open = RwSignal::new(None);
    let buttons: Vec<AnyView> = requirement
        .ways
        .iter()
        .take_while(|way| **way != Way::Upload)
        .filter_map(|way| button(list, requirement, way, failed, open))
        .collect();
    view! { <div class="ways">{buttons}</div> }.into_any()
}

/// Ways to promise, and what bars them.
fn promises(list: &Checklist, requirement: &Requirement, failed: Failed) -> AnyView {
    let open = RwSignal::new(None);
    let later = requirement.ways.iter().skip_while(|way| **way != Way::Upload);
    let buttons: Vec<AnyView> = later.filter_map(|way| button(list, requirement, way, failed, open)).collect();
    let bars: Vec<_> = requirement.bars.iter().map(|bar| view! { <p class="quiet">{barred(*bar)}</p> }).collect();
    view! { <div class="ways">{buttons}{bars}{sign::section(list, requirement, open, failed)}</div> }.into_any()
}

fn button(
    list: &Checklist,
    requirement: &Requirement,
    way: &Way,
    failed: Failed,
    open: RwSignal<Option<PaperKind>>,
) -> Option<AnyView> {
    let paper = |kind: PaperKind, said: &'static str, hint: String| {
        view! {
            <button type="button" class="button" aria-expanded=move || if open.get() == Some(kind) { "true" } else { "false" } on:click=move |_| open.set(Some(kind))>{said}</button>
            <p class="quiet">{hint}</p>
        }
        .into_any()
    };
    Some(match way {
        Way::NotNeeded { .. } | Way::Upload => return None,
        Way::Shared { register, name } => {
            let (list, id, register) = (list.clone(), requirement.material.clone(), register.clone());
            let give = move |_| {
                list.give_here(&id, Some(Provided::Shared { register: register.clone() }), None, failed);
            };
            view! { <button type="button" class="button" on:click=give>{t::materials_share(name)}</button> }.into_any()
        }
        Way::ECertificate { document } | Way::Stored { document } => {
            let (list, id, document) = (list.clone(), requirement.material.clone(), list.document(document)?);
            let said = t::materials_reuse(&document.name);
            let about = origin_of(&document);
            let give = move |_| list.reuse(&id, vec![document.id.clone()], failed);
            view! { <button type="button" class="button" on:click=give>{said}</button><p class="quiet">{about}{t::common_comma()}{t::materials_reuse_hint()}</p> }.into_any()
        }
        Way::Declare => paper(PaperKind::Declaration, t::materials_declare(), t::materials_declare_hint().to_owned()),
        Way::OnCommitment { days } => {
            paper(PaperKind::OnCommitment, t::materials_promise(), t::materials_promise_hint(&days.to_string()))
        }
        Way::Defer { until } => {
            let hint = t::materials_defer_hint(&locale::day(until, Style::Short));
            paper(PaperKind::Deferral, t::materials_defer(), hint)
        }
    })
}

/// Where a document comes from.
pub(super) fn origin_of(document: &Document) -> String {
    match (&document.kind, &document.issuer) {
        (DocumentKind::ECertificate, Some(issuer)) => match &document.holder {
            Some(holder) => t::materials_household(holder, issuer),
            None => t::materials_e_certificate_of(issuer),
        },
        (DocumentKind::ECertificate, None) => t::material_e_certificate().to_owned(),
        (DocumentKind::File, _) => t::materials_file(&locale::moment(&document.added_at)),
    }
}

fn barred(bar: Bar) -> &'static str {
    match bar {
        Bar::Agent => t::materials_agent_barred(),
        Bar::Breach => t::materials_breach_barred(),
        Bar::Dishonest => t::materials_dishonest_barred(),
        Bar::Credit => t::materials_credit_barred(),
        Bar::CreditUnknown => t::materials_credit_unknown(),
        Bar::Expired => t::materials_expired(),
    }
}

/// Where a proof comes from and on which law it stands; what nobody published is said so.
pub(crate) fn origin(proof: &Proof) -> AnyView {
    let law = proof.law.iter().map(|law| view! { <span lang="zh-CN">{law.clone()}</span>" " }).collect_view();
    view! {
        <dl class="answers">
            <div><dt>{t::proofs_issuer()}</dt><dd>{proof.issuer.clone().unwrap_or_else(|| t::proofs_unknown().to_owned())}</dd></div>
            <div><dt>{t::proofs_law()}</dt><dd>{if proof.law.is_empty() { t::proofs_unknown().into_any() } else { law.into_any() }}</dd></div>
            {proof.guide.clone().map(|guide| view! { <div><dt>{t::proofs_guide()}</dt><dd>{guide}</dd></div> })}
        </dl>
        {(proof.basis != contract::catalogue::Basis::Seen).then(|| view! { <span class="badge">{t::common_sample()}</span> })}
    }
    .into_any()
}

/// The way to say that something was asked for beyond the list.
pub(crate) fn report(bundle: String, material: &MaterialId) -> impl IntoView + use<> {
    let href = site().router.href(&Route::Report(bundle, material.0.clone()));
    view! { <p><a href=href>{t::proofs_report()}</a></p> }
}
