//! What travels between the page and the backend, and what a catalogue file says.
//!
//! Types only: no input or output, no rules. The rules over these types live in `engine`.

pub mod account;
pub mod application;
pub mod catalogue;
pub mod desk;
pub mod draft;
pub mod home;
pub mod json;
pub mod material;
pub mod payment;
pub mod problem;
pub mod service;
pub mod value;

/// A point in time: RFC 3339 with the region's offset, as `2026-11-22T09:30:00+08:00`.
pub type Moment = String;

/// A calendar day, `2026-11-22`.
pub type Day = String;

/// An amount of money in fen (1/100 yuan). Never a float.
pub type Fen = i64;

/// Declares an identifier: a string that is not interchangeable with any other.
#[macro_export]
macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $crate::json::FromJson for $name {
            fn from_json(json: $crate::json::Json, wrong: &mut bool) -> Self {
                Self($crate::json::FromJson::from_json(json, wrong))
            }
        }

        impl $name {
            /// The identifier as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
