//! The ledger of what was promised: counted down, brought, taken back; and the screen to bring it.

use contract::application::Application;
use contract::material::{Bring, Owed, OwedState, OwedWhy, PaperCard, Provided, Requirement, Requirements};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::materials::{self, Checklist, Given};
use super::steps;
use crate::client::{self, Terms};
use crate::components::load::Load;
use crate::components::{notice, timeline};
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

/// What is due next, in a sentence; nothing where nothing is open.
pub(super) fn next(application: &Application) -> Option<String> {
    let open = application.owed.iter().filter(|owed| owed.state == OwedState::Open);
    let dated = open.filter_map(|owed| Some((owed.until.as_ref()?, owed)));
    let (due, owed) = dated.min_by(|left, right| left.0.day.cmp(&right.0.day))?;
    Some(format!("{}{}{}", owed.name, t::common_comma(), timeline::due(due)))
}

/// Everything promised in an application.
pub(super) fn ledger(application: &Application, load: Load<Application>) -> impl IntoView + use<> {
    let open = application.owed.iter().any(|owed| owed.state == OwedState::Open && owed.until.is_some());
    let bring = site().router.href(&Route::Owed(application.id.0.clone()));
    let lines: Vec<_> = application.owed.iter().map(line).collect();
    let declared: Vec<_> = application.declared.iter().map(|one| declaration(application, one, load)).collect();
    let papers: Vec<_> = application.papers.iter().map(|paper| self::paper(application, paper)).collect();
    let any = !(lines.is_empty() && declared.is_empty() && papers.is_empty());
    any.then(|| {
        view! {
            <section class="part" id="owed">
                <h2>{t::owed_title()}</h2>
                <ul class="facts">{lines}{declared}</ul>
                {open.then(|| view! { <p><a class="button" href=bring>{t::owed_bring()}</a></p> })}
                {(!papers.is_empty()).then(|| view! { <details><summary>{t::owed_papers()}</summary><ul>{papers}</ul></details> })}
            </section>
        }
    })
}

fn line(owed: &Owed) -> AnyView {
    let day = |day: &str| locale::day(day, Style::Short);
    let said = match (owed.state, &owed.until) {
        (OwedState::Open, Some(due)) => timeline::due(due),
        (OwedState::Open, None) => t::owed_after_decision().to_owned(),
        (OwedState::Met, _) => t::owed_met().to_owned(),
        (OwedState::Lapsed, until) => t::owed_lapsed(&until.as_ref().map(|due| day(&due.day)).unwrap_or_default()),
        (OwedState::Void, _) => t::owed_void().to_owned(),
    };
    let items = locale::list(&owed.items);
    let effect = matches!(owed.state, OwedState::Open | OwedState::Lapsed).then(|| match owed.why {
        OwedWhy::Deferral => t::owed_effect_deferral(&items),
        OwedWhy::OnCommitment => t::owed_effect_on_commitment(&items),
        OwedWhy::Withdrawn => t::owed_effect_withdrawn(&items),
    });
    let word = match owed.why {
        OwedWhy::Deferral => t::owed_deferral(),
        OwedWhy::OnCommitment => t::owed_on_commitment(),
        OwedWhy::Withdrawn => t::owed_withdrawn(),
    };
    let needs = owed.state == OwedState::Open && owed.until.is_some();
    view! {
        <li data-owed=owed.material.0.clone()>
            <span class="strong">{owed.name.clone()}</span>
            <span class="badge" class:needs=needs>{word}</span>
            <span>{said}</span>
            {effect.map(|effect| view! { <span class="quiet">{effect}</span> })}
        </li>
    }
    .into_any()
}

fn declaration(application: &Application, declared: &contract::material::Declared, load: Load<Application>) -> AnyView {
    let (asking, failed, busy) = (RwSignal::new(false), RwSignal::new(None), RwSignal::new(false));
    let path = format!("/applications/{}/withdrawals/{}", application.id, declared.material);
    let terms = StoredValue::new(Terms::fresh());
    let withdraw = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let path = path.clone();
        spawn_local(async move {
            match client::post::<Application>(&path, &terms.get_value(), &()).await {
                Ok(application) => load.put(application),
                Err(failure) => {
                    let _ = busy.try_set(false);
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                }
            }
        });
    };
    let withdraw = StoredValue::new(withdraw);
    let can = declared.can_withdraw;
    view! {
        <li data-declared=declared.material.0.clone()>
            <span class="strong">{declared.name.clone()}</span>
            <span class="badge">{t::owed_declaration()}</span>
            {if can {
                view! {
                    <span class="quiet">{t::owed_may_withdraw()}</span>
                    {move || if asking.get() {
                        view! {
                            <p>{t::owed_withdraw_sure()}</p>
                            <button type="button" class="button" aria-disabled=move || busy.get().then_some("true") on:click=move |event| withdraw.with_value(|withdraw| withdraw(event))>{t::owed_withdraw_yes()}</button>
                            <button type="button" class="button quiet" on:click=move |_| asking.set(false)>{t::owed_withdraw_no()}</button>
                        }.into_any()
                    } else {
                        view! { <button type="button" class="link" on:click=move |_| asking.set(true)>{t::owed_withdraw()}</button> }.into_any()
                    }}
                }.into_any()
            } else {
                view! { <span class="quiet">{t::owed_decided()}</span> }.into_any()
            }}
            {notice::alert(failed)}
        </li>
    }
    .into_any()
}

fn paper(application: &Application, paper: &PaperCard) -> impl IntoView + use<> {
    let address = client::address(&format!("/applications/{}/papers/{}", application.id, paper.id));
    let named = t::owed_download(&paper.title);
    view! {
        <li>
            <a href=address download=format!("{}.pdf", paper.title) aria-label=named>{paper.title.clone()}</a>
            " "<span class="quiet">{paper.material.clone()}{t::common_comma()}{locale::moment(&paper.at)}{paper.withdrawn.then(t::owed_taken_back)}</span>
        </li>
    }
}

pub(super) fn screen(id: String) -> AnyView {
    let load = Load::start(move || {
        let id = id.clone();
        async move {
            let application: Application = client::get(&format!("/applications/{id}")).await?;
            let requirements: Requirements = client::get(&format!("/applications/{id}/materials")).await?;
            Ok((application, requirements))
        }
    });
    load.show(move |(application, requirements)| bring(application, requirements, load))
}

fn bring(application: Application, requirements: Requirements, load: Load<(Application, Requirements)>) -> AnyView {
    let site = site();
    site.router.arrives(t::owed_bring_title());
    let progress = site.router.href(&Route::Progress(application.id.0.clone()));
    let provided = RwSignal::new(Given::new());
    let list = materials::asked(&application, &requirements, provided);
    let open: Vec<Requirement> = requirements.requirements.into_iter().filter(|one| one.owed.is_some()).collect();
    let nothing = open.is_empty().then(|| view! { <p>{t::owed_nothing()}</p> });
    let purpose = list.notice.with_value(materials::folded);
    let hint = (!open.is_empty()).then(|| view! { {list.hint()}{purpose} });
    let last = open.len() == 1;
    let parts: Vec<_> = open.into_iter().map(|one| part(&application, &list, one, (!last).then_some(load))).collect();
    view! {
        <p class="quiet">{application.name.clone()}</p>
        <h1 tabindex="-1">{t::owed_bring_title()}</h1>
        {nothing}
        {hint}
        {parts}
        <p><a class="button quiet" href=progress>{t::pay_to_progress()}</a></p>
    }
    .into_any()
}

/// One material with its own button: each promise is kept for itself. `more` shows the others that are left.
fn part(
    application: &Application,
    list: &Checklist,
    requirement: Requirement,
    more: Option<Load<(Application, Requirements)>>,
) -> AnyView {
    let site = site();
    let (failed, busy, terms) = (RwSignal::new(None), RwSignal::new(false), StoredValue::new(Terms::fresh()));
    let id = requirement.material.clone();
    let path = format!("/applications/{}/owed/{id}", application.id);
    let (provided, notice_read, files) = (list.provided, list.notice, list.clone());
    let said = requirement.owed.as_ref().map(line);
    let element = materials::element_id(&id);
    let progress = Route::Progress(application.id.0.clone());
    let send = move |_| {
        let given = provided.with_untracked(|provided| provided.get(&id).cloned());
        let Some(Provided::Documents { documents }) = given else {
            failed.set(Some(t::fault_material()));
            steps::focus(&element);
            return;
        };
        if busy.get_untracked() || files.waits_for_files(failed) {
            return;
        }
        busy.set(true);
        let signed = Some(notice_read.with_value(|notice| notice.digest.clone()));
        let (path, progress) = (path.clone(), progress.clone());
        spawn_local(async move {
            match client::post::<Application>(&path, &terms.get_value(), &Bring { documents, signed }).await {
                Ok(_) => match more {
                    Some(more) => more.again(),
                    None => site.router.replace(progress),
                },
                Err(failure) => {
                    let _ = busy.try_set(false);
                    if failure != client::Failure::Network {
                        terms.set_value(Terms::fresh());
                    }
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                }
            }
        });
    };
    let (label, last) = (t::owed_send(&requirement.name), more.is_none());
    view! {
        <section class="part">
            <ul class="facts">{said}</ul>
            <ul class="checklist">{materials::entry(list, requirement)}</ul>
            {notice::alert(failed)}
            <button type="button" class="button" class:primary=last aria-disabled=move || busy.get().then_some("true") on:click=send>{label}</button>
        </section>
    }
    .into_any()
}
