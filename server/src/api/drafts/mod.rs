//! Drafts: started from a situation, prefilled from registers, saved field by field by whoever may.

mod handover;
mod materials;
mod prefill;
mod shape;
mod stored;
mod versions;

use axum::extract::{Path, State};
use contract::catalogue::Bundle;
use contract::draft::{AskRegisters, Draft, PatchDraft, Saved, StartDraft};
use contract::problem::{Fault, FaultRule};
use sqlx::AnyConnection;

use crate::App;
use crate::http::extract::{Language, Once, Person, Unsafe, Version};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
pub(crate) use materials::{forget_document, vanished};
pub use stored::{DraftRow, StoredDraft, find, places};
pub use versions::record;

/// Longest note to a dispute, in characters.
const NOTE: usize = 500;

pub(super) fn add(routes: &mut Routes) {
    let (start, draft) = (routes.schema::<StartDraft>(), routes.schema::<Draft>());
    routes.add(
        routes
            .describe("post", "/drafts", "Start a draft, prefilled from registers", Access::Person)
            .once()
            .takes(start)
            .gives(201, draft.clone()),
        self::start,
    );
    routes.add(
        routes
            .describe("get", "/drafts/{id}", "A draft of mine, or one I fill in for somebody", Access::Person)
            .gives(200, draft.clone()),
        get,
    );
    let (patch, saved) = (routes.schema::<PatchDraft>(), routes.schema::<Saved>());
    routes.add(
        routes
            .describe(
                "patch",
                "/drafts/{id}",
                "Change some facts; different facts of several hands merge",
                Access::Person,
            )
            .once()
            .version()
            .takes(patch)
            .gives(200, saved),
        self::patch,
    );
    routes.add(routes.describe("delete", "/drafts/{id}", "Discard a draft", Access::Person).gives_nothing(), discard);
    let ask = routes.schema::<AskRegisters>();
    routes.add(
        routes
            .describe("post", "/drafts/{id}/prefill", "Ask registers again for what is still empty", Access::Person)
            .once()
            .takes(ask)
            .gives(200, draft),
        self::ask,
    );
    materials::add(routes);
    handover::add(routes);
}

async fn start(
    State(app): State<App>,
    person: Person,
    language: Language,
    request: Unsafe<StartDraft>,
) -> Result<Answer, Refusal> {
    let bundle = app.catalogue.bundle(&request.body.bundle).ok_or(Refusal::NotFound)?;
    shape::check(bundle, request.body.answers.iter().map(|(id, value)| (id, Some(value))))?;
    let answers = prefill::ask(&app, &person.id, prefill::registers(bundle)).await;
    let form = app.catalogue.form(&bundle.id).to_owned();
    let mut stored = StoredDraft { form, facts: request.body.answers, ..StoredDraft::default() };
    // What a register fixes is never typed, at the start neither.
    for field in engine::plan::fields(bundle).filter(|field| field.fixed) {
        stored.facts.remove(&field.id);
    }
    prefill::fill(&app, bundle, &mut stored, &answers);
    prefill::fill_from_earlier(&app, &person.id, bundle, &mut stored).await?;
    prefill::fill_same(bundle, &mut stored.facts);
    stored.facts = engine::plan::computed(bundle, &stored.facts, app.catalogue.today());
    prefill::share(&app, bundle, &mut stored, &answers);
    let (app, bundle) = (app.clone(), bundle.id.clone());
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let bundle = app.catalogue.bundle(&bundle).ok_or(Refusal::NotFound)?;
                    let row = DraftRow::insert(&app, connection, &person.id, bundle, stored).await?;
                    Ok(Answer::created(&row.view(&app, &person, language))?.version(1))
                })
            }),
        )
        .await
}

async fn get(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    let mut row = find(app.store.reads(), &person.id, &id).await?;
    if row.stored.form != app.catalogue.form(&row.bundle) {
        row = versions::migrate(&app, &person, &id).await?;
    }
    let mut view = row.view(&app, &person, language);
    if let Some(migration) = &row.stored.migration {
        view.migration = Some(versions::labels(&app, &row.bundle, migration, language).await?);
    }
    Ok(Answer::ok(&view)?.version(row.version))
}

async fn patch(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Version(seen): Version,
    request: Unsafe<PatchDraft>,
) -> Result<Answer, Refusal> {
    change(app, person, id, request.once, move |app, person, bundle, row| {
        let PatchDraft { mut set, dispute, migration_seen } = request.body;
        shape::check(bundle, set.iter().map(|(id, value)| (id, value.as_ref())))?;
        check_fixed(bundle, &row.stored, &set)?;
        // What is computed is computed here: nobody's word counts, and nobody's word conflicts.
        for field in engine::plan::fields(bundle).filter(|field| field.derive.is_some()) {
            set.remove(&field.id);
        }
        if !dispute.is_empty() && row.is_agent(person) {
            return Err(Refusal::Conflict("only the person says that a register is wrong"));
        }
        let mine = set.clone();
        row.merge(bundle, seen, set, app.catalogue.today())?;
        for (id, note) in dispute {
            self::dispute(&mut row.stored, id, note)?;
        }
        if migration_seen {
            row.stored.migration = None;
        }
        let mut others = row.since(seen);
        others.retain(|id, value| mine.get(id) != Some(value));
        Ok(others)
    })
    .await
}

/// A value a register fixed can be disputed, but not typed over.
fn check_fixed(bundle: &Bundle, stored: &StoredDraft, set: &engine::merge::Patch) -> Result<(), Refusal> {
    let typed_over = |field: &&contract::catalogue::Field| {
        let register = stored.sources.get(&field.id).filter(|source| !source.is_earlier());
        let given = register.map(|source| &source.value);
        field.fixed && given.is_some() && set.get(&field.id).is_some_and(|value| value.as_ref() != given)
    };
    let faults: Vec<Fault> = engine::plan::fields(bundle)
        .filter(typed_over)
        .map(|field| Fault::new(field.id.clone(), FaultRule::Forged))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}

/// Says that a register is wrong, or takes that back. Only what a register said can be disputed.
fn dispute(stored: &mut StoredDraft, id: String, note: Option<String>) -> Result<(), Refusal> {
    let refused = |rule| Err(Refusal::Invalid(vec![Fault::new(id.clone(), rule)]));
    match note {
        None => {
            stored.disputes.remove(&id);
        }
        Some(_) if !stored.sources.contains_key(&id) => return refused(FaultRule::Unknown),
        Some(note) if note.chars().count() > NOTE => return refused(FaultRule::TooLong),
        Some(note) => {
            stored.disputes.insert(id, note.trim().to_owned());
        }
    }
    Ok(())
}

async fn ask(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    request: Unsafe<AskRegisters>,
) -> Result<Answer, Refusal> {
    let row = find(app.store.reads(), &person.id, &id).await?;
    let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
    let mut wanted = prefill::registers(bundle);
    wanted.retain(|register| request.body.registers.contains(register));
    // Registers are asked before the draft is locked: nobody waits for them but who asked.
    let answers = prefill::ask(&app, &row.owner, wanted).await;
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &id).await?;
                    let mut row = find(&mut *connection, &person.id, &id).await?;
                    let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
                    let before = row.stored.facts.clone();
                    let filled = prefill::fill(&app, bundle, &mut row.stored, &answers);
                    let facts = std::mem::replace(&mut row.stored.facts, before);
                    let news = filled.into_iter().map(|id| (id.clone(), facts.get(&id).cloned())).collect();
                    let (seen, today) = (row.version, app.catalogue.today());
                    row.merge(bundle, seen, news, today)?;
                    prefill::share(&app, bundle, &mut row.stored, &answers);
                    row.save(&app, connection).await?;
                    Ok(Answer::ok(&row.view(&app, &person, language))?.version(row.version))
                })
            }),
        )
        .await
}

/// Changes a draft once. `edit` gives what others changed since its author last looked.
async fn change(
    app: App,
    person: Person,
    id: String,
    once: Once,
    edit: impl FnOnce(&App, &Person, &Bundle, &mut DraftRow) -> Result<engine::merge::Patch, Refusal> + Send + 'static,
) -> Result<Answer, Refusal> {
    app.clone()
        .once(
            once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let (mut row, bundle) = open(&app, connection, &person, &id).await?;
                    let others = edit(&app, &person, bundle, &mut row)?;
                    let saved = Saved { others, ..row.save(&app, connection).await? };
                    Ok(Answer::ok(&saved)?.version(saved.version))
                })
            }),
        )
        .await
}

/// Locks and reads a draft that follows the present version of its bundle; one that does not is read first.
async fn open<'a>(
    app: &'a App,
    connection: &mut AnyConnection,
    person: &Person,
    id: &str,
) -> Result<(DraftRow, &'a Bundle), Refusal> {
    app.store.lock(connection, id).await?;
    let row = find(&mut *connection, &person.id, id).await?;
    if row.stored.form != app.catalogue.form(&row.bundle) {
        return Err(Refusal::Stale);
    }
    let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
    Ok((row, bundle))
}

async fn discard(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Answer, Refusal> {
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let gone = sqlx::query("DELETE FROM drafts WHERE id = $1 AND owner = $2")
                    .bind(&id)
                    .bind(person.id)
                    .execute(&mut *connection)
                    .await?;
                if gone.rows_affected() == 1 {
                    sqlx::query("DELETE FROM uses WHERE draft = $1").bind(id).execute(connection).await?;
                }
                if gone.rows_affected() == 1 { Ok(Answer::nothing()) } else { Err(Refusal::NotFound) }
            })
        }))
        .await
}
