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

/// A language of the catalogue: its source, or a folder of `text/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(&'static str);

impl Default for Language {
    fn default() -> Self {
        Self::SOURCE
    }
}

impl Language {
    /// What the catalogue is written in.
    pub const SOURCE: Self = Self("zh-CN");

    /// The language of a folder; the few there are live as long as the process.
    #[must_use]
    pub fn of_folder(tag: &str) -> Self {
        if tag == Self::SOURCE.0 { Self::SOURCE } else { Self(tag.to_owned().leak()) }
    }

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0
    }

    /// The best of those there are for a header like `ko-KR, ko;q=0.9, en;q=0.8`: each tag in the order of its
    /// weight, the very one, one that begins alike, or one whose script it implies (RFC 4647, lookup).
    #[must_use]
    pub fn best(wanted: &str, there: &[Self]) -> Self {
        let mut ranges: Vec<(f32, &str)> = wanted.split(',').filter_map(weighed).collect();
        ranges.sort_by(|one, other| other.0.total_cmp(&one.0));
        ranges.into_iter().find_map(|(_, tag)| Self::nearest(tag, there)).unwrap_or(Self::SOURCE)
    }

    fn nearest(tag: &str, there: &[Self]) -> Option<Self> {
        let script = tag.to_ascii_lowercase();
        let script = match script.as_str() {
            "zh-tw" | "zh-hk" | "zh-mo" => "zh-hant",
            other => other,
        };
        let find =
            |test: &dyn Fn(&str) -> bool| there.iter().find(|language| test(&language.0.to_ascii_lowercase())).copied();
        let within = |mine: &str| script.strip_prefix(mine).is_some_and(|rest| rest.starts_with('-'));
        let first = script.split('-').next().unwrap_or_default();
        find(&|mine| mine == script)
            .or_else(|| find(&|mine| mine.contains('-') && within(mine)))
            .or_else(|| find(&|mine| mine.split('-').next() == Some(first)))
    }
}

/// A tag and its weight; none for what is not wanted.
fn weighed(range: &str) -> Option<(f32, &str)> {
    let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
    let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse().ok())?;
    Some((weight, tag.trim())).filter(|(weight, tag)| *weight > 0.0 && !tag.is_empty())
}

impl FromRequestParts<App> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let wanted =
            parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self::best(wanted, &app.catalogue.languages()))
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
