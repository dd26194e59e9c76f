//! The REST API as the page uses it.

pub mod pay;
pub mod upload;

use contract::json::{self, FromJson};
use contract::problem::Problem;
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{host, locale};
pub use upload::{Phase, Progress, Target, Tell};

/// Why an answer did not come.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The network did not carry it; whether the server took it is not known.
    Network,
    /// The server said no.
    Refused(Box<Problem>),
}

impl Failure {
    /// The stable kind of the problem, `network` for none.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Network => "network",
            Self::Refused(problem) => problem.kind(),
        }
    }
}

/// An address of the API.
#[must_use]
pub fn address(path: &str) -> String {
    format!("{}api/v1{path}", host::base())
}

/// A fresh key for an unsafe request.
#[must_use]
pub fn key() -> String {
    let mut bytes = [0_u8; 16];
    if let Ok(crypto) = leptos::prelude::window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Gets something.
///
/// # Errors
/// When the network or the server does not give it.
pub async fn get<T: FromJson>(path: &str) -> Result<T, Failure> {
    if let Some(value) = begun(path).await.and_then(|text| json::read(&text)) {
        return Ok(value);
    }
    understood(&answered(Request::get(&address(path)), None, String::new()).await?)
}

/// What the loader asked for while the program was under way, once.
async fn begun(path: &str) -> Option<String> {
    js_begun(path, locale::current().tag()).await.ok()?.as_string()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = onething, js_name = begun, catch)]
    async fn js_begun(path: &str, language: &str) -> Result<JsValue, JsValue>;
}

/// What an unsafe request carries besides its body.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Repeating a request with the same key gives the first answer.
    pub key: String,
    /// The version seen.
    pub version: Option<i64>,
}

impl Terms {
    /// With a fresh key.
    #[must_use]
    pub fn fresh() -> Self {
        Self { key: key(), version: None }
    }

    /// For a version seen.
    #[must_use]
    pub fn seen(version: i64) -> Self {
        Self { key: key(), version: Some(version) }
    }
}

/// Posts something.
///
/// # Errors
/// When the network or the server does not take it.
pub async fn post<T: FromJson>(path: &str, terms: &Terms, body: &impl Serialize) -> Result<T, Failure> {
    understood(&answered(Request::post(&address(path)), Some(terms), written(body)).await?)
}

/// Puts or posts something that is written already.
///
/// # Errors
/// When the network or the server does not take it.
pub async fn send<T: FromJson>(put: bool, path: &str, terms: &Terms, body: String) -> Result<T, Failure> {
    let address = address(path);
    let request = if put { Request::put(&address) } else { Request::post(&address) };
    understood(&answered(request, Some(terms), body).await?)
}

/// Puts something.
///
/// # Errors
/// When the network or the server does not take it.
pub async fn put<T: FromJson>(path: &str, terms: &Terms, body: &impl Serialize) -> Result<T, Failure> {
    understood(&answered(Request::put(&address(path)), Some(terms), written(body)).await?)
}

/// Changes something.
///
/// # Errors
/// When the network or the server does not take it.
pub async fn patch<T: FromJson>(path: &str, terms: &Terms, body: &impl Serialize) -> Result<T, Failure> {
    understood(&answered(Request::patch(&address(path)), Some(terms), written(body)).await?)
}

/// Deletes something.
///
/// # Errors
/// When the network or the server does not take it.
pub async fn delete(path: &str) -> Result<(), Failure> {
    let answer = prepared(Request::delete(&address(path))).send().await.map_err(|_| Failure::Network)?;
    if answer.ok() { Ok(()) } else { Err(refused(answer).await) }
}

/// Deletes something, and gets what is left.
///
/// # Errors
/// When the network or the server does not take it.
pub async fn delete_for<T: FromJson>(path: &str) -> Result<T, Failure> {
    understood(&answered(Request::delete(&address(path)), None, String::new()).await?)
}

/// Changes something as the page goes: the request outlives the page, and nobody hears its answer.
pub fn farewell(path: &str, terms: &Terms, body: &impl Serialize) {
    let text = written(body);
    let init = web_sys::RequestInit::new();
    init.set_method("PATCH");
    init.set_body(&text.into());
    let _ = js_sys::Reflect::set(&init, &"keepalive".into(), &true.into());
    let Ok(headers) = web_sys::Headers::new() else { return };
    let _ = headers.set("content-type", "application/json");
    let _ = headers.set("idempotency-key", &terms.key);
    if let Some(version) = terms.version {
        let _ = headers.set("if-match", &format!("\"{version}\""));
    }
    init.set_headers(&headers);
    let _ = leptos::prelude::window().fetch_with_str_and_init(&address(path), &init);
}

fn prepared(request: RequestBuilder) -> RequestBuilder {
    request.header("accept-language", locale::current().tag())
}

/// Sends a request and gives the text of its answer. Not generic, so that it is compiled once.
async fn answered(request: RequestBuilder, terms: Option<&Terms>, body: String) -> Result<String, Failure> {
    let mut request = prepared(request);
    if let Some(Terms { key, version }) = terms {
        request = request.header("idempotency-key", key).header("content-type", "application/json");
        if let Some(version) = version {
            request = request.header("if-match", &format!("\"{version}\""));
        }
    }
    let request = if terms.is_some() { request.body(body) } else { request.build() };
    let answer = request.map_err(|_| Failure::Network)?.send().await.map_err(|_| Failure::Network)?;
    if !answer.ok() {
        return Err(refused(answer).await);
    }
    // A body cut off on the way is the network's doing.
    answer.text().await.map_err(|_| Failure::Network)
}

fn written(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

fn understood<T: FromJson>(text: &str) -> Result<T, Failure> {
    json::read(text).ok_or(Failure::Network)
}

async fn refused(answer: Response) -> Failure {
    let status = answer.status();
    let problem = answer.text().await.ok().and_then(|text| json::read(&text));
    match problem {
        Some(problem) => Failure::Refused(Box::new(problem)),
        // A proxy's own error page says nothing about what the server did.
        None if status >= 500 => Failure::Network,
        None => Failure::Refused(Box::new(Problem {
            type_uri: "unknown".to_owned(),
            title: String::new(),
            status,
            detail: None,
            faults: Vec::new(),
            theirs: None,
        })),
    }
}
