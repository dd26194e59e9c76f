//! The first screen: the region and its errands.

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::catalogue::{Audience, BundleId, Limit};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

/// What the first screen shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Home {
    /// The language of the region's texts (BCP 47): the one asked for, or the source where they are not translated.
    pub language: String,
    /// Whose service this is.
    pub region: Region,
    /// Every errand, hottest first.
    pub bundles: Vec<BundleCard>,
}

/// The region that runs the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Region {
    /// Its name.
    pub name: String,
    /// The hotline to dial.
    pub hotline: String,
    /// Identity, registers, cashier and departments are simulators.
    pub demo: bool,
    /// Stages of life, in order.
    pub stages: Vec<Stage>,
    /// Counters one can go to instead.
    pub windows: Vec<Window>,
}

/// A stage in the life of a person or an enterprise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Stage {
    /// Its id.
    pub id: String,
    /// Whose life.
    pub audience: Audience,
    /// Its name.
    pub label: String,
}

/// A service counter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// When it is open.
    pub hours: String,
    /// The number to call.
    pub phone: String,
}

/// An errand in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct BundleCard {
    /// The bundle.
    pub id: BundleId,
    /// The language of its texts (BCP 47).
    pub language: String,
    /// Its name.
    pub name: String,
    /// Its promise in a sentence.
    pub summary: String,
    /// The stages it belongs to.
    pub stage: String,
    /// Rank among the most used; lower is hotter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hot: Option<u16>,
    /// Weak facts: "sample".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
    /// How many departments take part.
    pub departments: usize,
    /// The promised limit of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Limit>,
    /// Lower-case words that find it: names, aliases, pinyin, initials.
    pub terms: Vec<String>,
}
