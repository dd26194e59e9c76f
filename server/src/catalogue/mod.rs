//! The catalogue: read once, checked whole, held in every language.

mod divisions;
pub mod instruments;
mod load;
mod locate;
mod pages;
pub mod region;

use std::collections::{BTreeMap, BTreeSet};

use contract::catalogue::{Bundle, BundleId, BundleView, Choice, DepartmentId, Depth};
use contract::home::{BundleCard, Home};
use contract::payment::RefundWhy;
use contract::service::RatingScale;
use engine::calendar::Calendar;
use engine::date::Date;

use crate::clock::Zone;
use crate::http::extract::Language;
pub use divisions::Divisions;
pub use load::{Complaint, load};
use region::RegionFile;

/// Everything the catalogue says.
pub struct Catalogue {
    /// Bundles in the source language, for deciding.
    bundles: BTreeMap<BundleId, Bundle>,
    texts: BTreeMap<Language, Texts>,
    /// Changes when any file of the catalogue changes.
    version: String,
    /// For each bundle, changes when its form may have.
    forms: BTreeMap<BundleId, String>,
    /// Of what anybody reads.
    digests: pages::Digests,
    instruments: BTreeMap<Language, instruments::Instruments>,
    /// Days the simulator's calendar is ahead of the clock's.
    ahead: std::sync::atomic::AtomicI64,
    /// Divisions of the country.
    pub divisions: Divisions,
    /// The region's parameters.
    pub region: RegionFile,
    /// Its working days.
    pub calendar: Calendar,
    /// Its place in the day.
    pub zone: Zone,
}

/// What people read, in one language.
struct Texts {
    /// Files that are not translated; what they would say is said in the source.
    missing: BTreeSet<String>,
    bundles: BTreeMap<BundleId, Bundle>,
    home: Home,
    departments: BTreeMap<DepartmentId, String>,
    tables: BTreeMap<String, Vec<Choice>>,
    scale: RatingScale,
}

impl Catalogue {
    /// A bundle in the source language, for deciding.
    #[must_use]
    pub fn bundle(&self, id: &BundleId) -> Option<&Bundle> {
        self.bundles.get(id)
    }

    /// The languages it speaks, the source first.
    #[must_use]
    pub fn languages(&self) -> Vec<Language> {
        let others = self.texts.keys().copied().filter(|language| *language != Language::SOURCE);
        std::iter::once(Language::SOURCE).chain(others).collect()
    }

    /// What a language lacks: names of files below its folder, without ending.
    #[must_use]
    pub fn untranslated(&self, language: Language) -> Vec<String> {
        self.texts.get(&language).map_or_else(Vec::new, |texts| texts.missing.iter().cloned().collect())
    }

    /// Ids of all bundles.
    pub fn ids(&self) -> impl Iterator<Item = &BundleId> {
        self.bundles.keys()
    }

    /// A bundle as people read it.
    #[must_use]
    pub fn text(&self, id: &BundleId, language: Language) -> Option<&Bundle> {
        self.texts.get(&language)?.bundles.get(id)
    }

    /// A department's name.
    #[must_use]
    pub fn department(&self, id: &DepartmentId, language: Language) -> String {
        self.texts.get(&language).and_then(|texts| texts.departments.get(id)).cloned().unwrap_or_else(|| id.to_string())
    }

    /// The version of a bundle that drafts follow; empty where there is no such bundle.
    #[must_use]
    pub fn form(&self, id: &BundleId) -> &str {
        self.forms.get(id).map_or("", String::as_str)
    }

    /// The first screen.
    #[must_use]
    pub fn home(&self, language: Language) -> Option<&Home> {
        self.texts.get(&language).map(|texts| &texts.home)
    }

    /// The rating scale.
    #[must_use]
    pub fn scale(&self, language: Language) -> Option<&RatingScale> {
        self.texts.get(&language).map(|texts| &texts.scale)
    }

    /// Today in the region.
    #[must_use]
    pub fn today(&self) -> Date {
        self.zone.today().plus_days(self.ahead.load(std::sync::atomic::Ordering::Relaxed))
    }

    /// Moves the calendar of a demonstration ahead: deadlines come, the clock stays.
    pub fn go_ahead(&self, days: i64) {
        self.ahead.store(days, std::sync::atomic::Ordering::Relaxed);
    }

    /// The texts of the papers people sign.
    #[must_use]
    pub fn instruments(&self, language: Language) -> Option<&instruments::Instruments> {
        self.instruments.get(&language)
    }

    /// What a gateway tells whoever gets money back, in the region's language.
    #[must_use]
    pub fn refund_reason(&self, why: RefundWhy) -> String {
        let Some(instruments) = self.instruments.get(&Language::SOURCE) else { return String::new() };
        let words = &instruments.refunds;
        match why {
            RefundWhy::Twice => &words.twice,
            RefundWhy::WrongAmount => &words.wrong_amount,
            RefundWhy::NotRegistered => &words.not_registered,
            RefundWhy::Department => &words.department,
            RefundWhy::Corrected => &words.corrected,
        }
        .clone()
    }

    /// The kind of paper a material of this name is, in whatever errand.
    #[must_use]
    pub fn paper_kind(&self, material: &str) -> String {
        let mut all = self.bundles.values().flat_map(|bundle| &bundle.materials);
        let found = all.find(|one| one.name == material).map(engine::way::kind);
        found.unwrap_or(material).to_owned()
    }

    /// A bundle with all it refers to.
    #[must_use]
    pub fn view(&self, id: &BundleId, language: Language) -> Option<BundleView> {
        let texts = self.texts.get(&language)?;
        let mut bundle = texts.bundles.get(id)?.clone();
        // Where facts were read is for the people who keep the catalogue.
        bundle.sources.clear();
        // How materials are met is decided here, and told where it is needed (`from_json(skip)` in the contract).
        for item in &mut bundle.items {
            item.on_commitment = None;
        }
        for fee in &mut bundle.fees {
            (fee.assessed, fee.payee) = Default::default();
            for reduction in &mut fee.reductions {
                reduction.basis_document = None;
            }
        }
        for material in &mut bundle.materials {
            (material.proof, material.subject, material.kind) = Default::default();
            material.shared_when.clear();
            if let Some(declaration) = &mut material.declaration {
                (declaration.shows, declaration.checked, declaration.law) = Default::default();
            }
        }
        let departments = bundle.items.iter().map(|item| &item.department).chain([&bundle.lead]);
        let departments =
            departments.map(|id| (id.clone(), texts.departments.get(id).cloned().unwrap_or_default())).collect();
        let codes = tables_of(&bundle)
            .into_iter()
            .filter_map(|table| Some((table.clone(), texts.tables.get(&table)?.clone())))
            .collect();
        let language = texts.spoken(id.as_str(), language).tag().to_owned();
        let today = self.today().to_string();
        Some(BundleView { language, bundle, version: self.version.clone(), departments, codes, today })
    }
}

impl Texts {
    /// The language a file's texts are in, for who asked for another.
    fn spoken(&self, file: &str, asked: Language) -> Language {
        if self.missing.contains(file) { Language::SOURCE } else { asked }
    }
}

impl engine::plan::Tables for Catalogue {
    fn choices(&self, table: &str) -> &[Choice] {
        self.texts.get(&Language::SOURCE).and_then(|texts| texts.tables.get(table)).map_or(&[], Vec::as_slice)
    }

    fn reaches(&self, place: &str, depth: Depth) -> bool {
        self.divisions.reaches(place, depth)
    }
}

fn tables_of(bundle: &Bundle) -> BTreeSet<String> {
    let fields = bundle.questions.iter().chain(&bundle.fields);
    let columns = fields.clone().flat_map(|field| &field.columns);
    fields.filter_map(|field| field.codes.clone()).chain(columns.filter_map(|column| column.codes.clone())).collect()
}

fn card(bundle: &Bundle, names: &[String], language: Language) -> BundleCard {
    let departments: BTreeSet<_> = bundle.items.iter().map(|item| &item.department).collect();
    BundleCard {
        id: bundle.id.clone(),
        language: language.tag().to_owned(),
        name: bundle.name.clone(),
        summary: bundle.summary.clone(),
        stage: bundle.stage.clone(),
        hot: bundle.hot,
        sample: bundle.sample,
        departments: departments.len(),
        promise: bundle.promise.clone(),
        terms: names.iter().flat_map(|name| search_terms(name)).collect(),
    }
}

/// Tables longer than this are searched, not unfolded.
const SEARCHED: usize = 12;

/// Adds to a long table's answers what they sound like.
fn with_sound(mut options: Vec<Choice>) -> Vec<Choice> {
    if options.len() > SEARCHED {
        for option in &mut options {
            option.sound = search_terms(&option.label)[1..].join(" ");
        }
    }
    options
}

/// A name, its pinyin and the initials of its pinyin.
fn search_terms(name: &str) -> Vec<String> {
    use pinyin::ToPinyin;
    let syllables: Vec<&str> = name.to_pinyin().flatten().map(pinyin::Pinyin::plain).collect();
    let mut terms = vec![name.to_lowercase()];
    if !syllables.is_empty() {
        terms.push(syllables.concat());
        terms.push(syllables.iter().filter_map(|syllable| syllable.chars().next()).collect());
    }
    terms
}

fn hottest_first(mut cards: Vec<BundleCard>) -> Vec<BundleCard> {
    cards.sort_by(|left, right| {
        (left.hot.unwrap_or(u16::MAX), left.sample, &left.id).cmp(&(
            right.hot.unwrap_or(u16::MAX),
            right.sample,
            &right.id,
        ))
    });
    cards
}

/// JSON Schemas of the catalogue's files, by file name, for editors.
#[must_use]
pub fn schemas() -> Vec<(&'static str, String)> {
    let pretty = |schema: schemars::Schema| serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n";
    vec![
        ("bundle.json", pretty(schemars::schema_for!(Bundle))),
        ("region.json", pretty(schemars::schema_for!(RegionFile))),
        ("codes.json", pretty(schemars::schema_for!(region::CodesFile))),
        ("synonyms.json", pretty(schemars::schema_for!(region::SynonymsFile))),
        ("instruments.json", pretty(schemars::schema_for!(instruments::Instruments))),
    ]
}
