//! What handlers are given: who is there, in which language, what was sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use contract::account::Role;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::Refusal;
use crate::App;
use crate::api::account;

/// Someone signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The identity provider's id of the person.
    pub id: String,
    /// The name, unmasked.
    pub name: String,
    /// What the person may do.
    pub role: Role,
}

impl FromRequestParts<App> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let token = account::token(&parts.headers).ok_or(Refusal::SignedOut)?;
        account::person(app, &token).await?.ok_or(Refusal::SignedOut)
    }
}

/// Someone at a department's desk.
pub struct Clerk(
    /// The person.
    pub Person,
);

impl FromRequestParts<App> for Clerk {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let person = Person::from_request_parts(parts, app).await?;
        match person.role {
            Role::Clerk => Ok(Self(person)),
            Role::Citizen => Err(Refusal::Forbidden),
        }
    }
}

/// The language asked for, one the catalogue has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// The source.
    Zh,
    /// English.
    En,
}

impl Language {
    /// Every language of the catalogue.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

impl FromRequestParts<App> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Self::Rejection> {
        let wanted =
            parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(if wanted.trim_start().to_ascii_lowercase().starts_with("en") { Self::En } else { Self::Zh })
    }
}

/// The version the caller saw (`If-Match`).
pub struct Version(
    /// Its number.
    pub i64,
);

impl FromRequestParts<App> for Version {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let seen = parts.headers.get(header::IF_MATCH).ok_or(Refusal::VersionMissing)?;
        let seen = seen.to_str().ok().and_then(|text| text.trim_matches('"').parse().ok());
        seen.map(Self).ok_or(Refusal::Stale)
    }
}

/// A claim to do something once.
#[derive(Clone, Debug)]
pub struct Once {
    /// Whose key it is; keys of different people never meet.
    pub owner: String,
    /// The key.
    pub key: String,
    /// A digest of the whole request.
    pub fingerprint: String,
}

/// An unsafe request: its claim to happen once, and its strictly read JSON body.
pub struct Unsafe<T> {
    /// The claim.
    pub once: Once,
    /// The body.
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<App> for Unsafe<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let owner = match Person::from_request_parts(&mut parts, app).await {
            Ok(person) => person.id,
            Err(Refusal::SignedOut) => String::new(),
            Err(refusal) => return Err(refusal),
        };
        let key = key(&parts.headers)?;
        let body = read(Request::from_parts(parts.clone(), body), app).await?;
        let fingerprint = fingerprint(&parts, &body);
        Ok(Self { once: Once { owner, key, fingerprint }, body: json(&parts.headers, &body)? })
    }
}

/// A JSON body of a request that is safe to repeat.
pub struct Json<T>(
    /// The body.
    pub T,
);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let headers = request.headers().clone();
        let body = read(request, app).await?;
        json(&headers, &body).map(Self)
    }
}

async fn read(request: Request, app: &App) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, app).await.map_err(|_| Refusal::TooLarge)
}

/// Reads the key of an unsafe request.
///
/// # Errors
/// When it is missing or of another shape.
pub fn key(headers: &HeaderMap) -> Result<String, Refusal> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).ok_or(Refusal::KeyMissing)?;
    let fits = (8..=100).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then(|| key.to_owned()).ok_or(Refusal::KeyMissing)
}

fn fingerprint(parts: &Parts, body: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(parts.method.as_str());
    digest.update([0]);
    digest.update(parts.uri.path());
    digest.update([0]);
    digest.update(body);
    hex::encode(digest.finalize())
}

fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Refusal> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media.split(';').next().map(str::trim) != Some("application/json") {
        return Err(Refusal::Media);
    }
    if body.contains(&0) || body.windows(6).any(|window| window == b"\\u0000") {
        return Err(Refusal::Malformed("a NUL character".to_owned()));
    }
    // serde_json says line and column, never the value, for syntax errors; for wrong types it
    // quotes what it found, which may be personal. Only the place is passed on.
    serde_json::from_slice(body)
        .map_err(|error| Refusal::Malformed(format!("line {}, column {}", error.line(), error.column())))
}
