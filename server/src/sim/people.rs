//! The made-up people of the demo city.

use std::collections::BTreeMap;

use contract::account::Role;
use contract::draft::Grade;
use contract::value::{Row, Value};
use engine::e_certificate::Identifier;
use serde::Deserialize;

use crate::http::extract::Language;

/// `demo/personas.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Registers by id.
    pub registers: BTreeMap<String, RegisterName>,
    /// The people.
    pub personas: Vec<PersonaEntry>,
}

/// What a register is called, and how far it can be trusted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterName {
    /// Its name.
    pub name: Spoken,
    /// Its trust grade.
    pub grade: Grade,
}

/// A text by language; the source is always there.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Spoken(BTreeMap<String, String>);

/// One made-up person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonaEntry {
    /// Stable name.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// Citizen or clerk.
    pub role: Role,
    /// What this person is about.
    pub story: Spoken,
    /// What registers know.
    #[serde(default)]
    pub registers: BTreeMap<String, RegisterEntry>,
    /// Registers that do not answer for this person.
    #[serde(default)]
    pub unavailable: Vec<String>,
    /// E-certificates.
    #[serde(default)]
    pub certificates: Vec<CertificateEntry>,
    /// The household, as its register has it.
    #[serde(default)]
    pub family: Vec<FamilyEntry>,
    /// Files uploaded earlier.
    #[serde(default)]
    pub documents: Vec<DocumentEntry>,
}

/// What one register knows of one person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterEntry {
    /// When it was last checked.
    pub as_of: String,
    /// Element → value.
    #[serde(default)]
    pub values: BTreeMap<String, Known>,
}

/// A value as the file writes it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Known {
    /// One text.
    Text(String),
    /// Several option ids.
    Many(Vec<String>),
    /// Rows of a repeating group.
    Rows(Vec<Row>),
}

/// One e-certificate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateEntry {
    /// Its identifier (GB/T 36904).
    #[serde(default)]
    pub id: Option<String>,
    /// Its kind, as materials name it.
    pub certificate: String,
    /// What it is called.
    pub name: Spoken,
    /// Who issued it.
    pub issuer: Spoken,
    /// Its number.
    pub number: String,
    /// The last day it is valid.
    #[serde(default)]
    pub valid_until: Option<String>,
}

/// A member of the household.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyEntry {
    /// Who it is to the person.
    pub relation: contract::catalogue::Subject,
    /// The name.
    pub name: String,
    /// Agreed that the person may use the certificates below in errands of the household.
    pub agreed: bool,
    /// E-certificates.
    #[serde(default)]
    pub certificates: Vec<CertificateEntry>,
}

/// One file uploaded earlier.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentEntry {
    /// Its name.
    pub name: String,
    /// The day it was uploaded.
    pub added: String,
    /// The material it was uploaded for.
    pub material: String,
}

impl PersonaEntry {
    /// Identifiers of the certificates of the person and the family.
    fn identifiers(&self) -> impl Iterator<Item = &str> {
        let family = self.family.iter().flat_map(|member| &member.certificates);
        self.certificates.iter().chain(family).filter_map(|entry| entry.id.as_deref())
    }
}

impl Known {
    /// The value of a fact.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.clone()),
            Self::Many(many) => Value::Many(many.clone()),
            Self::Rows(rows) => Value::Rows(rows.clone()),
        }
    }
}

impl Spoken {
    /// The text in a language, or in the source.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        let in_one = |language: Language| self.0.get(language.tag()).map(String::as_str);
        in_one(language).or_else(|| in_one(Language::SOURCE)).unwrap_or_default()
    }
}

impl People {
    /// Reads the demo city's people, built into the server.
    ///
    /// # Errors
    /// When the file is not what it should be.
    pub fn read() -> Result<Self, String> {
        let people: Self = serde_saphyr::from_str(include_str!("../../demo/personas.yaml"))
            .map_err(|error| format!("demo/personas.yaml: {error}"))?;
        let wrong = {
            let mut identifiers = people.personas.iter().flat_map(PersonaEntry::identifiers);
            identifiers.find(|text| Identifier::parse(text).is_none()).map(str::to_owned)
        };
        match wrong {
            Some(wrong) => Err(format!("demo/personas.yaml: `{wrong}` is no identifier of an e-certificate")),
            None => Ok(people),
        }
    }

    /// A person by id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&PersonaEntry> {
        self.personas.iter().find(|persona| persona.id == id)
    }
}
