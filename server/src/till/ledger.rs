//! The ledger: every transition of money with its cause, only ever added to. Each line of an
//! attempt holds a digest over the line before, so that a line changed or taken out shows.

use std::collections::BTreeMap;

use contract::Fen;
use contract::payment::{AttemptId, AttemptState, RefundWhy};
use sha2::{Digest, Sha256};
use sqlx::AnyConnection;

use super::Account;
use crate::http::Refusal;
use crate::{clock, random};

/// One line.
pub struct Entry<'e> {
    /// The attempt.
    pub attempt: &'e AttemptId,
    /// Before.
    pub was: &'e str,
    /// After.
    pub became: &'e str,
    /// Fen it is about.
    pub amount: Fen,
    /// Why: `start`, `call`, `notification`, `query`, `statement`, `treasury`,
    /// `department`, `refund`, `price`.
    pub cause: &'e str,
}

/// A state's word.
#[must_use]
pub fn word(state: AttemptState) -> String {
    spelled(serde_json::to_value(state))
}

/// A reason's word.
#[must_use]
pub fn why(why: RefundWhy) -> String {
    spelled(serde_json::to_value(why))
}

fn spelled(value: serde_json::Result<serde_json::Value>) -> String {
    value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn digest(before: &str, seq: i64, entry: &Entry<'_>, at: &str) -> String {
    let Entry { attempt, was, became, amount, cause } = entry;
    hex::encode(Sha256::digest(format!("{before}|{seq}|{attempt}|{was}|{became}|{amount}|{cause}|{at}")))
}

/// Adds a line; gives its number and digest. The caller holds the lock of the attempt's application.
///
/// # Errors
/// When the store does not answer.
pub async fn append(connection: &mut AnyConnection, entry: &Entry<'_>) -> Result<(i64, String), Refusal> {
    let last: Option<(i64, String)> = sqlx::query_as(
        "SELECT seq, digest FROM ledger WHERE attempt = $1 AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1",
    )
    .bind(entry.attempt.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    let (seq, before) = last.map_or((1, String::new()), |(seq, digest)| (seq + 1, digest));
    let at = clock::stored_now();
    let digest = digest(&before, seq, entry, &at);
    sqlx::query(
        "INSERT INTO ledger (id, attempt, was, became, cause, at, seq, amount, digest) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(random::id())
    .bind(entry.attempt.as_str())
    .bind(entry.was)
    .bind(entry.became)
    .bind(entry.cause)
    .bind(&at)
    .bind(seq)
    .bind(entry.amount)
    .bind(&digest)
    .execute(connection)
    .await?;
    Ok((seq, digest))
}

/// Attempts whose lines do not follow from each other, or do not end where the till remembers.
///
/// # Errors
/// When the store does not answer.
pub async fn broken(connection: &mut AnyConnection) -> Result<Vec<AttemptId>, Refusal> {
    type Row = (String, String, String, String, String, i64, i64, String);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT attempt, was, became, cause, at, seq, amount, digest FROM ledger \
         WHERE seq IS NOT NULL ORDER BY attempt, seq",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut heads = remembered(connection).await?;
    let mut broken: Vec<AttemptId> = Vec::new();
    let mut last = (String::new(), 0, String::new());
    for (attempt, was, became, cause, at, seq, amount, found) in rows {
        let (seq_before, before) = if last.0 == attempt { (last.1, last.2) } else { (0, String::new()) };
        let id = AttemptId(attempt.clone());
        let entry = Entry { attempt: &id, was: &was, became: &became, amount, cause: &cause };
        let right = seq == seq_before + 1 && found == digest(&before, seq, &entry, &at);
        if !right && broken.last() != Some(&id) {
            broken.push(id.clone());
        }
        // Each line but the last is left behind by the next.
        if heads.get(&id) == Some(&(seq, found.clone())) {
            heads.remove(&id);
        } else if heads.get(&id).is_some_and(|(head, _)| *head < seq) && broken.last() != Some(&id) {
            broken.push(id);
        }
        last = (attempt, seq, found);
    }
    broken.extend(heads.into_keys().filter(|id| !broken.contains(id)).collect::<Vec<_>>());
    Ok(broken)
}

/// Where the tills remember each attempt's lines to end.
async fn remembered(connection: &mut AnyConnection) -> Result<BTreeMap<AttemptId, (i64, String)>, Refusal> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT doc FROM tills").fetch_all(connection).await?;
    let mut heads = BTreeMap::new();
    for (doc,) in rows {
        let account: Account = serde_json::from_str(&doc)?;
        heads.extend(account.attempts.into_iter().filter_map(|(id, detail)| Some((id, detail.head?))));
    }
    Ok(heads)
}
