//! Drafts: started from a situation, prefilled from registers, saved field by field.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Path, State};
use contract::catalogue::{Bundle, BundleId, Field, MaterialId};
use contract::draft::{
    Draft, DraftId, Gap, GapReason, Grade, PatchDraft, Provenance, ProvideMaterial, Provided, Saved, StartDraft,
};
use contract::problem::{Fault, FaultRule};
use contract::value::{Facts, Row, Value};
use engine::plan::{self, DECLINED, Plan};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::documents;
use crate::http::extract::{Language, Person, Unsafe, Version};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, clock, random};

/// A draft as it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StoredDraft {
    /// The facts.
    pub facts: Facts,
    /// What registers said.
    pub sources: BTreeMap<String, StoredSource>,
    /// Registers that could not help.
    pub gaps: Vec<(String, GapReason)>,
    /// Materials gathered.
    pub materials: BTreeMap<MaterialId, Provided>,
}

/// What one register said about one fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredSource {
    register: String,
    /// The value it gave.
    pub value: Value,
    as_of: String,
    grade: Grade,
}

/// A row of the drafts table.
pub struct DraftRow {
    /// Its id.
    pub id: String,
    /// Its bundle.
    pub bundle: BundleId,
    /// Its version.
    pub version: i64,
    /// Its content.
    pub stored: StoredDraft,
    saved_at: String,
    expires_at: String,
}

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
    routes.add(routes.describe("get", "/drafts/{id}", "A draft of mine", Access::Person).gives(200, draft), get);
    let (patch, saved) = (routes.schema::<PatchDraft>(), routes.schema::<Saved>());
    routes.add(
        routes
            .describe("patch", "/drafts/{id}", "Change some facts", Access::Person)
            .once()
            .version()
            .takes(patch)
            .gives(200, saved.clone()),
        self::patch,
    );
    routes.add(routes.describe("delete", "/drafts/{id}", "Discard a draft", Access::Person).gives_nothing(), discard);
    let provide = routes.schema::<ProvideMaterial>();
    routes.add(
        routes
            .describe("put", "/drafts/{id}/materials/{material}", "Say how a material is met", Access::Person)
            .once()
            .version()
            .takes(provide)
            .gives(200, saved),
        self::provide,
    );
}

/// Reads a draft of its owner; anyone else's is not there.
///
/// # Errors
/// When it is not there.
pub async fn find<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    owner: &str,
    id: &str,
) -> Result<DraftRow, Refusal> {
    let row: Option<(String, i64, String, String, String)> =
        sqlx::query_as("SELECT bundle, version, doc, saved_at, expires_at FROM drafts WHERE id = $1 AND owner = $2 AND expires_at > $3")
            .bind(id)
            .bind(owner)
            .bind(clock::stored_now())
            .fetch_optional(executor)
            .await?;
    let (bundle, version, doc, saved_at, expires_at) = row.ok_or(Refusal::NotFound)?;
    Ok(DraftRow {
        id: id.to_owned(),
        bundle: BundleId(bundle),
        version,
        stored: serde_json::from_str(&doc)?,
        saved_at,
        expires_at,
    })
}

impl DraftRow {
    fn view(&self, app: &App, language: Language) -> Draft {
        let source = |source: &StoredSource| Provenance {
            register: source.register.clone(),
            name: app.registers.name(&source.register, language),
            value: source.value.clone(),
            as_of: source.as_of.clone(),
            grade: source.grade,
        };
        Draft {
            id: DraftId(self.id.clone()),
            bundle: self.bundle.clone(),
            version: self.version,
            facts: self.stored.facts.clone(),
            sources: self.stored.sources.iter().map(|(id, stored)| (id.clone(), source(stored))).collect(),
            gaps: self
                .stored
                .gaps
                .iter()
                .map(|(register, reason)| Gap {
                    register: register.clone(),
                    name: app.registers.name(register, language),
                    reason: *reason,
                })
                .collect(),
            materials: self.stored.materials.clone(),
            saved_at: app.catalogue.zone.moment(&self.saved_at),
            expires_at: app.catalogue.zone.moment(&self.expires_at),
        }
    }

    /// Stores the next version.
    async fn save(&mut self, app: &App, connection: &mut AnyConnection) -> Result<Saved, Refusal> {
        self.saved_at = clock::stored_now();
        self.expires_at = keep_until(app);
        let changed = sqlx::query("UPDATE drafts SET doc = $1, version = version + 1, saved_at = $2, expires_at = $3 WHERE id = $4 AND version = $5")
            .bind(serde_json::to_string(&self.stored)?)
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
        Ok(Saved { version: self.version, saved_at: app.catalogue.zone.moment(&self.saved_at) })
    }
}

fn keep_until(app: &App) -> String {
    clock::stored_in(i64::from(app.catalogue.region.drafts.keep_days) * 24 * 3600)
}

async fn start(
    State(app): State<App>,
    person: Person,
    language: Language,
    request: Unsafe<StartDraft>,
) -> Result<Answer, Refusal> {
    let bundle = app.catalogue.bundle(&request.body.bundle).ok_or(Refusal::NotFound)?;
    check_shapes(bundle, request.body.answers.iter().map(|(id, value)| (id, Some(value))))?;
    let mut stored = prefill(&app, bundle, &person.id, request.body.answers);
    stored.materials = reuse(&app, bundle, &person.id, &stored.facts);
    let app = app.clone();
    let bundle = bundle.id.clone();
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let row = DraftRow { id: random::id(), bundle, version: 1, stored, saved_at: clock::stored_now(), expires_at: keep_until(&app) };
                    sqlx::query("INSERT INTO drafts (id, owner, bundle, version, doc, saved_at, expires_at) VALUES ($1, $2, $3, 1, $4, $5, $6)")
                        .bind(&row.id)
                        .bind(&person.id)
                        .bind(row.bundle.as_str())
                        .bind(serde_json::to_string(&row.stored)?)
                        .bind(&row.saved_at)
                        .bind(&row.expires_at)
                        .execute(connection)
                        .await?;
                    Ok(Answer::created(&row.view(&app, language))?.version(1))
                })
            }),
        )
        .await
}

/// Asks the registers for everything the bundle can have from them. What the person said stays.
fn prefill(app: &App, bundle: &Bundle, person: &str, answers: Facts) -> StoredDraft {
    let mut stored = StoredDraft { facts: answers, ..StoredDraft::default() };
    let concerned: BTreeSet<String> =
        Plan::of(bundle, &stored.facts).active_fields(bundle).map(|field| field.id.clone()).collect();
    let (mut silent, mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for field in bundle.questions.iter().chain(&bundle.fields) {
        let Some((register, element)) = field.prefill.as_deref().and_then(|prefill| prefill.split_once('.')) else {
            continue;
        };
        // A register that only a question of other people's situations needs is not missed.
        let missed = concerned.contains(&field.id);
        if missed {
            asked.insert(register.to_owned());
        }
        match app.registers.look_up(person, register, element) {
            Err(_) => {
                if missed {
                    silent.insert(register.to_owned());
                }
            }
            Ok(None) => {}
            Ok(Some(entry)) => {
                answered.insert(register.to_owned());
                let value = fitting(field, entry.value);
                let options = |table: &str| app.catalogue.table(table);
                let sound = plan::field_faults(field, Some(&value), app.catalogue.today(), options)
                    .iter()
                    .all(|fault| fault.rule == FaultRule::Missing);
                if sound && !stored.facts.contains_key(&field.id) && !value.is_blank() {
                    stored.facts.insert(field.id.clone(), value.clone());
                    stored.sources.insert(
                        field.id.clone(),
                        StoredSource { register: register.to_owned(), value, as_of: entry.as_of, grade: entry.grade },
                    );
                }
            }
        }
    }
    let empty = asked.into_iter().filter(|register| !answered.contains(register) && !silent.contains(register));
    stored.gaps = empty.map(|register| (register, GapReason::Empty)).collect();
    stored.gaps.extend(silent.iter().map(|register| (register.clone(), GapReason::Unavailable)));
    apply_derived(app, bundle, &mut stored.facts);
    stored
}

/// A register may know more columns than this form asks for.
fn fitting(field: &Field, value: Value) -> Value {
    match value {
        Value::Rows(rows) => {
            let known = |row: Row| {
                row.into_iter().filter(|(id, _)| field.columns.iter().any(|column| column.id == *id)).collect()
            };
            Value::Rows(rows.into_iter().map(known).collect())
        }
        other => other,
    }
}

/// Ticks what a valid e-certificate of the person covers.
fn reuse(app: &App, bundle: &Bundle, person: &str, facts: &Facts) -> BTreeMap<MaterialId, Provided> {
    let certificates = app.registers.certificates(person, Language::Zh, app.catalogue.today());
    let plan = Plan::of(bundle, facts);
    plan.active_materials(bundle)
        .filter_map(|material| {
            let kind = material.certificate.as_ref()?;
            let found = certificates
                .iter()
                .find(|document| document.certificate.as_ref() == Some(kind) && !document.expired)?;
            Some((material.id.clone(), Provided::Documents { documents: vec![found.id.clone()] }))
        })
        .collect()
}

fn apply_derived(app: &App, bundle: &Bundle, facts: &mut Facts) {
    for (id, value) in plan::derive(bundle, facts, app.catalogue.today()) {
        match value {
            Some(value) => facts.insert(id, value),
            None => facts.remove(&id),
        };
    }
}

async fn get(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
) -> Result<Answer, Refusal> {
    let row = find(app.store.reads(), &person.id, &id).await?;
    Ok(Answer::ok(&row.view(&app, language))?.version(row.version))
}

async fn patch(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Version(seen): Version,
    request: Unsafe<PatchDraft>,
) -> Result<Answer, Refusal> {
    change(app, person, id, seen, request.once, move |app, bundle, stored| {
        check_shapes(bundle, request.body.set.iter().map(|(id, value)| (id, value.as_ref())))?;
        for (id, value) in request.body.set {
            match value {
                Some(value) => stored.facts.insert(id, value),
                None => stored.facts.remove(&id),
            };
        }
        apply_derived(app, bundle, &mut stored.facts);
        Ok(())
    })
    .await
}

async fn provide(
    State(app): State<App>,
    person: Person,
    Path((id, material)): Path<(String, String)>,
    Version(seen): Version,
    request: Unsafe<ProvideMaterial>,
) -> Result<Answer, Refusal> {
    let material = MaterialId(material);
    if let Some(provided) = &request.body.provided {
        documents::all_of(&app, &person.id, provided).await?;
    }
    change(app, person, id, seen, request.once, move |_, bundle, stored| {
        match request.body.provided {
            Some(provided) => {
                may_provide(bundle, &stored.facts, &material, &provided)?;
                stored.materials.insert(material, provided);
            }
            None => {
                stored.materials.remove(&material);
            }
        }
        Ok(())
    })
    .await
}

/// Whether a material may be met this way.
///
/// # Errors
/// When the material is not of this errand, or the way is barred.
pub fn may_provide(bundle: &Bundle, facts: &Facts, id: &MaterialId, provided: &Provided) -> Result<(), Refusal> {
    let material = bundle.materials.iter().find(|material| material.id == *id).ok_or(Refusal::NotFound)?;
    // A commitment is made by the person: an agent cannot (国办发〔2020〕42号).
    let by_agent = facts.get("by_agent").is_some_and(|value| value.text() == "yes");
    match provided {
        Provided::Documents { documents } if documents.is_empty() || documents.len() > 20 => {
            Err(Refusal::Malformed("1 to 20 documents".to_owned()))
        }
        Provided::Documents { .. } => Ok(()),
        Provided::Declared if !material.declaration => {
            Err(Refusal::Conflict("no declaration can replace this material"))
        }
        Provided::Deferred if material.deferrable.is_none() => {
            Err(Refusal::Conflict("this material cannot come later"))
        }
        Provided::Declared | Provided::Deferred if by_agent => {
            Err(Refusal::Conflict("an agent cannot make this commitment"))
        }
        Provided::Declared | Provided::Deferred => Ok(()),
    }
}

async fn change(
    app: App,
    person: Person,
    id: String,
    seen: i64,
    once: crate::http::extract::Once,
    edit: impl FnOnce(&App, &Bundle, &mut StoredDraft) -> Result<(), Refusal> + Send + 'static,
) -> Result<Answer, Refusal> {
    app.clone()
        .once(
            once,
            Box::new(move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &id).await?;
                    let mut row = find(&mut *connection, &person.id, &id).await?;
                    if row.version != seen {
                        return Err(Refusal::Stale);
                    }
                    let bundle = app.catalogue.bundle(&row.bundle).ok_or(Refusal::NotFound)?;
                    edit(&app, bundle, &mut row.stored)?;
                    let saved = row.save(&app, connection).await?;
                    Ok(Answer::ok(&saved)?.version(saved.version))
                })
            }),
        )
        .await
}

async fn discard(State(app): State<App>, person: Person, Path(id): Path<String>) -> Result<Answer, Refusal> {
    app.store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                let gone = sqlx::query("DELETE FROM drafts WHERE id = $1 AND owner = $2")
                    .bind(id)
                    .bind(person.id)
                    .execute(connection)
                    .await?;
                if gone.rows_affected() == 1 { Ok(Answer::nothing()) } else { Err(Refusal::NotFound) }
            })
        }))
        .await
}

/// Refuses what can never be a value of its field, while letting half-typed answers through.
fn check_shapes<'v>(
    bundle: &Bundle,
    values: impl Iterator<Item = (&'v String, Option<&'v Value>)>,
) -> Result<(), Refusal> {
    let faults: Vec<Fault> = values
        .filter_map(|(id, value)| Some(Fault { at: id.clone(), rule: shape_fault(bundle, id, value)? }))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}

fn shape_fault(bundle: &Bundle, id: &str, value: Option<&Value>) -> Option<FaultRule> {
    use contract::catalogue::FieldKind;
    use engine::answer::{LINES, ROWS};
    let too_long = |text: &String| text.chars().count() > LINES;
    if id == DECLINED {
        let known = |item: &String| bundle.items.iter().any(|one| one.id.0 == *item && one.optional);
        return match value {
            None => None,
            Some(Value::Many(many)) if many.iter().all(known) => None,
            Some(_) => Some(FaultRule::Unknown),
        };
    }
    let Some(field) = bundle.questions.iter().chain(&bundle.fields).find(|field| field.id == id) else {
        return Some(FaultRule::Unknown);
    };
    match (field.kind, value) {
        (_, None) => None,
        (FieldKind::List, Some(Value::Rows(rows))) => {
            let known = rows.iter().flat_map(Row::keys).all(|key| field.columns.iter().any(|column| column.id == *key));
            let long = rows.len() > ROWS || rows.iter().flat_map(Row::values).any(too_long);
            if known { long.then_some(FaultRule::TooLong) } else { Some(FaultRule::Unknown) }
        }
        // An empty list says nothing about what it would hold.
        (FieldKind::List, Some(Value::Many(many))) if many.is_empty() => None,
        (FieldKind::Choices, Some(Value::Many(many))) => {
            (many.len() > 100 || many.iter().any(too_long)).then_some(FaultRule::TooLong)
        }
        (FieldKind::List | FieldKind::Choices, Some(_)) => Some(FaultRule::Unknown),
        (_, Some(Value::Text(text))) => too_long(text).then_some(FaultRule::TooLong),
        (_, Some(_)) => Some(FaultRule::Unknown),
    }
}
