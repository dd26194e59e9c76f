//! RFC 9457 problems: one stable `type` for each thing that can go wrong.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use schemars::JsonSchema;

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Fault {
    /// The field's or material's id; `list.2.column` inside a repeating group.
    pub at: String,
    /// Which rule it breaks; the page has a sentence for each.
    pub rule: FaultRule,
}

/// Rules a value can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
