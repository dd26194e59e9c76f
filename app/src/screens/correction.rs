//! Exactly what is asked for, all at once, and nothing else.

use std::sync::Arc;

use contract::application::{Application, Submitted, Supplement};
use contract::catalogue::BundleView;
use contract::material::Requirements;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::materials::{self, Given};
use super::steps;
use crate::client::{self, Failure, Terms};
use crate::components::load::Load;
use crate::components::notice;
use crate::draft::Sheet;
use crate::form::{self, Section};
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::{Site, site};

type Content = (Application, Submitted, Requirements, Arc<BundleView>);

pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || fetch(site, id.clone())).show(correction)
}

async fn fetch(site: Site, id: String) -> Result<Content, Failure> {
    let application: Application = client::get(&format!("/applications/{id}")).await?;
    let submitted = client::get(&format!("/applications/{id}/facts")).await?;
    let requirements = client::get(&format!("/applications/{id}/materials")).await?;
    let view = site.bundle(application.bundle.as_str()).await?;
    Ok((application, submitted, requirements, view))
}

fn correction((application, submitted, requirements, view): Content) -> AnyView {
    let site = site();
    site.router.arrives(t::correction_title());
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
    let provided = RwSignal::new(Given::new());
    let list = materials::asked(&application, &requirements, provided);
    let wanted = requirements.requirements.into_iter().filter(|one| asked.materials.contains(&one.material));
    let lines = wanted.map(|requirement| materials::entry(&list, requirement)).collect_view();
    let (notice_read, files) = (list.notice, list.clone());
    let purpose = notice_read.with_value(materials::folded);
    let hint = (!asked.materials.is_empty()).then(|| list.hint());
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
        if busy.get_untracked() || files.waits_for_files(failed) {
            return;
        }
        busy.set(true);
        let facts = sheet.facts();
        let body = Supplement {
            facts: asked_for.fields.iter().filter_map(|id| Some((id.clone(), facts.get(id)?.clone()))).collect(),
            materials: provided.get_untracked(),
            signed: Some(notice_read.with_value(|notice| notice.digest.clone())),
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
            {hint.map(|hint| view! { {hint}{purpose} })}
            <ul class="checklist">{lines}</ul>
            {notice::alert(failed)}
            <div class="action"><button class="button primary" aria-disabled=move || busy.get().then_some("true")>{t::correction_send()}</button></div>
        </form>
    }
    .into_any()
}
