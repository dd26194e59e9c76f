//! What anyone may read: the first screen, the guides, the rating scale.

use axum::extract::{Path, State};
use axum::handler::Handler;
use axum::http::HeaderMap;
use axum::response::Response;
use contract::catalogue::{BundleId, BundleView};
use contract::draft::Places;
use contract::home::Home;
use contract::material::ProofsOf;
use contract::service::RatingScale;
use tower_http::compression::CompressionLayer;

use crate::App;
use crate::http::answer::public;
use crate::http::extract::Language;
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};

/// Only what anyone may read is compressed: a personal answer's length must not tell what is in it.
pub(super) fn add(routes: &mut Routes) {
    let schema = routes.schema::<Home>();
    routes.add(
        routes.describe("get", "/home", "The region and its errands", Access::Open).gives(200, schema),
        home.layer(CompressionLayer::new()),
    );
    let schema = routes.schema::<BundleView>();
    routes.add(
        routes.describe("get", "/bundles/{id}", "One errand with all it refers to", Access::Open).gives(200, schema),
        bundle.layer(CompressionLayer::new()),
    );
    let schema = routes.schema::<Places>();
    routes.add(
        routes.describe("get", "/places", "Provinces", Access::Open).gives(200, schema.clone()),
        country.layer(CompressionLayer::new()),
    );
    routes.add(
        routes
            .describe("get", "/places/{id}", "A place and what lies directly below it", Access::Open)
            .gives(200, schema),
        place.layer(CompressionLayer::new()),
    );
    let schema = routes.schema::<Vec<ProofsOf>>();
    routes.add(
        routes
            .describe("get", "/proofs", "The proofs still asked for, by errand (证明清单)", Access::Open)
            .gives(200, schema),
        proofs.layer(CompressionLayer::new()),
    );
    let schema = routes.schema::<RatingScale>();
    routes.add(
        routes.describe("get", "/rating-scale", "The five levels and their tags", Access::Open).gives(200, schema),
        scale,
    );
}

async fn home(State(app): State<App>, language: Language, headers: HeaderMap) -> Result<Response, Refusal> {
    let digest = app.catalogue.digest(language, "home").ok_or(Refusal::Internal)?;
    public(digest, &headers, || app.catalogue.home(language))
}

async fn bundle(
    State(app): State<App>,
    language: Language,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let digest = app.catalogue.digest(language, &format!("bundles/{id}")).ok_or(Refusal::NotFound)?;
    // It says which day it is: kept from another day, it would refuse days that are past by now.
    let tag = format!("{digest}.{}", app.catalogue.today());
    public(&tag, &headers, || app.catalogue.view(&BundleId(id), language))
}

async fn country(State(app): State<App>) -> Result<Answer, Refusal> {
    Answer::ok(&app.catalogue.divisions.below("").ok_or(Refusal::NotFound)?)
}

async fn place(State(app): State<App>, Path(id): Path<String>) -> Result<Answer, Refusal> {
    Answer::ok(&app.catalogue.divisions.below(&id).ok_or(Refusal::NotFound)?)
}

async fn proofs(State(app): State<App>, language: Language, headers: HeaderMap) -> Result<Response, Refusal> {
    let digest = app.catalogue.digest(language, "proofs").ok_or(Refusal::Internal)?;
    public(digest, &headers, || Some(app.catalogue.proofs(language)))
}

async fn scale(State(app): State<App>, language: Language, headers: HeaderMap) -> Result<Response, Refusal> {
    let digest = app.catalogue.digest(language, "rating-scale").ok_or(Refusal::Internal)?;
    public(digest, &headers, || app.catalogue.scale(language))
}
