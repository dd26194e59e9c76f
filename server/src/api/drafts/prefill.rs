//! What is known already: asked of the registers all at once, each with a time limit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use contract::catalogue::{Bundle, Field};
use contract::draft::GapReason;
use contract::problem::FaultRule;
use contract::value::{Facts, Row, Value};
use engine::form::SAME;
use engine::plan::{self, Plan};

use super::stored::{EARLIER, StoredDraft, StoredSource};
use crate::App;
use crate::case::Case;
use crate::http::Refusal;
use crate::http::extract::Language;
use crate::sim::registers::Known;

/// A register that takes longer is too slow to wait for.
const PATIENCE: Duration = Duration::from_millis(2500);

/// What registers answered, by register.
pub(super) type Answers = BTreeMap<String, Result<Option<Known>, GapReason>>;

/// Registers a bundle can be filled from.
pub(super) fn registers(bundle: &Bundle) -> BTreeSet<String> {
    let asked = plan::fields(bundle).filter_map(element).map(|(register, _)| register.to_owned());
    asked.chain(bundle.materials.iter().filter_map(|material| material.shared.clone())).collect()
}

/// The register and the element a field is filled from.
fn element(field: &Field) -> Option<(&str, &str)> {
    field.prefill.as_deref()?.split_once('.')
}

/// Asks registers, all at once.
pub(super) async fn ask(app: &App, person: &str, registers: BTreeSet<String>) -> Answers {
    let asked = registers.into_iter().map(|register| async move {
        let answer = match tokio::time::timeout(PATIENCE, app.registers.ask(person, &register)).await {
            Ok(Ok(known)) => Ok(known),
            Ok(Err(_)) => Err(GapReason::Unavailable),
            Err(_) => Err(GapReason::Slow),
        };
        (register, answer)
    });
    futures_util::future::join_all(asked).await.into_iter().collect()
}

/// Fills what is still empty from what registers answered. What the person said stays.
pub(super) fn fill(app: &App, bundle: &Bundle, stored: &mut StoredDraft, answers: &Answers) -> Vec<String> {
    let before = Plan::of(bundle, &stored.facts, app.catalogue.today());
    let concerned: BTreeSet<String> = before.active_fields(bundle).map(|field| field.id.clone()).collect();
    let (mut filled, mut helped, mut missed) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for field in plan::fields(bundle) {
        let Some((register, name)) = element(field) else { continue };
        let Some(answer) = answers.get(register) else { continue };
        // A register that only a question of other people's situations needs is not missed.
        if concerned.contains(&field.id) {
            missed.insert(register.to_owned());
        }
        let Ok(Some(known)) = answer else { continue };
        let Some(value) = known.values.get(name) else { continue };
        helped.insert(register.to_owned());
        let source = StoredSource {
            register: register.to_owned(),
            value: fitting(field, value.clone()),
            as_of: known.as_of.clone(),
            grade: known.grade,
        };
        if take(app, field, source, stored) {
            filled.push(field.id.clone());
        }
    }
    stored.gaps.retain(|(register, _)| !answers.contains_key(register));
    for register in missed.difference(&helped) {
        let reason = match answers.get(register) {
            Some(Err(reason)) => *reason,
            _ => GapReason::Empty,
        };
        stored.gaps.push((register.clone(), reason));
    }
    filled
}

/// Fills what no register knows from what the person said in earlier applications, where the same
/// data element was asked. Commitments and consents are no facts, so they are never among it.
pub(super) async fn fill_from_earlier(
    app: &App,
    owner: &str,
    bundle: &Bundle,
    stored: &mut StoredDraft,
) -> Result<(), Refusal> {
    let open: Vec<&Field> = plan::fields(bundle)
        .filter(|field| element(field).is_some() && !stored.facts.contains_key(&field.id))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT doc FROM applications WHERE owner = $1 ORDER BY submitted_at DESC LIMIT 20")
            .bind(owner)
            .fetch_all(app.store.reads())
            .await?;
    let cases: Vec<Case> = rows.iter().map(|(doc,)| serde_json::from_str(doc)).collect::<Result<_, _>>()?;
    for field in open {
        let found = cases.iter().find_map(|case| {
            let earlier = plan::fields(app.catalogue.bundle(&case.bundle)?)
                .find(|other| other.prefill == field.prefill && other.kind == field.kind)?;
            Some((case, case.facts.get(&earlier.id)?))
        });
        if let Some((case, value)) = found {
            let source = StoredSource {
                register: format!("{EARLIER}{}", case.number),
                value: fitting(field, value.clone()),
                as_of: app.catalogue.zone.moment(&case.submitted_at).chars().take(10).collect(),
                grade: contract::draft::Grade::D,
            };
            take(app, field, source, stored);
        }
    }
    Ok(())
}

/// Takes a value over where nothing was said yet and it keeps the field's rules: what was valid once is checked again.
fn take(app: &App, field: &Field, source: StoredSource, stored: &mut StoredDraft) -> bool {
    let sound = plan::field_faults(field, Some(&source.value), app.catalogue.today(), app.catalogue.as_ref())
        .iter()
        .all(|fault| fault.rule == FaultRule::Missing);
    let free = !stored.facts.contains_key(&field.id) && !source.value.is_blank();
    if sound && free {
        stored.facts.insert(field.id.clone(), source.value.clone());
        stored.sources.insert(field.id.clone(), source);
    }
    sound && free
}

/// Fields that begin with the answer to another one.
pub(super) fn fill_same(bundle: &Bundle, facts: &mut Facts) {
    for field in plan::fields(bundle) {
        if let Some(same) = field.prefill.as_deref().filter(|prefill| prefill.starts_with(SAME)) {
            facts.entry(field.id.clone()).or_insert_with(|| Value::from(same));
        }
    }
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

/// Notes which registers know the person; they answer in the place of the materials they cover.
pub(super) fn share(app: &App, bundle: &Bundle, stored: &mut StoredDraft, answers: &Answers) {
    for (register, answer) in answers {
        if matches!(answer, Ok(Some(_))) {
            stored.knows.insert(register.clone());
        }
    }
    let named = stored.knows.iter().map(|id| (id.clone(), app.registers.name(id, Language::SOURCE))).collect();
    for (material, provided) in engine::way::answered(bundle, &stored.facts, &named) {
        stored.materials.entry(material).or_insert(provided);
    }
}
