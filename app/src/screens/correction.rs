//! Exactly what is asked for, all at once, and nothing else.

use std::sync::Arc;

use contract::application::{Application, Submitted, Supplement};
use contract::catalogue::BundleView;
use contract::draft::Document;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{materials, steps};
use crate::client::{self, Failure, Terms};
use crate::components::load::Load;
use crate::components::notice;
use crate::draft::Sheet;
use crate::form::{self, Section};
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::{Site, site};

type Content = (Application, Submitted, Vec<Document>, Arc<BundleView>);

pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || fetch(site, id.clone())).show(correction)
}

async fn fetch(site: Site, id: String) -> Result<Content, Failure> {
    let application: Application = client::get(&format!("/applications/{id}")).await?;
    let submitted = client::get(&format!("/applications/{id}/facts")).await?;
    let documents = client::get("/documents").await?;
    let view = site.bundle(application.bundle.as_str()).await?;
    Ok((application, submitted, documents, view))
}

fn correction((application, submitted, documents, view): Content) -> AnyView {
    let site = site();
    Effect::new(move |_| site.router.arrived(t::correction_title()));
    let progress = Route::Progress(application.id.0.clone());
    let Some(asked) = application.correction.clone() else {
        return view! {
            <h1 tabindex="-1">{t::correction_title()}</h1>
            <p>{t::correction_nothing()}</p>
            <a class="button primary" href=site.router.href(&progress)>{t::pay_to_progress()}</a>
        }
        .into_any();
    };
    let sheet = Sheet::new(view, &submitted.facts);
    for (code, name) in &submitted.places {
        sheet.know_place(code, name.clone(), false);
    }
    let places: Vec<usize> = asked.fields.iter().filter_map(|id| sheet.index(id)).collect();
    let fields = form::form(&sheet, &[Section { title: None, places: places.clone() }]);
    // What was provided before is asked for again.
    let mut provided = submitted.materials;
    provided.retain(|id, _| !asked.materials.contains(id));
    let provided = RwSignal::new(provided);
    let provide: materials::Provide = Arc::new(move |material, way, _| {
        provided.update(|provided| {
            match way {
                Some(way) => provided.insert(material, way),
                None => provided.remove(&material),
            };
        });
    });
    let documents = RwSignal::new(documents);
    let by_agent = submitted.facts.get("by_agent").is_some_and(|value| value.text() == "yes");
    let wanted =
        sheet.view().bundle.materials.iter().filter(|material| asked.materials.contains(&material.id)).cloned();
    let lines = wanted
        .map(|material| {
            materials::line(materials::Line { material, by_agent, documents, provided, provide: provide.clone() })
        })
        .collect_view();
    let (faults, failed, busy) = (RwSignal::new(Vec::new()), RwSignal::new(None), RwSignal::new(false));
    let (path, asked_for) = (format!("/applications/{}/supplement", application.id), asked.clone());
    let terms = StoredValue::new(Terms::fresh());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let found = sheet.check(&places);
        if !found.is_empty() {
            steps::complain(faults, &sheet, &found);
            return;
        }
        let missing =
            provided.with_untracked(|provided| asked_for.materials.iter().any(|id| !provided.contains_key(id)));
        if missing {
            failed.set(Some(t::fault_material()));
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let facts = sheet.facts();
        let body = Supplement {
            facts: asked_for.fields.iter().filter_map(|id| Some((id.clone(), facts.get(id)?.clone()))).collect(),
            materials: provided
                .get_untracked()
                .into_iter()
                .filter(|(id, _)| asked_for.materials.contains(id))
                .collect(),
        };
        let (path, progress, sheet) = (path.clone(), progress.clone(), sheet.clone());
        spawn_local(async move {
            match client::post::<Application>(&path, &terms.get_value(), &body).await {
                Ok(_) => site.router.replace(progress),
                Err(failure) => {
                    busy.set(false);
                    // Another answer is another request.
                    if failure != Failure::Network {
                        terms.set_value(Terms::fresh());
                    }
                    if let Failure::Refused(problem) = &failure {
                        sheet.show_all(&problem.faults);
                        steps::complain(faults, &sheet, &problem.faults);
                    }
                    failed.set(Some(notice::sentence(&failure)));
                }
            }
        });
    };
    view! {
        <p class="quiet">{application.name.clone()}</p>
        <h1 tabindex="-1">{t::correction_title()}</h1>
        <p class="notice">{t::correction_reason(&asked.department_name, &asked.reason)}</p>
        <p>{t::correction_until(&locale::day(&asked.until, Style::Long))}</p>
        {steps::error_summary(faults)}
        <form novalidate on:submit=send>
            {fields}
            <ul class="checklist">{lines}</ul>
            {notice::alert(failed)}
            <div class="action"><button class="button primary" aria-disabled=move || busy.get().then_some("true")>{t::correction_send()}</button></div>
        </form>
    }
    .into_any()
}
