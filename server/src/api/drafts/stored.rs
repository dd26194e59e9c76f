//! A draft as it lies in the database, and as its reader sees it.

use std::collections::{BTreeMap, BTreeSet};

use contract::catalogue::{Bundle, BundleId, FieldKind, MaterialId};
use contract::draft::{Draft, DraftId, Gap, GapReason, Grade, Migration, Provenance, Saved};
use contract::material::Provided;
use contract::value::{Facts, Value};
use engine::mask::mask;
use engine::merge::{Patch, Shared};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use crate::case::Signed;
use crate::http::Refusal;
use crate::http::extract::{Language, Person};
use crate::{App, clock};

/// The content of a draft.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StoredDraft {
    /// The version of the bundle it follows.
    #[serde(default)]
    pub form: String,
    /// The facts.
    pub facts: Facts,
    /// The draft's version that last changed each fact.
    #[serde(default)]
    pub changed: BTreeMap<String, i64>,
    /// What registers said.
    pub sources: BTreeMap<String, StoredSource>,
    /// Registers that could not help.
    pub gaps: Vec<(String, GapReason)>,
    /// Registers' values the person says are wrong.
    #[serde(default)]
    pub disputes: BTreeMap<String, String>,
    /// Materials gathered.
    pub materials: BTreeMap<MaterialId, Provided>,
    /// Papers signed for them.
    #[serde(default)]
    pub signed: BTreeMap<MaterialId, Signed>,
    /// Registers that know the person.
    #[serde(default)]
    pub knows: BTreeSet<String>,
    /// What a newer version of the bundle changed; ids, with the version they were known in.
    #[serde(default)]
    pub migration: Option<StoredMigration>,
    /// Names of the owner and of the agent, where somebody fills it in for somebody else.
    #[serde(default)]
    pub hands: Option<Hands>,
}

/// What one register said about one fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredSource {
    /// The register, or `application:<number>`.
    pub register: String,
    /// The value it gave.
    pub value: Value,
    /// The day it was last checked.
    pub as_of: String,
    /// How far it can be trusted.
    pub grade: Grade,
}

impl StoredSource {
    /// Whether it is an earlier application, not a register.
    pub(super) fn is_earlier(&self) -> bool {
        self.register.starts_with(EARLIER)
    }
}

/// Begins the name of a source that is an earlier application.
pub(super) const EARLIER: &str = "application:";

/// A move to a newer version of the bundle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredMigration {
    /// The version it came from.
    pub from: String,
    /// Field ids.
    pub what: Migration,
}

/// Who a draft is for and who fills it in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hands {
    /// The owner's name.
    pub owner: String,
    /// The agent's name.
    pub agent: String,
}

/// A row of the drafts table, as one person may see it.
pub struct DraftRow {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// Who fills it in for the owner.
    pub agent: Option<String>,
    /// Its bundle.
    pub bundle: BundleId,
    /// Its version.
    pub version: i64,
    /// Its content.
    pub stored: StoredDraft,
    saved_at: String,
    expires_at: String,
}

type Columns = (String, Option<String>, String, i64, String, String, String);

/// Reads a draft for its owner or its agent; for anyone else it is not there.
///
/// # Errors
/// When it is not there.
pub async fn find<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    person: &str,
    id: &str,
) -> Result<DraftRow, Refusal> {
    let row: Option<Columns> = sqlx::query_as(
        "SELECT owner, agent, bundle, version, doc, saved_at, expires_at FROM drafts \
         WHERE id = $1 AND (owner = $2 OR agent = $3) AND expires_at > $4",
    )
    .bind(id)
    .bind(person)
    .bind(person)
    .bind(clock::stored_now())
    .fetch_optional(executor)
    .await?;
    let (owner, agent, bundle, version, doc, saved_at, expires_at) = row.ok_or(Refusal::NotFound)?;
    let stored = serde_json::from_str(&doc)?;
    Ok(DraftRow { id: id.to_owned(), owner, agent, bundle: BundleId(bundle), version, stored, saved_at, expires_at })
}

impl DraftRow {
    /// A new draft, stored.
    ///
    /// # Errors
    /// When the database does not take it.
    pub(super) async fn insert(
        app: &App,
        connection: &mut AnyConnection,
        owner: &str,
        bundle: &Bundle,
        stored: StoredDraft,
    ) -> Result<Self, Refusal> {
        let row = Self {
            id: crate::random::id(),
            owner: owner.to_owned(),
            agent: None,
            bundle: bundle.id.clone(),
            version: 1,
            stored,
            saved_at: clock::stored_now(),
            expires_at: keep_until(app),
        };
        sqlx::query(
            "INSERT INTO drafts (id, owner, bundle, version, doc, saved_at, expires_at) VALUES ($1, $2, $3, 1, $4, $5, $6)",
        )
        .bind(&row.id)
        .bind(&row.owner)
        .bind(row.bundle.as_str())
        .bind(serde_json::to_string(&row.stored)?)
        .bind(&row.saved_at)
        .bind(&row.expires_at)
        .execute(connection)
        .await?;
        Ok(row)
    }

    /// Whether this person fills it in for somebody else.
    #[must_use]
    pub fn is_agent(&self, person: &Person) -> bool {
        self.owner != person.id
    }

    /// As its reader sees it.
    pub(super) fn view(&self, app: &App, person: &Person, language: Language) -> Draft {
        let stored = &self.stored;
        let name = |register: &String| source_name(app, register, language);
        let source = |source: &StoredSource| Provenance {
            register: source.register.clone(),
            name: name(&source.register),
            value: source.value.clone(),
            as_of: source.as_of.clone(),
            grade: source.grade,
        };
        let gap = |(register, reason): &(String, GapReason)| Gap {
            register: register.clone(),
            name: name(register),
            reason: *reason,
        };
        let as_agent = self.is_agent(person);
        let hidden = |hands: &Hands| mask(FieldKind::Name, if as_agent { &hands.owner } else { &hands.agent });
        Draft {
            id: DraftId(self.id.clone()),
            bundle: self.bundle.clone(),
            version: self.version,
            form: stored.form.clone(),
            facts: stored.facts.clone(),
            sources: stored.sources.iter().map(|(id, stored)| (id.clone(), source(stored))).collect(),
            gaps: stored.gaps.iter().map(gap).collect(),
            disputes: stored.disputes.clone(),
            materials: stored.materials.clone(),
            places: places(app, &self.bundle, &stored.facts),
            migration: stored.migration.as_ref().map(|one| one.what.clone()),
            as_agent,
            counterpart: stored.hands.as_ref().map(hidden),
            saved_at: app.catalogue.zone.moment(&self.saved_at),
            expires_at: app.catalogue.zone.moment(&self.expires_at),
        }
    }

    /// Changes some facts as one who saw version `base`, and whatever is computed from them.
    pub(super) fn merge(
        &mut self,
        bundle: &Bundle,
        base: i64,
        patch: Patch,
        today: engine::date::Date,
    ) -> Result<(), Refusal> {
        if base > self.version {
            return Err(Refusal::Stale);
        }
        let stored = &mut self.stored;
        let mut shared = Shared {
            facts: std::mem::take(&mut stored.facts),
            version: self.version,
            changed: std::mem::take(&mut stored.changed),
        };
        let outcome = shared
            .merge(base, patch)
            .map_err(|theirs| Refusal::Contested(contract::problem::Theirs { version: self.version, facts: theirs.0 }));
        if outcome.is_ok() {
            let computed = engine::plan::computed(bundle, &shared.facts, today);
            for field in engine::plan::fields(bundle).filter(|field| field.derive.is_some()) {
                shared.put(field.id.clone(), computed.get(&field.id).cloned());
            }
        }
        stored.facts = shared.facts;
        stored.changed = shared.changed;
        outcome
    }

    /// What others changed after a version.
    pub(super) fn since(&self, base: i64) -> Patch {
        let facts = &self.stored.facts;
        let later = self.stored.changed.iter().filter(|(_, at)| **at > base);
        later.map(|(id, _)| (id.clone(), facts.get(id).cloned())).collect()
    }

    /// Stores the next version.
    ///
    /// # Errors
    /// When somebody else stored one meanwhile.
    pub(super) async fn save(&mut self, app: &App, connection: &mut AnyConnection) -> Result<Saved, Refusal> {
        self.saved_at = clock::stored_now();
        self.expires_at = keep_until(app);
        let changed = sqlx::query("UPDATE drafts SET doc = $1, version = version + 1, agent = $2, saved_at = $3, expires_at = $4 WHERE id = $5 AND version = $6")
            .bind(serde_json::to_string(&self.stored)?)
            .bind(&self.agent)
            .bind(&self.saved_at)
            .bind(&self.expires_at)
            .bind(&self.id)
            .bind(self.version)
            .execute(connection)
            .await?;
        if changed.rows_affected() != 1 {
            return Err(Refusal::Stale);
        }
        self.version += 1;
        Ok(Saved {
            version: self.version,
            saved_at: app.catalogue.zone.moment(&self.saved_at),
            others: BTreeMap::new(),
        })
    }
}

fn keep_until(app: &App) -> String {
    clock::stored_in(i64::from(app.catalogue.region.drafts.keep_days) * 24 * 3600)
}

/// The name of a source for people: a register, or an application of one's own.
fn source_name(app: &App, register: &str, language: Language) -> String {
    match (register.strip_prefix(EARLIER), app.catalogue.instruments(language)) {
        (Some(number), Some(texts)) => texts.words.earlier.replace("{number}", number),
        _ => app.registers.name(register, language),
    }
}

/// Names of the places among some facts.
pub fn places(app: &App, bundle: &BundleId, facts: &Facts) -> BTreeMap<String, String> {
    let Some(bundle) = app.catalogue.bundle(bundle) else { return BTreeMap::new() };
    let mut codes = Vec::new();
    for field in engine::plan::fields(bundle) {
        match facts.get(&field.id) {
            Some(Value::Text(code)) if field.kind == FieldKind::Region => codes.push(code.clone()),
            Some(Value::Rows(rows)) => {
                let columns = field.columns.iter().filter(|column| column.kind == FieldKind::Region);
                codes.extend(columns.flat_map(|column| rows.iter().filter_map(|row| row.get(&column.id)).cloned()));
            }
            _ => {}
        }
    }
    codes.into_iter().filter_map(|code| Some((code.clone(), app.catalogue.divisions.name(&code)?))).collect()
}
