//! How far the region trusts a person's promises: broken ones it recorded, and the credit register.

use std::time::Duration;

use contract::material::PaperKind;
use contract::value::Value;
use engine::way::{Credit, Standing};
use sqlx::AnyConnection;

use crate::App;
use crate::http::Refusal;
use crate::{clock, random};

/// The credit register is not waited for longer than other registers.
const PATIENCE: Duration = Duration::from_millis(2500);

/// A person's standing now; nothing is asked where nothing can be promised.
///
/// # Errors
/// When the database does not answer. A silent register is no error: its answer is unknown.
pub async fn of(app: &App, person: &str, promises: bool) -> Result<Standing, Refusal> {
    if !promises {
        return Ok(Standing { breach: false, credit: Credit::Unknown });
    }
    let breach: Option<(String,)> =
        sqlx::query_as("SELECT id FROM breaches WHERE owner = $1 AND repaired_at IS NULL LIMIT 1")
            .bind(person)
            .fetch_optional(app.store.reads())
            .await?;
    Ok(Standing { breach: breach.is_some(), credit: credit(app, person).await })
}

async fn credit(app: &App, person: &str) -> Credit {
    let register = &app.catalogue.region.promises.credit_register;
    let asked = tokio::time::timeout(PATIENCE, app.registers.ask(person, register)).await;
    let Ok(Ok(Some(known))) = asked else { return Credit::Unknown };
    match known.values.get("standing").map(Value::text) {
        Some("good") => Credit::Good,
        Some("poor") => Credit::Poor,
        Some("dishonest") => Credit::Dishonest,
        _ => Credit::Unknown,
    }
}

/// Records a promise that was not kept.
///
/// # Errors
/// When the database does not take it.
pub async fn broken(
    connection: &mut AnyConnection,
    owner: &str,
    application: &str,
    number: &str,
    material: &str,
) -> Result<(), Refusal> {
    sqlx::query("INSERT INTO breaches (id, owner, application, number, material, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(random::id())
        .bind(owner)
        .bind(application)
        .bind(number)
        .bind(material)
        .bind(clock::stored_now())
        .execute(connection)
        .await?;
    Ok(())
}

/// The paper a promise of this kind is made by.
#[must_use]
pub fn paper_of(provided: &contract::material::Provided) -> Option<PaperKind> {
    use contract::material::Provided;
    match provided {
        Provided::Declared => Some(PaperKind::Declaration),
        Provided::OnCommitment => Some(PaperKind::OnCommitment),
        Provided::Deferred => Some(PaperKind::Deferral),
        Provided::Shared { .. } | Provided::Documents { .. } => None,
    }
}
