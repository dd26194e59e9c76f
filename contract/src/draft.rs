//! A draft: facts with their sources, and the materials gathered so far.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::{BundleId, MaterialId};
use crate::value::{Facts, Value};
use crate::{Moment, identifier};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

identifier!(
    /// Names a draft.
    DraftId
);
identifier!(
    /// Names a document in a person's store.
    DocumentId
);

/// Starts a draft from the answers to the situations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartDraft {
    /// The errand.
    pub bundle: BundleId,
    /// What was answered before.
    #[serde(default)]
    pub answers: Facts,
}

/// A draft as its owner sees it. Its version travels as the `ETag`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Draft {
    /// The draft.
    pub id: DraftId,
    /// The errand.
    pub bundle: BundleId,
    /// Grows with every change.
    pub version: i64,
    /// The facts.
    pub facts: Facts,
    /// Where prefilled facts came from.
    pub sources: BTreeMap<String, Provenance>,
    /// Registers that did not answer or knew nothing.
    pub gaps: Vec<Gap>,
    /// Materials gathered so far.
    pub materials: BTreeMap<MaterialId, Provided>,
    /// When it was last saved.
    pub saved_at: Moment,
    /// When it will be erased if left alone.
    pub expires_at: Moment,
}

/// Who says a value, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Provenance {
    /// The register's id.
    pub register: String,
    /// Its name, for people.
    pub name: String,
    /// The value it gave.
    pub value: Value,
    /// The day the register last checked it.
    pub as_of: crate::Day,
    /// How far it can be trusted.
    pub grade: Grade,
}

/// Trust in a source (国办函〔2016〕108号 grades A to D).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Grade {
    /// Issued by the body responsible.
    A,
    /// Counter-checked.
    B,
    /// Uploaded by the person.
    C,
    /// Said by the person.
    D,
}

/// A register that could not help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Gap {
    /// The register's id.
    pub register: String,
    /// Its name, for people.
    pub name: String,
    /// Why.
    pub reason: GapReason,
}

/// Why a register could not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// It did not answer.
    Unavailable,
    /// It knows nothing of the person.
    Empty,
}

/// Changes some facts; the others stay. `null` takes a fact back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchDraft {
    /// The facts to change.
    pub set: BTreeMap<String, Option<Value>>,
}

/// The server has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Saved {
    /// The new version.
    pub version: i64,
    /// When it was stored.
    pub saved_at: Moment,
}

/// How a material is met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum Provided {
    /// By documents from the person's store: e-certificates, reused or new files.
    Documents {
        /// In the order of their pages.
        documents: Vec<DocumentId>,
    },
    /// By a written declaration instead of the proof (告知承诺).
    Declared,
    /// It comes later (容缺), as promised.
    Deferred,
}

/// Says how a material is met; `null` takes it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProvideMaterial {
    /// The way chosen.
    pub provided: Option<Provided>,
}

/// A document in the person's store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Document {
    /// The document.
    pub id: DocumentId,
    /// What it is called.
    pub name: String,
    /// E-certificate or file.
    pub kind: DocumentKind,
    /// The kind of certificate it is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The last day it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<crate::Day>,
    /// Past that day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    /// The name of the material a file was uploaded for: where it fits again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Media type.
    pub media: String,
    /// Bytes.
    pub size: i64,
    /// When it came into the store.
    pub added_at: Moment,
}

/// Kinds of stored documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// From a register.
    ECertificate,
    /// Uploaded by the person.
    File,
}
