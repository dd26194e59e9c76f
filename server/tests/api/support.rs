//! The service as tests run it, and somebody who calls it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use http_body_util::BodyExt;
use onething_server::files::scan::StandIn;
use onething_server::files::{Files, MasterKey};
use onething_server::papers::{Fonts, USUAL};
use onething_server::sim::identity::SimulatedIdentity;
use onething_server::sim::people::People;
use onething_server::sim::registers::SimulatedRegisters;
use onething_server::sim::treasury::SimulatedTreasury;
use onething_server::store::Store;
use onething_server::{App, Settings, api, catalogue, random};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A service with a database of its own.
pub(crate) struct Service {
    pub(crate) app: App,
    router: Router,
    /// Where the database (on SQLite) and the files lie.
    pub(crate) data: PathBuf,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.data);
    }
}

impl Service {
    pub(crate) async fn over(store: Store, data: PathBuf) -> Self {
        Self::with(store, data, &workspace().join("catalogue")).await
    }

    /// The same data under a catalogue of its own.
    pub(crate) async fn with(store: Store, data: PathBuf, catalogue: &Path) -> Self {
        let people = Arc::new(People::read().unwrap());
        let app = App {
            catalogue: Arc::new(catalogue::load(catalogue).unwrap()),
            files: Files::on_disk(
                &data.join("files"),
                MasterKey::read_or_make(&data.join("files.key")).unwrap(),
                Arc::new(StandIn),
            )
            .unwrap(),
            fonts: Fonts::read(Path::new(USUAL)),
            identity: Arc::new(SimulatedIdentity(people.clone())),
            registers: Arc::new(SimulatedRegisters::new(people)),
            payments: Default::default(),
            treasury: Arc::new(SimulatedTreasury::new(store.clone(), "990101")),
            store,
            compressed: Arc::default(),
            settings: Arc::new(Settings {
                dist: data.join("dist"),
                base: "/".to_owned(),
                secure: false,
                framers: Vec::new(),
                worker: true,
                session_seconds: 1800,
            }),
        };
        api::drafts::record(&app).await.unwrap();
        Self { router: api::service(app.clone()), app, data }
    }

    pub(crate) async fn sqlite() -> Self {
        let data = std::env::temp_dir().join(format!("onething-api-{}", random::id()));
        Self::over(Store::sqlite(&data).await.unwrap(), data).await
    }

    /// A schema of its own in the PostgreSQL the test command starts.
    pub(crate) async fn postgres() -> Option<Self> {
        let url = std::env::var("ONETHING_TEST_POSTGRES").ok()?;
        let schema = format!("t{}", random::id());
        let admin = Store::postgres(&url).await.unwrap();
        let create = format!("CREATE SCHEMA {schema}");
        sqlx::query(sqlx::AssertSqlSafe(create)).execute(admin.reads()).await.unwrap();
        let data = std::env::temp_dir().join(format!("onething-api-{schema}"));
        let store = Store::postgres(&format!("{url}&options=-c%20search_path%3D{schema}")).await.unwrap();
        Some(Self::over(store, data).await)
    }

    /// The same service over the same data with something about it changed.
    pub(crate) fn but(&self, change: impl FnOnce(&mut App)) -> Self {
        let mut app = self.app.clone();
        change(&mut app);
        Self { router: api::service(app.clone()), app, data: self.data.join("nothing") }
    }

    /// Answers over HTTP as well, until the test ends.
    pub(crate) fn listen(&self, listener: tokio::net::TcpListener) {
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes: bytes.to_vec(),
        }
    }

    pub(crate) async fn sign_in(&self, persona: &str) -> Caller<'_> {
        let ticket = self
            .send(Request::post(format!("/api/v1/demo/personas/{persona}/ticket")).body(Body::empty()).unwrap())
            .await
            .body["ticket"]
            .clone();
        let answer = self.send(json_request(Method::POST, "/session", &json!({ "ticket": ticket }))).await;
        assert_eq!(answer.status, StatusCode::OK);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        Caller { service: self, cookie }
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn problem(&self) -> &str {
        self.body["type"].as_str().and_then(|uri| uri.rsplit('/').next()).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, kind: &str) {
        assert_eq!((self.status.as_u16(), self.problem()), (status, kind), "{}", self.body);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
    }

    /// A file that a browser keeps, and neither runs nor shows as a page of this origin.
    #[track_caller]
    pub(crate) fn downloaded(&self, media: &str) {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        let said = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(said("content-type"), media);
        assert!(said("content-disposition").starts_with("attachment"), "{:?}", self.headers);
        assert_eq!((said("x-content-type-options"), said("cache-control")), ("nosniff", "no-store"));
        let policy = said("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
    }
}

pub(crate) fn json_request(method: Method, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// Someone signed in.
pub(crate) struct Caller<'s> {
    pub(crate) service: &'s Service,
    pub(crate) cookie: String,
}

impl Caller<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request =
            Request::get(format!("/api/v1{path}")).header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap();
        self.service.send(request).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        version: Option<i64>,
        body: &Value,
    ) -> Answer {
        let mut request = json_request(method, path, body);
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, self.cookie.parse().unwrap());
        if let Some(key) = key {
            headers.insert("idempotency-key", key.parse().unwrap());
        }
        if let Some(version) = version {
            headers.insert(header::IF_MATCH, format!("\"{version}\"").parse().unwrap());
        }
        self.service.send(request).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(&random::id()), None, body).await
    }

    pub(crate) async fn draft(&self, bundle: &str, answers: Value) -> (String, i64) {
        let answer = self.post("/drafts", &json!({ "bundle": bundle, "answers": answers })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        (answer.body["id"].as_str().unwrap().to_owned(), answer.body["version"].as_i64().unwrap())
    }

    pub(crate) async fn patch(&self, id: &str, version: i64, set: Value) -> Answer {
        self.send(Method::PATCH, &format!("/drafts/{id}"), Some(&random::id()), Some(version), &json!({ "set": set }))
            .await
    }

    /// A flat bought, ready to be submitted: every asked fact and material given.
    pub(crate) async fn ready(&self) -> (String, i64) {
        let answers = json!({ "sale_kind": "sale", "buyer_kind": "person", "has_loan": "no", "want_items": ["tv"], "by_agent": "no" });
        self.ready_for("property_transfer", answers, &[]).await
    }

    /// An errand ready to be submitted, but for some materials left out.
    pub(crate) async fn ready_for(&self, errand: &str, answers: Value, but: &[&str]) -> (String, i64) {
        let (id, mut version) = self.draft(errand, answers).await;
        let app = &self.service.app;
        let bundle = app.catalogue.bundle(&contract::catalogue::BundleId(errand.into())).unwrap();
        for _ in 0..6 {
            let draft = self.get(&format!("/drafts/{id}")).await.body;
            let facts: contract::value::Facts = serde_json::from_value(draft["facts"].clone()).unwrap();
            let faults = engine::plan::faults(
                bundle,
                &facts,
                &std::collections::BTreeMap::new(),
                app.catalogue.today(),
                app.catalogue.as_ref(),
            );
            let mut set = serde_json::Map::new();
            for fault in faults {
                let at = fault.at.split('.').next().unwrap().to_owned();
                if let Some(field) = bundle.questions.iter().chain(&bundle.fields).find(|field| field.id == at) {
                    set.insert(at, believable(app, field));
                }
            }
            if set.is_empty() {
                break;
            }
            let saved = self.patch(&id, version, Value::Object(set)).await;
            assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
            version = saved.body["version"].as_i64().unwrap();
        }
        let draft = self.get(&format!("/drafts/{id}")).await.body;
        let facts: contract::value::Facts = serde_json::from_value(draft["facts"].clone()).unwrap();
        let plan = engine::plan::Plan::of(bundle, &facts, app.catalogue.today());
        for material in
            plan.active_materials(bundle).filter(|material| material.required && engine::plan::asked_for(material))
        {
            if !draft["materials"][material.id.as_str()].is_null() || but.contains(&material.id.as_str()) {
                continue;
            }
            let uploaded = self.upload_for(errand, material.id.as_str(), &fresh_picture()).await;
            let photo = uploaded.unwrap_or_else(|answer| panic!("{}", answer.body))["id"].clone();
            let path = format!("/drafts/{id}/materials/{}", material.id);
            let body = json!({ "provided": { "how": "documents", "documents": [photo] } });
            let saved = self.send(Method::PUT, &path, Some(&random::id()), Some(version), &body).await;
            assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
            version = saved.body["version"].as_i64().unwrap();
        }
        (id, version)
    }

    /// Begins an upload (tus); the answer names its place.
    pub(crate) async fn begin(&self, metadata: &[(&str, &str)], length: usize) -> Answer {
        let pair =
            |(key, value): &(&str, &str)| format!("{key} {}", base64::engine::general_purpose::STANDARD.encode(value));
        let request = Request::post("/api/v1/uploads")
            .header(header::COOKIE, &self.cookie)
            .header("idempotency-key", random::id())
            .header("tus-resumable", "1.0.0")
            .header("upload-length", length)
            .header("upload-metadata", metadata.iter().map(pair).collect::<Vec<_>>().join(","))
            .body(Body::empty())
            .unwrap();
        self.service.send(request).await
    }

    /// Goes on with an upload at a byte.
    pub(crate) async fn go_on(&self, place: &str, offset: usize, bytes: &[u8]) -> Answer {
        let request = Request::patch(place)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/offset+octet-stream")
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", offset)
            .body(Body::from(bytes.to_vec()))
            .unwrap();
        self.service.send(request).await
    }

    /// Uploads a file for a material of an errand; gives the document, or the refusal of its last byte.
    pub(crate) async fn upload_for(&self, bundle: &str, material: &str, bytes: &[u8]) -> Result<Value, Answer> {
        let begun =
            self.begin(&[("filename", "照片.png"), ("bundle", bundle), ("material", material)], bytes.len()).await;
        if begun.status != StatusCode::CREATED {
            return Err(begun);
        }
        let place = begun.headers[header::LOCATION].to_str().unwrap().to_owned();
        let sent = self.go_on(&place, 0, bytes).await;
        if sent.status != StatusCode::NO_CONTENT {
            return Err(sent);
        }
        Ok(self.get(place.strip_prefix("/api/v1").unwrap()).await.body["document"].clone())
    }

    /// A picture given for a material of the flat's errand.
    pub(crate) async fn upload(&self, material: &str) -> Value {
        self.upload_for("property_transfer", material, &picture(1))
            .await
            .unwrap_or_else(|answer| panic!("{}", answer.body))
    }

    pub(crate) async fn submit(&self, id: &str, version: i64, key: &str) -> Answer {
        self.submit_for("property_transfer", id, version, key).await
    }

    /// Submits a draft of an errand with all its commitments.
    pub(crate) async fn submit_for(&self, errand: &str, id: &str, version: i64, key: &str) -> Answer {
        let bundle = self.service.app.catalogue.bundle(&contract::catalogue::BundleId(errand.into())).unwrap();
        let all: Vec<&str> = bundle.commitments.iter().map(|one| one.id.as_str()).collect();
        self.send(
            Method::POST,
            &format!("/drafts/{id}/submission"),
            Some(key),
            Some(version),
            &json!({ "commitments": all }),
        )
        .await
    }
}

/// A small picture (PNG); each shade has other bytes.
pub(crate) fn picture(shade: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(8, 8, image::Rgb([shade, 90, 60]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A small picture (PNG) like no other.
pub(crate) fn fresh_picture() -> Vec<u8> {
    // An identifier's 24 letters are the colours of eight pixels.
    let pixels = image::RgbImage::from_raw(8, 1, random::id().into_bytes()).unwrap();
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub(crate) fn believable(app: &App, field: &contract::catalogue::Field) -> Value {
    use contract::catalogue::FieldKind::*;
    let one = |kind, options: &[contract::catalogue::Choice]| match kind {
        Choice => json!(options[0].id),
        Region => json!("990105001001"),
        Email => json!("a@example.com"),
        Phone => json!("0453-6282828"),
        PartialDate => json!("2020"),
        DateRange => json!("2026-01-01/2026-12-31"),
        Choices => json!([options[0].id]),
        YesNo => json!("no"),
        Name => json!("张三"),
        IdNumber => json!("11010519491231002X"),
        DocumentNumber => json!("G12345678"),
        Uscc => json!("91350100M000100Y43"),
        Mobile => json!("13900001111"),
        Date => json!("2026-11-01"),
        Datetime => json!("2026-11-01T08:30"),
        Month => json!("2026-11"),
        Number | Money | Percent => json!("1"),
        BankAccount => json!("6222021234567890"),
        _ => json!("测试"),
    };
    use engine::plan::Tables as _;
    let options = |table: Option<&String>, own| table.map_or(own, |table| app.catalogue.choices(table));
    if field.kind == List {
        let row: serde_json::Map<String, Value> = field
            .columns
            .iter()
            .map(|column| {
                (column.id.clone(), one(column.kind, options(column.codes.as_ref(), column.options.as_slice())))
            })
            .collect();
        return json!([row]);
    }
    one(field.kind, options(field.codes.as_ref(), field.options.as_slice()))
}

/// Runs the same test on every database there is.
macro_rules! on_every_database {
    ($($(#[$meta:meta])* $name:ident($service:ident) $body:block)*) => {
        $(
            mod $name {
                use super::*;

                async fn test($service: &Service) $body

                $(#[$meta])*
                #[tokio::test]
                async fn sqlite() {
                    test(&Service::sqlite().await).await;
                }

                #[tokio::test]
                async fn postgres() {
                    if let Some(service) = Service::postgres().await {
                        test(&service).await;
                    } else {
                        assert!(std::env::var("CI").is_err(), "in CI both databases are tested");
                    }
                }
            }
        )*
    };
}
