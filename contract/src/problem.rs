//! RFC 9457 problems: one stable `type` for each thing that can go wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::json::FromJson;

use crate::value::Value;

#[cfg(feature = "schema")]
use schemars::JsonSchema;

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Problem {
    /// `https://onething.example/problems/<kind>`; the last part is stable.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// A short summary for developers.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What exactly, for developers; holds no personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The facts and materials it concerns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// With `contested`: what somebody else said meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Theirs>,
}

/// The other side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Theirs {
    /// The version that holds it.
    pub version: i64,
    /// The facts both changed, as they stand there; `null` where they were taken back.
    pub facts: BTreeMap<String, Option<Value>>,
}

impl Problem {
    /// Where problem types are named.
    pub const BASE: &'static str = "https://onething.example/problems/";

    /// The stable last part of the type.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.type_uri.rsplit('/').next().unwrap_or_default()
    }
}

/// What is wrong with one field or material.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Fault {
    /// The field's or material's id; `list.2.column` inside a repeating group.
    pub at: String,
    /// Which rule it breaks; the page has a sentence for each.
    pub rule: FaultRule,
    /// The other field of a rule between two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

impl Fault {
    /// A fault of one field alone.
    #[must_use]
    pub fn new(at: impl Into<String>, rule: FaultRule) -> Self {
        Self { at: at.into(), rule, other: None }
    }
}

/// Rules a value can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FaultRule {
    /// An answer is needed.
    Missing,
    /// Longer than allowed.
    TooLong,
    /// Not a name: digits or symbols.
    Name,
    /// Not 18 characters of an ID number.
    IdShape,
    /// The last character does not fit the others: mistyped.
    IdCheck,
    /// The birth date in the number does not exist.
    IdDate,
    /// Not 18 characters of a unified social credit code.
    UsccShape,
    /// Its check character does not fit: mistyped.
    UsccCheck,
    /// Not a mainland mobile number.
    Mobile,
    /// Neither a mobile number nor a fixed line with its area code.
    Phone,
    /// Not an e-mail address.
    Email,
    /// Not two days, the first not after the second.
    DateRange,
    /// A day before the one it must follow; `other` names that one.
    TooEarly,
    /// A day in the future.
    Future,
    /// The applicant's own deadline, counted from this day, is over.
    Late,
    /// Shares that do not add up to 100 %.
    Whole,
    /// The same as what it must differ from; `other` names it.
    Same,
    /// A place not named far enough down.
    Region,
    /// Not a day that exists.
    Date,
    /// Not a month that exists.
    Month,
    /// Not a number.
    Number,
    /// Not an amount in yuan with up to two decimals.
    Money,
    /// Not between 0 and 100.
    Percent,
    /// Below the least.
    TooSmall,
    /// Above the greatest.
    TooLarge,
    /// Not one of the answers.
    Option,
    /// Not a card or account number.
    BankAccount,
    /// Not the number of a paper.
    Document,
    /// Too few rows.
    TooFewRows,
    /// Too many rows.
    TooManyRows,
    /// A material is missing.
    Material,
    /// A prefilled value that the server did not give.
    Forged,
    /// Not a fact of this errand.
    Unknown,
}
