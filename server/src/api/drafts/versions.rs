//! Drafts outlive versions of their bundle: every version served is kept, and drafts are moved.

use contract::catalogue::{Bundle, BundleId};
use contract::draft::Migration;

use super::stored::{DraftRow, StoredMigration, find};
use crate::App;
use crate::http::Refusal;
use crate::http::extract::{Language, Person};

/// Keeps the bundles served now, in every language.
///
/// # Errors
/// When the database does not take them.
pub async fn record(app: &App) -> Result<(), Refusal> {
    let mut docs = Vec::new();
    for id in app.catalogue.ids() {
        for language in app.catalogue.languages() {
            let text = app.catalogue.text(id, language).ok_or(Refusal::Internal)?;
            docs.push((id.0.clone(), app.catalogue.form(id).to_owned(), language.tag(), serde_json::to_string(text)?));
        }
    }
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                for (bundle, version, language, doc) in docs {
                    sqlx::query("INSERT INTO bundle_versions (bundle, version, language, doc) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
                        .bind(bundle)
                        .bind(version)
                        .bind(language)
                        .bind(doc)
                        .execute(&mut *connection)
                        .await?;
                }
                Ok(())
            })
        }))
        .await
}

async fn version(app: &App, bundle: &BundleId, version: &str, language: Language) -> Result<Option<Bundle>, Refusal> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT doc FROM bundle_versions WHERE bundle = $1 AND version = $2 AND language = $3")
            .bind(bundle.as_str())
            .bind(version)
            .bind(language.tag())
            .fetch_optional(app.store.reads())
            .await?;
    Ok(row.map(|(doc,)| serde_json::from_str(&doc)).transpose()?)
}

/// Moves a draft to the present version of its bundle.
pub(super) async fn migrate(app: &App, person: &Person, id: &str) -> Result<DraftRow, Refusal> {
    let row = find(app.store.reads(), &person.id, id).await?;
    // Without its own version (a database from before versions were kept) it is taken for the present one.
    let old = version(app, &row.bundle, &row.stored.form, Language::SOURCE).await?;
    let (app, person, id) = (app.clone(), person.id.clone(), id.to_owned());
    let store = app.store.clone();
    store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                app.store.lock(connection, &id).await?;
                let mut row = find(&mut *connection, &person, &id).await?;
                let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
                let form = app.catalogue.form(&row.bundle);
                if row.stored.form == form {
                    return Ok(row);
                }
                let today = app.catalogue.today();
                let from = std::mem::replace(&mut row.stored.form, form.to_owned());
                let moved = engine::migrate::migrate(old.as_ref().unwrap_or(bundle), bundle, &row.stored.facts, today);
                let facts = engine::plan::computed(bundle, &moved.facts, today);
                // Where a value came from, and what was said against it, follow it.
                let sources = std::mem::take(&mut row.stored.sources).into_iter();
                row.stored.sources = sources.filter_map(|(id, one)| Some((moved.name(&id)?.clone(), one))).collect();
                let disputes = std::mem::take(&mut row.stored.disputes).into_iter();
                row.stored.disputes = disputes.filter_map(|(id, one)| Some((moved.name(&id)?.clone(), one))).collect();
                let what = moved.migration;
                row.stored.materials.retain(|id, _| bundle.materials.iter().any(|material| material.id == *id));
                // Every fact may have moved: whoever holds an older version reads the draft anew.
                row.stored.changed = facts.keys().map(|id| (id.clone(), row.version + 1)).collect();
                row.stored.facts = facts;
                if !what.is_empty() {
                    row.stored.migration = Some(StoredMigration { from, what });
                }
                row.save(&app, connection).await?;
                Ok(row)
            })
        }))
        .await
}

/// What a move changed, in words: what was dropped in those of the version it came from.
pub(super) async fn labels(
    app: &App,
    id: &BundleId,
    migration: &StoredMigration,
    language: Language,
) -> Result<Migration, Refusal> {
    let old = version(app, id, &migration.from, language).await?;
    let new = app.catalogue.text(id, language);
    let label = |bundle: Option<&Bundle>, id: &String| {
        bundle
            .and_then(|bundle| engine::plan::fields(bundle).find(|field| field.id == *id))
            .map_or_else(|| id.clone(), |field| field.label.clone())
    };
    let labels = |bundle: Option<&Bundle>, ids: &[String]| ids.iter().map(|id| label(bundle, id)).collect();
    Ok(Migration {
        moved: labels(new, &migration.what.moved),
        dropped: labels(old.as_ref(), &migration.what.dropped),
        added: labels(new, &migration.what.added),
    })
}
