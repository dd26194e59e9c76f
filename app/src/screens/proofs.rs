//! The proofs still asked for (证明清单): nothing beyond it may be demanded.

use contract::material::ProofsOf;
use leptos::prelude::*;

use super::materials;
use crate::client;
use crate::components::html::Html;
use crate::components::load::Load;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    Load::start(|| client::get::<Vec<ProofsOf>>("/proofs")).show(list)
}

fn list(all: Vec<ProofsOf>) -> impl IntoView {
    let router = site().router;
    router.arrives(t::proofs_title());
    let errands = all.into_iter().map(|of| {
        let guide = router.href(&Route::Guide(of.bundle.0.clone()));
        let proofs = of.proofs.into_iter().map(|one| {
            let mut about = Html::default();
            materials::origin(&mut about, &one.proof);
            materials::report(&mut about, of.bundle.0.clone(), &one.material);
            view! {
                <details>
                    <summary>{one.name}{one.declaration.then(|| view! { <span class="badge">{t::guide_declaration()}</span> })}</summary>
                    <div inner_html=about.finish()></div>
                </details>
            }
        });
        view! { <section class="part"><h2><a href=guide>{of.name}</a></h2>{proofs.collect_view()}</section> }
    });
    view! {
        <h1 tabindex="-1">{t::proofs_title()}</h1>
        <p class="lead">{t::proofs_lead()}</p>
        {errands.collect_view()}
    }
}
