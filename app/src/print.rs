//! The static pages: home and guides as text, drawn natively by the components that are live in the browser.

use std::sync::Arc;

use contract::catalogue::BundleView;
use contract::home::Home;
use contract::json;
use leptos::prelude::*;
use serde::Serialize;

use crate::locale::{self, Language, Locale, texts as t};
use crate::router::Route;
use crate::screens;
use crate::site::Site;

/// A page with what stands in its head.
#[derive(Debug, Serialize)]
pub struct Printed {
    /// Its address below the base: `en/bundles/newborn`.
    pub path: String,
    /// The page without its language, to find it in others: `bundles/newborn`.
    pub route: String,
    /// BCP 47.
    pub language: &'static str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// What the browser shows above it.
    pub title: String,
    /// For search engines and share cards.
    pub description: String,
    /// What it is, for machines: a schema.org type.
    pub about: About,
    /// Markup of everything visible.
    pub body: String,
}

/// Facts of a page for machines (<https://schema.org/GovernmentService>).
#[derive(Debug, Serialize)]
pub struct About {
    /// The service's name.
    pub name: String,
    /// Who is served; nothing for the first page.
    pub audience: Vec<&'static str>,
    /// Who is in charge.
    pub provider: String,
}

/// What stands around a draft's form: a page that is nobody's yet.
#[derive(Debug, Serialize)]
pub struct Frame {
    /// Its folder below the base: `en/form`.
    pub path: String,
    /// BCP 47.
    pub language: &'static str,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// What the browser shows above it, until the form says its name.
    pub title: &'static str,
    /// Where its texts lie, but for the source language.
    pub texts: Option<String>,
    /// Markup of everything visible.
    pub body: String,
}

/// Speaks a language; `table` are its fetched texts, the source language needs none.
pub fn speak(language: Language, table: Option<&str>) {
    let texts: Vec<String> = table.and_then(json::read).unwrap_or_default();
    locale::print(language, texts);
}

/// The first page, from the answer of the API.
#[must_use]
pub fn home(answer: &str) -> Option<Printed> {
    let home: Arc<Home> = Arc::new(json::read(answer)?);
    let about = About { name: t::app_name().to_owned(), audience: Vec::new(), provider: home.region.name.clone() };
    let description = t::home_lead(&home.region.name);
    Some(printed(&Route::Home, t::home_title(), description, about, move || screens::printed::home(home)))
}

/// A guide, from the answer of the API.
#[must_use]
pub fn guide(answer: &str) -> Option<Printed> {
    let view: Arc<BundleView> = Arc::new(json::read(answer)?);
    let bundle = &view.bundle;
    let about = About {
        name: bundle.name.clone(),
        audience: bundle.audience.iter().map(|audience| screens::audience(*audience)).collect(),
        provider: view.departments.get(&bundle.lead).cloned().unwrap_or_default(),
    };
    let (route, title, description) = (Route::Guide(bundle.id.0.clone()), bundle.name.clone(), bundle.summary.clone());
    Some(printed(&route, &title, description, about, move || screens::printed::guide(view)))
}

/// What stands around a draft's form.
#[must_use]
pub fn frame() -> Frame {
    let language = locale::current();
    let texts = (language != Language::default()).then(|| locale::address(language));
    Frame {
        path: language.prefixed("form"),
        language: language.tag(),
        direction: language.direction(),
        title: t::app_name(),
        texts,
        body: drawn(&Route::Form(String::new(), None), screens::printed::form),
    }
}

fn printed(route: &Route, title: &str, description: String, about: About, screen: impl FnOnce() -> AnyView) -> Printed {
    let language = locale::current();
    Printed {
        path: language.prefixed(&route.path()),
        route: route.path(),
        language: language.tag(),
        direction: language.direction(),
        title: format!("{title} · {}", t::app_name()),
        description,
        about,
        body: drawn(route, screen),
    }
}

fn drawn(route: &Route, screen: impl FnOnce() -> AnyView) -> String {
    let body = Owner::new().with(|| {
        provide_context(Site::printed(Locale::printed(), route.clone()));
        screen().to_html()
    });
    // Marks for a hydration that never comes.
    body.replace("<!>", "")
}
