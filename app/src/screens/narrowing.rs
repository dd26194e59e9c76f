//! What the answers change: what applies, what fell away, and why.

use contract::catalogue::{Bundle, BundleView};
use engine::condition::Truth;
use engine::plan::{self, Plan};
use leptos::prelude::*;

use crate::components::limit;
use crate::locale::texts as t;

/// How much is left, said as the answers change.
pub(super) fn summary(view: &BundleView, plan: &Plan) -> impl IntoView + use<> {
    let bundle = &view.bundle;
    let items: Vec<_> = plan.active_items(bundle).collect();
    let materials =
        plan.active_materials(bundle).filter(|material| plan::asked_for(material) && material.required).count();
    let names: Vec<_> = items
        .iter()
        .map(|item| {
            let department = view.departments.get(&item.department).cloned().unwrap_or_default();
            let takes = item.promised_limit.as_ref().map(limit::length);
            view! { <li>{t::guide_lane(&department, &item.name)}{takes.map(|takes| view! { <span class="quiet">{takes}</span> })}</li> }
        })
        .collect();
    view! {
        <p class="strong" role="status">{t::situations_summary(&items.len().to_string(), &materials.to_string())}</p>
        <ul>{names}</ul>
    }
}

/// What fell away, and why.
pub(super) fn fallen(bundle: &Bundle, plan: &Plan) -> impl IntoView + use<> {
    let items = bundle.items.iter().zip(&plan.items).filter(|(_, truth)| **truth == Truth::No).map(|(item, _)| {
        let why = item.why.clone().unwrap_or_else(|| t::situations_left_out().to_owned());
        (item.name.clone(), why)
    });
    let materials = bundle
        .materials
        .iter()
        .zip(&plan.materials)
        .filter(|(material, truth)| **truth == Truth::No && plan::asked_for(material))
        .map(|(material, _)| {
            let why = material.why.clone().unwrap_or_else(|| t::situations_item_fell().to_owned());
            (material.name.clone(), why)
        });
    let fallen: Vec<_> = items.chain(materials).collect();
    (!fallen.is_empty()).then(|| {
        let lines = fallen.into_iter().map(|(name, why)| view! { <li><s>{name}</s><span class="quiet">{why}</span></li> });
        view! { <section class="fallen"><h2>{t::situations_fallen()}</h2><ul class="facts">{lines.collect_view()}</ul></section> }
    })
}
