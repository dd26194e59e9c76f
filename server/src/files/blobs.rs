//! Which files there are: each content once, erased with the last document that has it.

use sha2::{Digest, Sha256};
use sqlx::AnyConnection;

use crate::App;
use crate::clock;
use crate::http::Refusal;

/// A file written to the store, whose row is not there yet.
pub struct Written {
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    object: String,
    key: String,
}

/// The digest a file is known by.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A written file must be made known within this many seconds, or it is erased.
const PENDING: i64 = 3600;

/// Seals a file into the store. It is doomed until `keep` makes it known, so that nothing stays
/// behind where the server stops in between.
///
/// # Errors
/// When the store does not take it.
pub async fn write(app: &App, bytes: &[u8]) -> Result<Written, Refusal> {
    let (key, wrapped) = app.files.fresh_key()?;
    let object = format!("files/{}", crate::random::id());
    doom_later(app, object.clone(), PENDING).await?;
    app.files.put(&object, &key, bytes).await?;
    Ok(Written { sha256: digest(bytes), object, key: wrapped })
}

/// Notes, before it is written, an object to be erased unless it is spared until then.
///
/// # Errors
/// When the database does not answer.
pub async fn doom_later(app: &App, object: String, seconds: i64) -> Result<(), Refusal> {
    app.store.write(Box::new(move |connection| Box::pin(async move { doom(connection, &object, seconds).await }))).await
}

/// Makes a written file known. Where its content is there already, the new object goes.
///
/// # Errors
/// When the database does not answer.
pub async fn keep(app: &App, connection: &mut AnyConnection, written: &Written) -> Result<(), Refusal> {
    app.store.lock(connection, &written.sha256).await?;
    let fresh =
        sqlx::query("INSERT INTO blobs (sha256, object, sealed_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(&written.sha256)
            .bind(&written.object)
            .bind(&written.key)
            .execute(&mut *connection)
            .await?
            .rows_affected();
    if fresh == 1 { spare(connection, &written.object).await } else { doom(connection, &written.object, 0).await }
}

/// A doomed object is needed after all.
///
/// # Errors
/// When the database does not answer.
pub async fn spare(connection: &mut AnyConnection, object: &str) -> Result<(), Refusal> {
    sqlx::query("DELETE FROM doomed WHERE object = $1").bind(object).execute(connection).await?;
    Ok(())
}

/// Dooms a file that no document has any more.
///
/// # Errors
/// When the database does not answer.
pub async fn release(app: &App, connection: &mut AnyConnection, sha256: &str) -> Result<(), Refusal> {
    app.store.lock(connection, sha256).await?;
    let held: Option<(String,)> = sqlx::query_as("SELECT id FROM documents WHERE sha256 = $1 LIMIT 1")
        .bind(sha256)
        .fetch_optional(&mut *connection)
        .await?;
    if held.is_some() {
        return Ok(());
    }
    let object: Option<(String,)> = sqlx::query_as("SELECT object FROM blobs WHERE sha256 = $1")
        .bind(sha256)
        .fetch_optional(&mut *connection)
        .await?;
    let Some((object,)) = object else { return Ok(()) };
    sqlx::query("DELETE FROM blobs WHERE sha256 = $1").bind(sha256).execute(&mut *connection).await?;
    doom(connection, &object, 0).await
}

/// Notes an object to be erased so many seconds from now: by `sweep`, once the transaction that dooms it stands.
///
/// # Errors
/// When the database does not answer.
pub async fn doom(connection: &mut AnyConnection, object: &str, seconds: i64) -> Result<(), Refusal> {
    sqlx::query(
        "INSERT INTO doomed (object, since) VALUES ($1, $2) ON CONFLICT (object) DO UPDATE SET since = excluded.since",
    )
    .bind(object)
    .bind(clock::stored_in(seconds))
    .execute(connection)
    .await?;
    Ok(())
}

/// Erases what is doomed. What the store refuses now is tried again with the next tidying.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(app: &App) -> Result<(), Refusal> {
    let doomed: Vec<(String,)> = sqlx::query_as("SELECT object FROM doomed WHERE since <= $1 ORDER BY since LIMIT 500")
        .bind(clock::stored_now())
        .fetch_all(app.store.reads())
        .await?;
    for (object,) in doomed {
        if app.files.erase(&object).await.is_err() {
            continue;
        }
        app.store
            .write(Box::new(move |connection| {
                Box::pin(async move {
                    sqlx::query("DELETE FROM doomed WHERE object = $1").bind(object).execute(connection).await?;
                    Ok(())
                })
            }))
            .await?;
    }
    Ok(())
}

/// A file's content.
///
/// # Errors
/// When it is not there or cannot be opened.
pub async fn read(app: &App, sha256: &str) -> Result<Vec<u8>, Refusal> {
    let row: Option<(String, String)> = sqlx::query_as("SELECT object, sealed_key FROM blobs WHERE sha256 = $1")
        .bind(sha256)
        .fetch_optional(app.store.reads())
        .await?;
    let (object, key) = row.ok_or(Refusal::NotFound)?;
    if key.is_empty() {
        return app.files.get_unsealed(&object).await;
    }
    app.files.get(&object, &app.files.key(&key)?).await
}
