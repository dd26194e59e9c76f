//! Answers that can be given again: what an `Idempotency-Key` remembers.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sqlx::AnyConnection;

use super::Refusal;
use super::extract::Once;
use crate::App;
use crate::clock;

/// A JSON answer with its version.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    etag: Option<i64>,
    body: String,
}

impl Answer {
    /// 200 with a body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn ok(body: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { status: StatusCode::OK, etag: None, body: serde_json::to_string(body)? })
    }

    /// 201 with a body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn created(body: &impl Serialize) -> Result<Self, Refusal> {
        Ok(Self { status: StatusCode::CREATED, ..Self::ok(body)? })
    }

    /// 204.
    #[must_use]
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, etag: None, body: String::new() }
    }

    /// What it says, read again.
    ///
    /// # Errors
    /// When it says something else.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// Adds the version as `ETag`.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.etag = Some(version);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // Answers are personal, but for those of `public`: no cache keeps them.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(etag) = self.etag.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok()) {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

/// What anybody gets, under a tag that changes when it does: a cache keeps it and asks whether it still holds. The body
/// is made only where it does not.
///
/// # Errors
/// When there is no body, or it cannot be written as JSON.
pub fn public<T: Serialize>(
    tag: &str,
    asked: &HeaderMap,
    body: impl FnOnce() -> Option<T>,
) -> Result<Response, Refusal> {
    let etag = format!("\"{tag}\"");
    let kept = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let holds = kept.flat_map(|list| list.split(',')).any(|one| one.trim().trim_start_matches("W/") == etag);
    let mut response = if holds {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Answer::ok(&body().ok_or(Refusal::Internal)?)?.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(|_| Refusal::Internal)?);
    Ok(response)
}

/// A job that answers.
pub type Work = Box<
    dyn for<'c> FnOnce(&'c mut AnyConnection) -> futures_util::future::BoxFuture<'c, Result<Answer, Refusal>> + Send,
>;

impl App {
    /// Does unsafe work once: a repetition with the same key and request gets the first answer.
    ///
    /// # Errors
    /// The work's refusal (nothing is remembered then), or a key used for another request.
    pub async fn once(&self, once: Once, work: Work) -> Result<Answer, Refusal> {
        self.store
            .write(Box::new(move |connection| {
                Box::pin(async move {
                    // The row is claimed first: a parallel repetition waits here for this transaction to end.
                    let claimed = sqlx::query(
                        "INSERT INTO answers (owner, idempotency_key, fingerprint, status, body, created_at) \
                         VALUES ($1, $2, $3, 0, '', $4) ON CONFLICT DO NOTHING",
                    )
                    .bind(&once.owner)
                    .bind(&once.key)
                    .bind(&once.fingerprint)
                    .bind(clock::stored_now())
                    .execute(&mut *connection)
                    .await?
                    .rows_affected();
                    if claimed == 0 {
                        return replay(connection, &once).await;
                    }
                    let answer = work(connection).await?;
                    sqlx::query("UPDATE answers SET status = $1, etag = $2, body = $3 WHERE owner = $4 AND idempotency_key = $5")
                        .bind(i64::from(answer.status.as_u16()))
                        .bind(answer.etag)
                        .bind(&answer.body)
                        .bind(&once.owner)
                        .bind(&once.key)
                        .execute(connection)
                        .await?;
                    Ok(answer)
                })
            }))
            .await
    }
}

async fn replay(connection: &mut AnyConnection, once: &Once) -> Result<Answer, Refusal> {
    let (fingerprint, status, etag, body): (String, i64, Option<i64>, String) =
        sqlx::query_as("SELECT fingerprint, status, etag, body FROM answers WHERE owner = $1 AND idempotency_key = $2")
            .bind(&once.owner)
            .bind(&once.key)
            .fetch_one(connection)
            .await?;
    if fingerprint != once.fingerprint {
        return Err(Refusal::KeyReused);
    }
    let status =
        u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok()).ok_or(Refusal::Internal)?;
    Ok(Answer { status, etag, body })
}
