//! The papers people sign and are served: rendered for reading, kept, and made into files that last.

mod receipt;
mod sheet;

use std::collections::BTreeMap;

use contract::catalogue::{Bundle, Item, Material};
use contract::material::{Paper, PaperKind};
use engine::date::Date;
use engine::paper;
use engine::plan::Plan;
use engine::promise;
use sha2::{Digest, Sha256};

use crate::App;
use crate::case::Signed;
use crate::http::Refusal;
use crate::http::extract::Language;
pub use receipt::receipt;
pub use sheet::{Fonts, USUAL};

/// What a paper is about.
pub struct Subject<'a> {
    /// Whoever signs it, by full name.
    pub applicant: &'a str,
    /// The errand as people read it.
    pub bundle: &'a Bundle,
    /// What of it applies.
    pub plan: &'a Plan,
    /// The material; none with the purpose notice.
    pub material: Option<&'a Material>,
    /// The receipt number, once there is one.
    pub number: &'a str,
    /// The last day, once it is fixed.
    pub until: Option<&'a str>,
    /// The day it is read or signed.
    pub day: Date,
}

/// A paper as it is read now.
///
/// # Errors
/// When the region has no text for it in the language.
pub fn render(app: &App, kind: PaperKind, language: Language, about: &Subject<'_>) -> Result<Paper, Refusal> {
    let instruments = app.catalogue.instruments(language).ok_or(Refusal::Internal)?;
    let values = values(app, kind, language, about).ok_or(Refusal::Internal)?;
    let (title, parts) = paper::filled(&instruments.text(kind).template(), &values);
    let digest = hex::encode(Sha256::digest(paper::whole(&instruments.version, &title, &parts)));
    Ok(Paper { kind, version: instruments.version.clone(), title, parts, digest })
}

fn values(
    app: &App,
    kind: PaperKind,
    language: Language,
    about: &Subject<'_>,
) -> Option<BTreeMap<&'static str, String>> {
    let words = &app.catalogue.instruments(language)?.words;
    let (catalogue, today) = (&app.catalogue, about.day);
    let concerned = |item: &&Item| about.material.is_none_or(|material| promise::needs(material, item));
    let items: Vec<&Item> = about.plan.active_items(about.bundle).filter(concerned).collect();
    let mut departments: Vec<String> = Vec::new();
    for item in &items {
        let name = catalogue.department(&item.department, language);
        if !departments.contains(&name) {
            departments.push(name);
        }
    }
    let joined = |list: Vec<String>| list.join(&words.joiner);
    let mut values = BTreeMap::from([
        ("applicant", about.applicant.to_owned()),
        ("errand", about.bundle.name.clone()),
        ("items", joined(items.iter().map(|item| item.name.clone()).collect())),
        ("departments", joined(departments)),
        ("date", words.dated(today)),
        ("number", about.number.to_owned()),
        ("until", about.until.and_then(Date::parse).map(|until| words.dated(until)).unwrap_or_default()),
    ]);
    let Some(material) = about.material else { return Some(values) };
    values.insert("material", material.name.clone());
    let forms = material.forms.iter().filter_map(|form| words.forms.get(form).cloned());
    values.insert("forms", joined(forms.collect()));
    if let Some(declaration) = &material.declaration {
        values.insert("shows", declaration.shows.clone());
        values.insert("checked", declaration.checked.clone());
        let law = if declaration.law.is_empty() { words.unknown_law.clone() } else { joined(declaration.law.clone()) };
        values.insert("law", law);
    }
    let days = match kind {
        PaperKind::OnCommitment => i64::from(catalogue.region.promises.on_commitment_working_days),
        _ => {
            let until = promise::deferred_until(about.bundle, material, today, &catalogue.calendar);
            let days = until.map_or(0, |until| catalogue.calendar.working_days_between(today, until));
            let rule = BTreeMap::from([
                ("days", days.to_string()),
                ("until", until.map(|until| words.dated(until)).unwrap_or_default()),
            ]);
            values.insert("until_rule", paper::fill(&words.until_rule, &rule));
            days
        }
    };
    values.insert("days", days.to_string());
    Some(values)
}

/// A signed or served paper as a PDF/A file.
///
/// # Errors
/// When the machine has no font for it.
pub fn pdf(app: &App, signed: &Signed, applicant: &str) -> Result<Vec<u8>, Refusal> {
    let language = Language::best(&signed.language, &app.catalogue.languages());
    let words = &app.catalogue.instruments(language).ok_or(Refusal::Internal)?.words;
    let values = BTreeMap::from([
        ("applicant", applicant.to_owned()),
        ("at", app.catalogue.zone.moment(&signed.at)),
        ("version", signed.paper.version.clone()),
        ("digest", signed.paper.digest.clone()),
    ]);
    let below = if signed.paper.kind == PaperKind::DeferralNotice { &words.served } else { &words.signed };
    let mut foot: Vec<String> = below.iter().map(|line| paper::fill(line, &values)).collect();
    foot.extend(app.catalogue.region.demo.then(|| words.demo.clone()));
    app.fonts.draw(
        &signed.paper.title,
        &signed.paper.parts,
        &foot,
        &signed.language,
        &app.catalogue.zone.moment(&signed.at),
    )
}
