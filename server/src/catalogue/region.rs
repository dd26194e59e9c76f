//! The region's own file, and the code tables' file, as they are written.

use contract::catalogue::{Audience, Choice};
use contract::home::Window;
use contract::service::{RatingLevel, RatingTag};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `catalogue/region.yaml`: everything that differs from city to city.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionFile {
    /// Stable name.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// ISO 4217; amounts are in its hundredths.
    pub currency: String,
    /// The number to dial for help.
    pub hotline: String,
    /// Identity, registers, cashier and departments are simulators; says so on screen.
    pub demo: bool,
    /// Offset from UTC, `+08:00`.
    pub timezone: String,
    /// Departments by id.
    pub departments: Vec<Named>,
    /// Stages of life, in order.
    pub stages: Vec<StageEntry>,
    /// Days on which offices are closed.
    pub holidays: Vec<Holiday>,
    /// Weekend days worked instead.
    pub make_up_workdays: Vec<String>,
    /// How long drafts are kept.
    pub drafts: Drafts,
    /// How long a correction may take.
    pub correction: CorrectionRule,
    /// What is taken of files.
    pub uploads: Uploads,
    /// Rules about what is promised.
    pub promises: Promises,
    /// The first six digits of receipts' codes (票据代码): region, class, kind; the year follows.
    pub receipt_series: String,
    /// Rules about ratings.
    pub rating: RatingRule,
    /// Counters.
    pub windows: Vec<Window>,
}

/// An id with a name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Stable name.
    pub id: String,
    /// The name people read.
    pub name: String,
}

/// A stage of life.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageEntry {
    /// Stable name.
    pub id: String,
    /// Whose life.
    pub audience: Audience,
    /// The name people read.
    pub label: String,
}

/// A public holiday.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day.
    pub date: String,
    /// Its name.
    pub name: String,
    /// Where it was read.
    #[serde(default)]
    pub source: Option<String>,
}

/// How long drafts are kept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drafts {
    /// Days after the last change.
    pub keep_days: u32,
    /// Days before the end from which on it is announced.
    pub announce_days: u32,
}

/// How long a correction may take.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRule {
    /// Days.
    pub days: u32,
}

/// What is taken of files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uploads {
    /// Bytes of one file.
    pub most_bytes: i64,
    /// Pages of one file, and files of one material.
    pub most_pages: u32,
    /// Hours an upload may be gone on with.
    pub keep_hours: u32,
}

/// Rules about what is promised: deferrals, approvals on commitment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promises {
    /// Working days before the last day on which it is reminded of.
    pub remind_working_days: Vec<u32>,
    /// Working days by which a material follows a decision on commitment.
    pub on_commitment_working_days: u32,
    /// The register that knows a person's credit, by its element `standing`: `good`, `poor` or `dishonest`.
    pub credit_register: String,
}

/// Rules about ratings; they differ from place to place.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingRule {
    /// Working days to answer a bad rating.
    pub rectify_working_days: u32,
    /// Whose figure that is.
    pub rectify_place: String,
    /// Days in which a rating may be added to.
    pub supplement_days: u32,
    /// Days until a default rating; none is the honest default.
    pub default_after_days: Option<u32>,
}

/// `catalogue/codes.yaml`: code tables and the rating scale.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodesFile {
    /// Tables by id.
    pub tables: BTreeMap<String, Table>,
    /// Best first.
    pub rating_levels: Vec<RatingLevel>,
    /// Reasons.
    pub rating_tags: Vec<RatingTag>,
}

/// A code table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The standard it follows, if one.
    #[serde(default)]
    pub standard: Option<String>,
    /// How well it is supported.
    #[serde(default)]
    pub basis: Option<String>,
    /// What else an editor should know.
    #[serde(default)]
    pub note: Option<String>,
    /// The answers.
    pub options: Vec<Choice>,
}

/// `catalogue/synonyms.yaml`: labels that mean the same.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynonymsFile {
    /// Each list holds labels of one data element.
    pub synonyms: Vec<Vec<String>>,
}
