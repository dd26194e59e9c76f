//! Routes and their description in one place, so that neither can exist without the other.

use std::collections::BTreeMap;

use axum::Router;
use axum::handler::Handler;
use axum::routing::MethodFilter;
use axum::routing::{MethodRouter, on};
use contract::problem::Problem;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::Refusal;
use crate::App;

/// Collects routes and writes their OpenAPI 3.1 description.
pub struct Routes {
    methods: BTreeMap<String, MethodRouter<App>>,
    paths: Map<String, Value>,
    schemas: SchemaGenerator,
}

/// How a caller must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Open,
    /// Someone signed in.
    Person,
    /// Someone at a desk.
    Desk,
}

/// One operation, before it is added.
pub struct Operation {
    method: &'static str,
    path: &'static str,
    document: Map<String, Value>,
    parameters: Vec<Value>,
}

impl Default for Routes {
    fn default() -> Self {
        let settings =
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
        Self { methods: BTreeMap::new(), paths: Map::new(), schemas: settings.into_generator() }
    }
}

impl Routes {
    /// Adds one operation with its handler.
    pub fn add<H, T>(&mut self, operation: Operation, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = match operation.method {
            "post" => MethodFilter::POST,
            "put" => MethodFilter::PUT,
            "patch" => MethodFilter::PATCH,
            "delete" => MethodFilter::DELETE,
            "options" => MethodFilter::OPTIONS,
            _ => MethodFilter::GET,
        };
        let router = self.methods.remove(operation.path).unwrap_or_default();
        self.methods.insert(operation.path.to_owned(), router.merge(on(filter, handler)));
        let mut document = operation.document;
        if !operation.parameters.is_empty() {
            document.insert("parameters".into(), operation.parameters.into());
        }
        let path = self.paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.into(), document.into());
        }
    }

    /// Describes an operation.
    #[must_use]
    pub fn describe(&self, method: &'static str, path: &'static str, summary: &str, access: Access) -> Operation {
        let name: String = format!("{method}{}", path.replace(['/', '{', '}', '-', '.'], "_"));
        let mut document = Map::new();
        document.insert("operationId".into(), name.trim_end_matches('_').into());
        document.insert("summary".into(), summary.into());
        if access == Access::Open {
            document.insert("security".into(), json!([]));
        }
        document.insert("responses".into(), json!({ "default": { "$ref": "#/components/responses/Problem" } }));
        let parameters = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "maxLength": 100 } }))
            .collect();
        Operation { method, path, document, parameters }
    }

    /// The schema of a type, kept among the components.
    pub fn schema<T: JsonSchema>(&mut self) -> Value {
        self.schemas.subschema_for::<T>().into()
    }

    /// The router, and the description of everything on it.
    pub fn finish(mut self) -> (Router<App>, Value) {
        let problem = self.schema::<Problem>();
        let router = self.methods.into_iter().fold(Router::new(), |router, (path, methods)| {
            router.route(&path, methods.fallback(|| async { Refusal::Method }))
        });
        let document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "onething",
                "version": "1",
                "description": "One errand, done once: guide, form, materials, payment, progress, certificates, rating."
            },
            "servers": [{ "url": "/api/v1" }],
            "security": [{ "session": [] }],
            "paths": self.paths,
            "components": {
                "securitySchemes": { "session": { "type": "apiKey", "in": "cookie", "name": crate::api::account::COOKIE } },
                "responses": {
                    "Problem": {
                        "description": "A problem (RFC 9457); the last part of `type` is stable.",
                        "content": { "application/problem+json": { "schema": problem } }
                    }
                },
                "schemas": self.schemas.take_definitions(true)
            }
        });
        (router, document)
    }
}

impl Operation {
    /// The JSON body it takes.
    #[must_use]
    pub fn takes(mut self, schema: Value) -> Self {
        self.document.insert(
            "requestBody".into(),
            json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
        );
        self
    }

    /// What it answers with.
    #[must_use]
    pub fn gives(mut self, status: u16, schema: Value) -> Self {
        self.respond(
            status,
            json!({ "description": "As described.", "content": { "application/json": { "schema": schema } } }),
        );
        self
    }

    /// Answers without a JSON body.
    #[must_use]
    pub fn gives_media(mut self, status: u16, media: &str) -> Self {
        self.respond(status, json!({ "description": "As described.", "content": { media: {} } }));
        self
    }

    /// Answers 204.
    #[must_use]
    pub fn gives_nothing(mut self) -> Self {
        self.respond(204, json!({ "description": "Done." }));
        self
    }

    /// Needs `Idempotency-Key`.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.parameters.push(header(
            "Idempotency-Key",
            "Repeating the request with the same key gives the first answer.",
            "^[A-Za-z0-9_-]{8,100}$",
        ));
        self
    }

    /// Needs `If-Match`.
    #[must_use]
    pub fn version(mut self) -> Self {
        self.parameters.push(header("If-Match", "The version seen, as the ETag gave it.", "^\"?[0-9]{1,18}\"?$"));
        self
    }

    fn respond(&mut self, status: u16, response: Value) {
        if let Some(responses) = self.document.get_mut("responses").and_then(Value::as_object_mut) {
            responses.insert(status.to_string(), response);
        }
    }
}

fn header(name: &str, about: &str, pattern: &str) -> Value {
    json!({ "name": name, "in": "header", "required": true, "description": about, "schema": { "type": "string", "pattern": pattern } })
}
