//! Materials: the ways to meet each, the person's store, uploads, papers that are signed, and what is owed.

use serde::{Deserialize, Serialize};

use crate::application::{ApplicationId, Due};
use crate::catalogue::{MaterialForm, MaterialId, Proof, Subject};
use crate::json::FromJson;
use crate::{Day, Moment, identifier};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

identifier!(
    /// Names a document in a person's store.
    DocumentId
);
identifier!(
    /// Names an upload under way.
    UploadId
);
identifier!(
    /// Names a signed or served paper of an application.
    PaperId
);

/// How a material is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum Provided {
    /// A register answers in its place (数据共享).
    Shared {
        /// The register.
        register: String,
    },
    /// By documents from the person's store: e-certificates, reused or new files.
    Documents {
        /// In the order of their pages.
        documents: Vec<DocumentId>,
    },
    /// By a written declaration instead of the proof (告知承诺).
    Declared,
    /// It follows the decision, as promised (承诺审批).
    OnCommitment,
    /// It comes later (容缺), as promised.
    Deferred,
}

/// Says how a material is met; `null` takes it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProvideMaterial {
    /// The way chosen.
    pub provided: Option<Provided>,
    /// The digest of the paper that was read and is signed by this act: with a way that promises
    /// something, and where stored documents serve an errand for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
}

/// Meets several materials at once with what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reuse {
    /// Documents by material.
    pub materials: std::collections::BTreeMap<MaterialId, Vec<DocumentId>>,
    /// The digest of the purpose notice that was shown.
    pub signed: String,
}

/// What an errand needs of documents, and every way to meet it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Requirements {
    /// In the catalogue's order.
    pub requirements: Vec<Requirement>,
    /// The person's store, as far as it fits something here or serves here already.
    pub documents: Vec<Document>,
    /// What is read before stored documents serve this errand.
    pub notice: Paper,
    /// What is taken.
    pub limits: UploadLimits,
}

/// What is taken of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct UploadLimits {
    /// Bytes of one file, after photos were made smaller.
    pub most_bytes: i64,
    /// Pages of one material.
    pub most_pages: u32,
}

/// One material and the ways to meet it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Requirement {
    /// The material.
    pub material: MaterialId,
    /// What it is called.
    pub name: String,
    /// What else must be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether the errand waits for it.
    pub required: bool,
    /// It is about the person, so that an earlier file of the same kind is the same paper.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// Forms in which it is taken.
    pub forms: Vec<MaterialForm>,
    /// How it is met now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provided: Option<Provided>,
    /// Ways to meet it, best first.
    pub ways: Vec<Way>,
    /// Ways that would exist but are barred, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bars: Vec<Bar>,
    /// Where it comes from and on which law it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// What is owed of it, after the submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Owed>,
}

/// A way to meet a material, in the order in which they are better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Way {
    /// It is not needed.
    NotNeeded {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A register answers in its place.
    Shared {
        /// The register.
        register: String,
        /// Its name.
        name: String,
    },
    /// An e-certificate is there.
    ECertificate {
        /// The certificate.
        document: DocumentId,
    },
    /// A file given before fits.
    Stored {
        /// The file.
        document: DocumentId,
    },
    /// A new file.
    Upload,
    /// A written declaration instead.
    Declare,
    /// The decision comes first, the material follows.
    OnCommitment {
        /// Working days after the decision.
        days: u32,
    },
    /// It comes later.
    Defer {
        /// The last day, if it were submitted today.
        until: Day,
    },
}

/// Why a way that the catalogue allows is barred to this person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// Only the person can make a commitment; somebody else fills it in.
    Agent,
    /// A promise was not kept and is not repaired: nothing is deferred.
    Breach,
    /// A record of dishonesty: no declaration is taken.
    Dishonest,
    /// Nothing is decided first without a good record.
    Credit,
    /// The credit register did not answer; nothing is decided first until it does.
    CreditUnknown,
    /// The e-certificate has expired.
    Expired,
}

/// A paper as it is read before it is signed, or as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Paper {
    /// What it is.
    pub kind: PaperKind,
    /// Version of its text.
    pub version: String,
    /// Its title.
    pub title: String,
    /// Its parts.
    pub parts: Vec<PaperPart>,
    /// SHA-256 over all of it, in hexadecimal: sent back as the signature.
    pub digest: String,
}

/// A part of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaperPart {
    /// Its heading; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// Its sentences.
    pub lines: Vec<String>,
}

/// Kinds of papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// For what stored documents are used.
    Reuse,
    /// 容缺受理承诺书
    Deferral,
    /// 容缺受理通知书
    DeferralNotice,
    /// 告知承诺书
    Declaration,
    /// 承诺审批承诺书
    OnCommitment,
}

/// A paper of an application, to be downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct PaperCard {
    /// The paper.
    pub id: PaperId,
    /// What it is.
    pub kind: PaperKind,
    /// Its title, in the language it was signed in.
    pub title: String,
    /// The material it is about, by name.
    pub material: String,
    /// When it was signed or served.
    pub at: Moment,
    /// It was taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// A material the person promised, or has to bring after all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Owed {
    /// The material.
    pub material: MaterialId,
    /// Its name.
    pub name: String,
    /// By which instrument.
    pub why: OwedWhy,
    /// The last day; absent while the decision it counts from is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Due>,
    /// Where it stands.
    pub state: OwedState,
    /// Names of the items that wait for it or were decided on it.
    pub items: Vec<String>,
}

/// Why a material is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OwedWhy {
    /// It was to come later (容缺).
    Deferral,
    /// The decision came first (承诺审批).
    OnCommitment,
    /// The declaration was taken back: the normal way applies.
    Withdrawn,
}

/// Where a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OwedState {
    /// Not yet brought, still in time.
    Open,
    /// Brought.
    Met,
    /// The last day has passed.
    Lapsed,
    /// Nothing waits for it any more.
    Void,
}

/// A declaration made, which may be taken back until the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Declared {
    /// The material it replaces.
    pub material: MaterialId,
    /// Its name.
    pub name: String,
    /// Nothing was decided yet.
    pub can_withdraw: bool,
}

/// Brings a material that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bring {
    /// In the order of their pages.
    pub documents: Vec<DocumentId>,
    /// The digest of the purpose notice that was shown, where stored documents serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
}

/// A document in the person's store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Document {
    /// The document.
    pub id: DocumentId,
    /// What it is called.
    pub name: String,
    /// E-certificate or file.
    pub kind: DocumentKind,
    /// The kind of paper it is: what materials name as `certificate` or `kind`, or the name of the
    /// material it was uploaded for.
    pub fits: String,
    /// Whom it is about, where it is not the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The masked name of the household member whose certificate it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The e-certificate's identifier (GB/T 36904).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The last day it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Day>,
    /// Past that day.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    /// Media type.
    pub media: String,
    /// Pages; 1 for a picture.
    pub pages: u32,
    /// Bytes.
    pub size: i64,
    /// When it came into the store; empty for an e-certificate.
    pub added_at: Moment,
    /// Counts from 1 as it is taken again or turned.
    pub version: u32,
    /// The version before, where it is still kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<DocumentId>,
    /// Where it serves or served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<Use>,
}

/// Where a document was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Use {
    /// The errand's name.
    pub errand: String,
    /// The material's name.
    pub material: String,
    /// The application; absent while it is a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationId>,
    /// Its receipt number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// When it was given.
    pub at: Moment,
    /// The version of the purpose notice agreed to; absent where it was uploaded for this very errand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// Kinds of stored documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// From a register.
    ECertificate,
    /// Uploaded by the person.
    File,
}

/// An upload under way (tus 1.0), or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Upload {
    /// The upload.
    pub id: UploadId,
    /// Bytes received.
    pub offset: i64,
    /// Bytes in all.
    pub length: i64,
    /// What became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// The proofs an errand still asks for (证明清单).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ProofsOf {
    /// The errand.
    pub bundle: crate::catalogue::BundleId,
    /// Its name.
    pub name: String,
    /// Its proofs.
    pub proofs: Vec<ProofEntry>,
}

/// A proof still asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ProofEntry {
    /// The material.
    pub material: MaterialId,
    /// What it is called.
    pub name: String,
    /// Where it comes from and on which law it stands.
    pub proof: Proof,
    /// A declaration may replace it.
    pub declaration: bool,
}
