//! Reads the catalogue's folder, or says everything that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use contract::catalogue::{Bundle, BundleId, Choice, DepartmentId};
use contract::home::{Home, Region, Stage};
use contract::service::RatingScale;
use engine::calendar::Calendar;
use engine::date::Date;
use engine::lint::{self, Surroundings};
use engine::texts;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::instruments::Instruments;
use super::region::{CodesFile, RegionFile, SynonymsFile};
use super::{Catalogue, Divisions, Texts, card, hottest_first, locate, with_sound};
use crate::clock::Zone;
use crate::http::extract::Language;

/// Something wrong with a file of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The file, from the catalogue's folder.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The place and the reason.
    pub reason: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

type Translation = BTreeMap<String, String>;

/// What one language says in the place of the source.
#[derive(Default)]
struct Translated {
    language: Language,
    texts: Translation,
    missing: BTreeSet<String>,
}

/// Reads and checks a catalogue.
///
/// # Errors
/// Everything that is wrong, by file and line.
pub fn load(folder: &Path) -> Result<Catalogue, Vec<Complaint>> {
    let mut reader = Reader { folder, complaints: Vec::new(), digest: Sha256::new() };
    let region: Option<RegionFile> = reader.read("region.yaml");
    let codes: Option<CodesFile> = reader.read("codes.yaml");
    let synonyms: Option<SynonymsFile> = reader.read("synonyms.yaml");
    let divisions = reader.divisions("divisions.csv");
    let (Some(region), Some(codes), Some(synonyms)) = (region, codes, synonyms) else { return Err(reader.complaints) };
    let around = surroundings(&region, &codes, &synonyms);
    let mut bundles = BTreeMap::new();
    for name in reader.list("bundles") {
        let file = format!("bundles/{name}.yaml");
        let Some(bundle) = reader.read::<Bundle>(&file) else { continue };
        if bundle.id.as_str() != name {
            reader.say(&file, 1, format!("id: the file is called `{name}`, the bundle `{}`", bundle.id));
        }
        let text = reader.text(&file).unwrap_or_default();
        for finding in lint::check(&bundle, &around) {
            reader.say(&file, locate::line(&text, &finding.path), finding.to_string());
        }
        bundles.insert(bundle.id.clone(), bundle);
    }
    let source = Translated { language: Language::SOURCE, ..Translated::default() };
    let mut texts = BTreeMap::from([(Language::SOURCE, Texts::of(&region, &codes, bundles.clone(), source))]);
    let mut instruments = BTreeMap::new();
    if let Some(papers) = reader.papers("instruments.yaml", None) {
        for language in reader.folders("text") {
            texts.insert(language, reader.translate(&region, &codes, &bundles, language));
            let file = format!("text/{}/instruments.yaml", language.tag());
            let own = reader.there(&file).then(|| reader.papers(&file, Some(&papers))).flatten();
            instruments.insert(language, own.unwrap_or_else(|| papers.clone()));
        }
        instruments.insert(Language::SOURCE, papers);
    }
    let calendar = reader.calendar(&region);
    let zone = Zone::parse(&region.timezone);
    if zone.is_none() {
        reader.say("region.yaml", 1, "timezone: write it as +08:00".to_owned());
    }
    let version = hex::encode(&reader.digest.finalize()[..8]);
    let forms = bundles.iter().map(|(id, bundle)| (id.clone(), form_version(bundle))).collect();
    match zone {
        Some(zone) if reader.complaints.is_empty() => {
            let mut catalogue = Catalogue {
                bundles,
                texts,
                version,
                forms,
                digests: BTreeMap::new(),
                instruments,
                ahead: std::sync::atomic::AtomicI64::new(0),
                divisions,
                region,
                calendar,
                zone,
            };
            catalogue.digests = catalogue.digests();
            Ok(catalogue)
        }
        _ => Err(reader.complaints),
    }
}

struct Reader<'p> {
    folder: &'p Path,
    complaints: Vec<Complaint>,
    digest: Sha256,
}

impl Reader<'_> {
    fn say(&mut self, file: &str, line: usize, reason: String) {
        self.complaints.push(Complaint { file: file.to_owned(), line, reason });
    }

    fn text(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(file)).ok()
    }

    fn read<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let Some(text) = self.text(file) else {
            self.say(file, 1, "the file is missing".to_owned());
            return None;
        };
        self.digest.update(&text);
        match serde_saphyr::from_str(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                let line = error.location().and_then(|location| usize::try_from(location.line()).ok()).unwrap_or(1);
                let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
                self.say(file, line, reason);
                None
            }
        }
    }

    fn divisions(&mut self, file: &str) -> Divisions {
        let Some(text) = self.text(file) else {
            self.say(file, 1, "the file is missing".to_owned());
            return Divisions::default();
        };
        self.digest.update(&text);
        Divisions::read(&text).unwrap_or_else(|(line, reason)| {
            self.say(file, line, reason);
            Divisions::default()
        })
    }

    /// Names of the YAML files in a folder, without their ending.
    fn list(&mut self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.join(folder))
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect());
        let paths: Vec<PathBuf> = entries.unwrap_or_default();
        let yaml = paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
        let mut names: Vec<String> = yaml.filter_map(|path| path.file_stem()?.to_str().map(str::to_owned)).collect();
        names.sort();
        if names.is_empty() {
            self.say(folder, 1, "there are no files here".to_owned());
        }
        names
    }

    /// The languages there are translations for: a folder each.
    fn folders(&self, folder: &str) -> Vec<Language> {
        let entries = std::fs::read_dir(self.folder.join(folder)).into_iter().flatten().flatten();
        let named = entries.filter(|entry| entry.path().is_dir());
        let mut found: Vec<_> = named.map(|entry| Language::of_folder(&entry.file_name().to_string_lossy())).collect();
        // The version is a digest of the files in the order they are read: the same on every disk.
        found.sort();
        found
    }

    fn there(&self, file: &str) -> bool {
        self.folder.join(file).exists()
    }

    /// A file is translated whole or not at all: nobody reads a guide that changes its language within.
    fn translate(
        &mut self,
        region: &RegionFile,
        codes: &CodesFile,
        bundles: &BTreeMap<BundleId, Bundle>,
        language: Language,
    ) -> Texts {
        let folder = language.tag();
        let mut common = Translated { language, ..Translated::default() };
        for (name, keys) in [("region", region_keys(region)), ("codes", code_keys(codes))] {
            let file = format!("text/{folder}/{name}.yaml");
            if !self.there(&file) {
                common.missing.insert(name.to_owned());
                continue;
            }
            let translation: Translation = self.read(&file).unwrap_or_default();
            self.compare(&file, &keys, &translation);
            common.texts.extend(translation);
        }
        if !self.there(&format!("text/{folder}/instruments.yaml")) {
            common.missing.insert("instruments".to_owned());
        }
        let mut translated = bundles.clone();
        for (id, bundle) in &mut translated {
            let file = format!("text/{folder}/{id}.yaml");
            if !self.there(&file) {
                common.missing.insert(id.to_string());
                continue;
            }
            let translation: Translation = self.read(&file).unwrap_or_default();
            let mut keys = BTreeSet::new();
            texts::visit(bundle, |key, text| {
                keys.insert(key.to_owned());
                if let Some(translated) = translation.get(key) {
                    text.clone_from(translated);
                }
            });
            self.compare(&file, &keys, &translation);
        }
        Texts::of(region, codes, translated, common)
    }

    /// The papers' texts; a translation has the shape of its source.
    fn papers(&mut self, file: &str, source: Option<&Instruments>) -> Option<Instruments> {
        let texts: Instruments = self.read(file)?;
        for fault in texts.faults().into_iter().chain(source.map_or_else(Vec::new, |source| texts.differs(source))) {
            self.say(file, 1, fault);
        }
        Some(texts)
    }

    fn compare(&mut self, file: &str, keys: &BTreeSet<String>, translation: &Translation) {
        for key in keys.iter().filter(|key| translation.get(*key).is_none_or(|text| text.trim().is_empty())) {
            self.say(file, 1, format!("{key}: the translation is missing"));
        }
        let text = self.text(file).unwrap_or_default();
        for key in translation.keys().filter(|key| !keys.contains(*key)) {
            let line = text.lines().position(|line| line.trim_start_matches(['"', '\'']).starts_with(key.as_str()));
            self.say(file, line.map_or(1, |line| line + 1), format!("{key}: nothing uses this text"));
        }
    }

    fn calendar(&mut self, region: &RegionFile) -> Calendar {
        let mut days = |list: &mut dyn Iterator<Item = &String>, what: &str| -> Vec<Date> {
            list.filter_map(|text| {
                let day = Date::parse(text);
                if day.is_none() {
                    self.say("region.yaml", 1, format!("{what}: `{text}` is not a day"));
                }
                day
            })
            .collect()
        };
        let holidays = days(&mut region.holidays.iter().map(|holiday| &holiday.date), "holidays");
        let made_up = days(&mut region.make_up_workdays.iter(), "make_up_workdays");
        Calendar::new(holidays, made_up)
    }
}

/// Changes with anything a draft of the bundle could notice.
fn form_version(bundle: &Bundle) -> String {
    let text =
        serde_json::to_vec(&(&bundle.questions, &bundle.fields, &bundle.items, &bundle.groups)).unwrap_or_default();
    hex::encode(&Sha256::digest(text)[..8])
}

fn surroundings(region: &RegionFile, codes: &CodesFile, synonyms: &SynonymsFile) -> Surroundings {
    let standing = synonyms.synonyms.iter().filter_map(|list| Some((list.first()?, list)));
    Surroundings {
        synonyms: standing.flat_map(|(first, list)| list.iter().map(|label| (label.clone(), first.clone()))).collect(),
        departments: region.departments.iter().map(|department| department.id.clone()).collect(),
        stages: region.stages.iter().map(|stage| stage.id.clone()).collect(),
        tables: codes
            .tables
            .iter()
            .map(|(id, table)| (id.clone(), table.options.iter().map(|option| option.id.clone()).collect()))
            .collect(),
    }
}

fn region_keys(region: &RegionFile) -> BTreeSet<String> {
    let windows = region
        .windows
        .iter()
        .flat_map(|window| ["name", "address", "hours"].map(|part| format!("window.{}.{part}", window.id)));
    ["name".to_owned(), "rating.rectify_place".to_owned()]
        .into_iter()
        .chain(region.departments.iter().map(|department| format!("department.{}", department.id)))
        .chain(region.stages.iter().map(|stage| format!("stage.{}", stage.id)))
        .chain(region.holidays.iter().map(|holiday| format!("holiday.{}", holiday.date)))
        .chain(windows)
        .collect()
}

fn code_keys(codes: &CodesFile) -> BTreeSet<String> {
    let options = codes
        .tables
        .iter()
        .flat_map(|(id, table)| table.options.iter().map(move |option| format!("code.{id}.{}", option.id)));
    options
        .chain(codes.rating_levels.iter().map(|level| format!("rating_level.{}", level.id)))
        .chain(codes.rating_tags.iter().map(|tag| format!("rating_tag.{}", tag.id)))
        .collect()
}

impl Texts {
    /// Puts translations in the place of the source's texts; without one the source stays.
    fn of(
        region: &RegionFile,
        codes: &CodesFile,
        bundles: BTreeMap<BundleId, Bundle>,
        Translated { language, texts, missing }: Translated,
    ) -> Self {
        let say = |key: String, source: &str| texts.get(&key).cloned().unwrap_or_else(|| source.to_owned());
        let stage = |stage: &super::region::StageEntry| Stage {
            id: stage.id.clone(),
            audience: stage.audience,
            label: say(format!("stage.{}", stage.id), &stage.label),
        };
        let window = |window: &contract::home::Window| contract::home::Window {
            id: window.id.clone(),
            name: say(format!("window.{}.name", window.id), &window.name),
            address: say(format!("window.{}.address", window.id), &window.address),
            hours: say(format!("window.{}.hours", window.id), &window.hours),
            phone: window.phone.clone(),
        };
        let option = |table: &str, option: &Choice| Choice {
            id: option.id.clone(),
            label: say(format!("code.{table}.{}", option.id), &option.label),
            sound: String::new(),
        };
        let names =
            |bundle: &Bundle| std::iter::once(bundle.name.clone()).chain(bundle.aliases.clone()).collect::<Vec<_>>();
        let spoken = |file: &str| if missing.contains(file) { Language::SOURCE } else { language };
        let card = |bundle: &Bundle| card(bundle, &names(bundle), spoken(bundle.id.as_str()));
        Self {
            home: Home {
                language: spoken("region").tag().to_owned(),
                region: Region {
                    name: say("name".to_owned(), &region.name),
                    hotline: region.hotline.clone(),
                    demo: region.demo,
                    stages: region.stages.iter().map(stage).collect(),
                    windows: region.windows.iter().map(window).collect(),
                },
                bundles: hottest_first(bundles.values().map(card).collect()),
            },
            departments: region
                .departments
                .iter()
                .map(|department| {
                    (
                        DepartmentId(department.id.clone()),
                        say(format!("department.{}", department.id), &department.name),
                    )
                })
                .collect(),
            tables: codes
                .tables
                .iter()
                .map(|(id, table)| (id.clone(), with_sound(table.options.iter().map(|one| option(id, one)).collect())))
                .collect(),
            scale: RatingScale {
                levels: codes
                    .rating_levels
                    .iter()
                    .map(|level| contract::service::RatingLevel {
                        id: level.id,
                        label: say(format!("rating_level.{}", level.id), &level.label),
                    })
                    .collect(),
                tags: codes
                    .rating_tags
                    .iter()
                    .map(|tag| contract::service::RatingTag {
                        text: say(format!("rating_tag.{}", tag.id), &tag.text),
                        ..tag.clone()
                    })
                    .collect(),
            },
            bundles,
            missing,
        }
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("version", &self.version).finish_non_exhaustive()
    }
}
