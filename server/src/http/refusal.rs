//! Every way the API can say no, each with a stable problem type (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::material::Bar;
use contract::problem::{Fault, Problem, Theirs};

use crate::files::inspect::Unsound;

/// A refusal. Its texts never hold personal data nor anything of the database.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody is signed in, or the session has ended.
    #[error("sign in first")]
    SignedOut,
    /// The one-time ticket is unknown, used or too old.
    #[error("the ticket is not valid")]
    Ticket,
    /// Signed in, but not for this.
    #[error("this role may not do that")]
    Forbidden,
    /// Not there, or somebody else's.
    #[error("there is no such thing")]
    NotFound,
    /// The path exists, the method does not.
    #[error("this method is not offered here")]
    Method,
    /// The body is not what the endpoint takes.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The body is not JSON, or not a kind of file that is taken.
    #[error("this media type is not taken here")]
    Media,
    /// The body is too large.
    #[error("the body is too large")]
    TooLarge,
    /// An unsafe request without `Idempotency-Key`.
    #[error("send an Idempotency-Key of 8 to 100 letters, digits or dashes")]
    KeyMissing,
    /// The same key with another request.
    #[error("this Idempotency-Key belongs to another request")]
    KeyReused,
    /// A change without `If-Match`.
    #[error("send If-Match with the version you saw")]
    VersionMissing,
    /// The version seen is not the newest.
    #[error("somebody changed it meanwhile")]
    Stale,
    /// Somebody changed the same facts to something else meanwhile; nothing was taken over.
    #[error("somebody changed the same facts meanwhile")]
    Contested(Theirs),
    /// Values break rules.
    #[error("some values break rules")]
    Invalid(Vec<Fault>),
    /// A commitment shown was not made.
    #[error("make all the commitments shown")]
    Commitments,
    /// A file whose content is not taken.
    #[error("the file is not taken: {0:?}")]
    File(Unsound),
    /// Malware.
    #[error("the file holds malware")]
    Infected,
    /// What arrived is not what was announced.
    #[error("the content is not the one announced")]
    Changed,
    /// Too much at once.
    #[error("too much is under way; end some of it first")]
    TooMany,
    /// Another version of the upload protocol.
    #[error("uploads speak Tus-Resumable: 1.0.0")]
    Protocol,
    /// An upload goes on at another byte.
    #[error("the upload goes on at byte {0}")]
    Offset(i64),
    /// The store takes nothing more now; what it has is safe.
    #[error("the store takes nothing now; what was saved is safe")]
    StorageFull,
    /// A way to meet a material that is closed to this person.
    #[error("this way is closed: {0:?}")]
    Barred(Bar),
    /// A promise without a signature under the paper it is made by.
    #[error("read the paper and send its digest as `signed`")]
    Unsigned,
    /// The paper reads differently now.
    #[error("the paper changed since it was read")]
    PaperChanged,
    /// An earlier attempt to pay could not be closed yet: it may still be charged.
    #[error("an earlier payment is still being checked; do not pay again")]
    PaymentUnsure,
    /// Not possible in the present state.
    #[error("not possible now: {0}")]
    Conflict(&'static str),
    /// Try again soon.
    #[error("temporarily unavailable")]
    Unavailable,
    /// Our fault; the log knows more.
    #[error("something went wrong here")]
    Internal,
}

impl Refusal {
    /// Status and last part of the problem type.
    #[must_use]
    pub fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::SignedOut => (StatusCode::UNAUTHORIZED, "signed-out"),
            Self::Ticket => (StatusCode::UNAUTHORIZED, "ticket"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
            Self::Media => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Self::KeyMissing => (StatusCode::BAD_REQUEST, "idempotency-key-missing"),
            Self::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused"),
            Self::VersionMissing => (StatusCode::PRECONDITION_REQUIRED, "version-missing"),
            Self::Stale => (StatusCode::PRECONDITION_FAILED, "stale"),
            Self::Contested(_) => (StatusCode::PRECONDITION_FAILED, "contested"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Commitments => (StatusCode::UNPROCESSABLE_ENTITY, "commitments"),
            Self::File(unsound) => (StatusCode::UNPROCESSABLE_ENTITY, unsound_kind(*unsound)),
            Self::Infected => (StatusCode::UNPROCESSABLE_ENTITY, "file-infected"),
            Self::Changed => (StatusCode::UNPROCESSABLE_ENTITY, "file-changed"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many"),
            Self::Protocol => (StatusCode::PRECONDITION_FAILED, "upload-protocol"),
            Self::Offset(_) => (StatusCode::CONFLICT, "upload-offset"),
            Self::StorageFull => (StatusCode::INSUFFICIENT_STORAGE, "storage-full"),
            Self::Barred(bar) => (StatusCode::CONFLICT, bar_kind(*bar)),
            Self::Unsigned => (StatusCode::UNPROCESSABLE_ENTITY, "paper-unsigned"),
            Self::PaperChanged => (StatusCode::CONFLICT, "paper-changed"),
            Self::PaymentUnsure => (StatusCode::CONFLICT, "payment-unsure"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

fn unsound_kind(unsound: Unsound) -> &'static str {
    match unsound {
        Unsound::Empty => "file-empty",
        Unsound::Kind => "file-kind",
        Unsound::Damaged => "file-damaged",
        Unsound::Polyglot => "file-polyglot",
        Unsound::Active => "file-active",
        Unsound::Locked => "file-locked",
        Unsound::Pixels => "file-pixels",
        Unsound::Pages => "file-pages",
        Unsound::Bomb => "file-bomb",
    }
}

fn bar_kind(bar: Bar) -> &'static str {
    match bar {
        Bar::Agent => "barred-agent",
        Bar::Breach => "barred-breach",
        Bar::Dishonest => "barred-dishonest",
        Bar::Credit => "barred-credit",
        Bar::CreditUnknown => "barred-credit-unknown",
        Bar::Expired => "barred-expired",
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        // The text of a database error can hold values: it goes to the log's debug level only.
        tracing::debug!(%error, "database");
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed => Self::Unavailable,
            // SQLite 13 is a full disk, PostgreSQL 53100 likewise.
            sqlx::Error::Database(error) if matches!(error.code().as_deref(), Some("13" | "53100")) => {
                Self::StorageFull
            }
            _ => {
                tracing::error!("the database refused a statement");
                Self::Internal
            }
        }
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(_: serde_json::Error) -> Self {
        tracing::error!("a stored document could not be read or written");
        Self::Internal
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the data folder");
        Self::Unavailable
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, kind) = self.kind();
        let detail = self.to_string();
        let (faults, theirs) = match self {
            Self::Invalid(faults) => (faults, None),
            Self::Contested(theirs) => (Vec::new(), Some(theirs)),
            _ => (Vec::new(), None),
        };
        let problem = Problem {
            type_uri: format!("{}{kind}", Problem::BASE),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail: Some(detail),
            faults,
            theirs,
        };
        let body = serde_json::to_string(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if kind == "upload-protocol" {
            response.headers_mut().insert("tus-version", HeaderValue::from_static("1.0.0"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}
