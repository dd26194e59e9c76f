//! The guide (告知单): everything an errand asks and gives, on one page that can be printed.

use std::sync::Arc;

use contract::catalogue::{
    Basis, Bundle, BundleView, Delivery, Fee, FeeUnit, Item, ItemKind, Material, MaterialForm, Origin,
};
use engine::condition::Truth;
use engine::fee;
use engine::plan::{self, Plan};
use leptos::prelude::*;

use super::{home, narrowing};
use crate::components::flow;
use crate::components::limit;
use crate::components::load::Load;
use crate::components::term::{Term, term};
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;

pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move { site.bundle(&id).await }
    })
    .show(guide)
}

pub(super) fn guide(view: Arc<BundleView>) -> impl IntoView {
    let site = site();
    let bundle = &view.bundle;
    let title = bundle.name.clone();
    site.router.arrives(&title);
    let facts = site.answers(bundle.id.as_str());
    let today = engine::date::Date::parse(&view.today).unwrap_or(engine::date::Date::FIRST);
    let plan = Plan::of(bundle, &facts, today);
    let narrowed = !facts.is_empty();
    let foreign = locale::foreign(&view.language);
    let begin = site.router.href(&Route::Situations(bundle.id.0.clone()));
    let possible: Vec<&Item> =
        bundle.items.iter().zip(&plan.items).filter(|(_, truth)| **truth != Truth::No).map(|(item, _)| item).collect();
    let details = view! {
        <section><h2>{t::guide_form()}</h2>{form(bundle)}</section>
        <section><h2>{t::guide_flow()}</h2>{lead(&view)}{flow::drawing(&view, &possible)}</section>
        <section><h2>{t::guide_limits()}</h2>{limits(&view, &possible)}</section>
        <section><h2>{t::guide_fees()}</h2>{fees(bundle, &plan)}</section>
        <section><h2>{t::guide_outcomes()}</h2>{outcomes(bundle)}</section>
        <section><h2>{t::guide_law()}</h2>{law(bundle)}</section>
    };
    view! {
        <article class="guide">
            <p class="quiet">{t::guide_kicker()}</p>
            <h1 tabindex="-1" lang=foreign.clone()>{bundle.name.clone()}</h1>
            {foreign.is_some().then(|| view! { <p class="notice foreign">{t::common_foreign()}" "<a href="tel:12345">{t::app_hotline("12345")}</a></p> })}
            {bundle.sample.then(|| view! { <p class="notice">{t::guide_sample()}</p> })}
            <p class="lead" lang=foreign.clone()>{bundle.summary.clone()}</p>
            {numbers(bundle, &plan, &facts, &possible)}
            <p class="action"><a class="button primary" href=begin>{if narrowed { t::guide_change_answers() } else { t::guide_begin() }}</a></p>
            {narrowed.then(|| narrowing::fallen(bundle, &plan))}
            <section><h2>{t::guide_who()}</h2>{who(bundle, foreign.as_ref())}</section>
            <section><h2>{t::guide_materials()}</h2>{materials(bundle, &plan)}</section>
            {home::more("more", t::elder_more(), details.into_any())}
            <section><h2>{t::guide_ask()}</h2><p>{t::guide_ask_text()}" "<a href="tel:12345">"12345"</a></p></section>
            <p class="quiet no-print"><button type="button" class="link" data-print="">{t::guide_print()}</button></p>
        </article>
    }
}

/// The four numbers people look for.
fn numbers(bundle: &Bundle, plan: &Plan, facts: &contract::value::Facts, possible: &[&Item]) -> impl IntoView + use<> {
    let days = match (&bundle.promise, engine::flow::critical_path(possible)) {
        (Some(promise), _) => limit::length(promise),
        (None, Some(days)) => t::limit_working_days(&days.to_string()),
        (None, None) => t::guide_unknown_days().to_owned(),
    };
    let asked = |truth: Truth| {
        bundle
            .materials
            .iter()
            .zip(&plan.materials)
            .filter(|(material, applies)| plan::asked_for(material) && material.required && **applies == truth)
            .count()
    };
    let materials = match (asked(Truth::Yes), asked(Truth::Unknown)) {
        (0, 0) => t::guide_no_materials().to_owned(),
        (sure, 0) => t::guide_count_materials(&sure.to_string()),
        (sure, maybe) => t::guide_count_materials_range(&sure.to_string(), &(sure + maybe).to_string()),
    };
    let basket = fee::basket(bundle, plan, facts);
    let fees_due = bundle.fees.iter().zip(&plan.fees).any(|(fee, truth)| *truth != Truth::No && fee.amount != Some(0));
    let cost = if !basket.is_empty() && basket.later.is_empty() {
        locale::amount(basket.amount())
    } else if fees_due {
        t::guide_some_fees().to_owned()
    } else {
        t::guide_free().to_owned()
    };
    let online = bundle.delivery.iter().any(|mode| matches!(mode, Delivery::EOnly | Delivery::Post));
    let visits = if online { t::guide_visits_none() } else { t::guide_visits_once() };
    view! {
        <dl class="numbers">
            <div><dt>{t::guide_days()}</dt><dd>{days}</dd></div>
            <div><dt>{t::guide_visits()}</dt><dd>{visits}</dd></div>
            <div><dt>{t::guide_cost()}</dt><dd>{cost}</dd></div>
            <div><dt>{t::guide_materials_short()}</dt><dd>{materials}</dd></div>
        </dl>
    }
}

fn who(bundle: &Bundle, foreign: Option<&String>) -> impl IntoView + use<> {
    let audience: Vec<String> = bundle.audience.iter().map(|audience| super::audience(*audience).to_owned()).collect();
    let conditions = bundle.conditions.iter().map(|condition| {
        let soft = (!condition.firm).then(|| view! { <span class="quiet">{t::guide_condition_soft()}</span> });
        view! { <li><span lang=foreign.cloned()>{condition.text.clone()}</span>{soft}</li> }
    });
    view! { <p>{t::guide_audience(&locale::list(&audience))}</p><ul>{conditions.collect_view()}</ul> }
}

/// One entry of a list of facts: its name, what is said of it, and a mark where it is weak.
fn entry(
    name: String,
    said: impl IntoIterator<Item = Option<String>>,
    document: Option<&String>,
    basis: Basis,
) -> AnyView {
    let mut said: Vec<AnyView> =
        said.into_iter().flatten().map(|said| view! { <span class="quiet">{said}</span> }.into_any()).collect();
    // Documents are not translated: they are looked for by their names.
    said.extend(document.map(|document| {
        view! { <span class="quiet">{t::guide_fee_basis()}<span lang="zh-CN">{document.clone()}</span></span> }
            .into_any()
    }));
    let mark = match basis {
        Basis::Seen => None,
        Basis::SeenWeak => Some(t::common_weak()),
        Basis::Memory => Some(t::common_sample()),
    };
    view! { <li><span class="strong">{name}</span>{said}{mark.map(|mark| view! { <span class="badge">{mark}</span> })}</li> }.into_any()
}

fn materials(bundle: &Bundle, plan: &Plan) -> impl IntoView + use<> {
    let row = |material: &Material, truth: Truth| {
        let forms: Vec<String> = material.forms.iter().map(|form| self::form_word(*form).to_owned()).collect();
        let said = [
            Some(t::guide_material_from(origin(material.origin), &locale::list(&forms))),
            (!material.required).then(|| t::form_optional().to_owned()),
            material.deferrable.as_ref().map(|_| t::guide_deferrable().to_owned()),
            material.declaration.as_ref().map(|_| t::guide_declaration().to_owned()),
            material.shared.as_ref().map(|_| t::guide_shared().to_owned()),
            material.note.clone(),
            material.why.as_ref().filter(|_| truth == Truth::Unknown).map(|why| t::guide_maybe(why)),
        ];
        entry(material.name.clone(), said, None, material.basis)
    };
    let list = |asked: bool| -> Vec<AnyView> {
        let needed = bundle
            .materials
            .iter()
            .zip(&plan.materials)
            .filter(|(material, truth)| **truth != Truth::No && plan::asked_for(material) == asked);
        needed.map(|(material, truth)| row(material, *truth)).collect()
    };
    let (yours, ours) = (list(true), list(false));
    view! {
        {if yours.is_empty() { view! { <p>{t::guide_zero_materials()}</p> }.into_any() } else { view! { <ul class="facts">{yours}</ul> }.into_any() }}
        {bundle.materials.iter().any(|material| material.deferrable.is_some()).then(|| term(Term::Deferral))}
        {bundle.materials.iter().any(|material| material.declaration.is_some()).then(|| term(Term::Declaration))}
        {(!ours.is_empty()).then(|| view! { <h3>{t::guide_materials_ours()}</h3><ul class="facts">{ours}</ul> })}
    }
}

fn form(bundle: &Bundle) -> impl IntoView + use<> {
    let groups: Vec<String> = bundle.groups.iter().map(|group| group.label.clone()).collect();
    let known = bundle.fields.iter().filter(|field| field.prefill.is_some()).count();
    t::guide_form_text(&locale::list(&groups), &bundle.fields.len().to_string(), &known.to_string())
}

fn lead(view: &BundleView) -> impl IntoView + use<> {
    let lead = view.departments.get(&view.bundle.lead).cloned().unwrap_or_default();
    view! { <p>{t::guide_lead(&lead)}</p>{term(Term::Lead)} }
}

fn limits(view: &BundleView, items: &[&Item]) -> impl IntoView + use<> {
    let row = |item: &&Item| {
        let none = item.legal_limit.is_none() && item.promised_limit.is_none();
        let said = [
            Some(item_kind(item.kind).to_owned()),
            item.optional.then(|| t::guide_item_optional().to_owned()),
            item.legal_limit.as_ref().map(|limit| t::guide_legal(&limit::whole(limit))),
            item.promised_limit.as_ref().map(|limit| t::guide_promised(&limit::whole(limit))),
            item.apply_within.as_ref().map(|limit| t::guide_apply_within(&limit::whole(limit))),
            item.publicity_period.as_ref().map(|limit| t::guide_publicity(&limit::whole(limit))),
            item.note.clone(),
            none.then(|| t::guide_limit_unknown().to_owned()),
        ];
        entry(item.name.clone(), said, None, item.basis)
    };
    let promise = view.bundle.promise.as_ref().map(|promise| view! { <p>{t::guide_whole(&limit::whole(promise))}</p> });
    let rows: Vec<AnyView> = items.iter().map(row).collect();
    let public = items.iter().any(|item| item.publicity_period.is_some());
    view! { {promise}<ul class="facts">{rows}</ul>{term(Term::Limits)}{public.then(|| term(Term::Publicity))} }
}

fn fees(bundle: &Bundle, plan: &Plan) -> impl IntoView + use<> {
    let row = |fee: &Fee, truth: Truth| {
        let price = match (fee.amount, fee.unit) {
            (Some(0), _) => t::guide_free().to_owned(),
            (Some(amount), Some(unit)) => t::guide_price(&locale::amount(amount), fee_unit(unit)),
            (Some(amount), None) => locale::amount(amount),
            (None, _) => t::guide_price_unknown().to_owned(),
        };
        let said = [Some(price), fee.note.clone(), (truth == Truth::Unknown).then(|| t::guide_fee_maybe().to_owned())];
        entry(fee.name.clone(), said, fee.basis_document.as_ref(), fee.basis)
    };
    let rows: Vec<AnyView> = bundle
        .fees
        .iter()
        .zip(&plan.fees)
        .filter(|(_, truth)| **truth != Truth::No)
        .map(|(fee, truth)| row(fee, *truth))
        .collect();
    view! { <ul class="facts">{rows}</ul> }
}

fn outcomes(bundle: &Bundle) -> impl IntoView + use<> {
    let modes: Vec<String> = bundle.delivery.iter().map(|mode| delivery(*mode).to_owned()).collect();
    view! {
        <ul>{bundle.outcomes.iter().map(|outcome| view! { <li>{outcome.name.clone()}</li> }).collect_view()}</ul>
        <p>{t::guide_delivery(&locale::list(&modes))}</p>
    }
}

fn law(bundle: &Bundle) -> impl IntoView + use<> {
    let national = bundle
        .national_list
        .as_ref()
        .filter(|list| !bundle.law.contains(&list.document))
        .map(|list| view! { <li lang="zh-CN">{list.document.clone()}</li> });
    view! { <ul>{bundle.law.iter().map(|law| view! { <li lang="zh-CN">{law.clone()}</li> }).collect_view()}{national}</ul> }
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Store => t::origin_store(),
        Origin::System => t::origin_system(),
        Origin::Applicant => t::origin_applicant(),
        Origin::Agency => t::origin_agency(),
    }
}

fn form_word(form: MaterialForm) -> &'static str {
    match form {
        MaterialForm::ECertificate => t::material_e_certificate(),
        MaterialForm::Original => t::material_original(),
        MaterialForm::Copy => t::material_copy(),
        MaterialForm::Photo => t::material_photo(),
        MaterialForm::Data => t::material_data(),
        MaterialForm::Form => t::material_form(),
        MaterialForm::Commitment => t::material_commitment(),
        MaterialForm::ESigned => t::material_e_signed(),
    }
}

fn item_kind(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Licence => t::item_licence(),
        ItemKind::Benefit => t::item_benefit(),
        ItemKind::Confirmation => t::item_confirmation(),
        ItemKind::Reward => t::item_reward(),
        ItemKind::Ruling => t::item_ruling(),
        ItemKind::Other => t::item_other(),
        ItemKind::PublicService => t::item_public_service(),
    }
}

fn fee_unit(unit: FeeUnit) -> &'static str {
    match unit {
        FeeUnit::Piece => t::unit_piece(),
        FeeUnit::Copy => t::unit_copy(),
        FeeUnit::Card => t::unit_card(),
        FeeUnit::Set => t::unit_set(),
        FeeUnit::Year => t::unit_year(),
        FeeUnit::Month => t::unit_month(),
    }
}

/// A way of handing over, in words.
pub(super) fn delivery(mode: Delivery) -> &'static str {
    match mode {
        Delivery::EOnly => t::delivery_e_only(),
        Delivery::Post => t::delivery_post(),
        Delivery::Window => t::delivery_window(),
        Delivery::SelfService => t::delivery_self_service(),
    }
}
