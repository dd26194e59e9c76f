//! Reference backend of `onething`: a REST API over SQLite or PostgreSQL, the catalogue,
//! the page's files, and labelled simulators behind the interfaces a city implements.

pub mod api;
pub mod case;
pub mod catalogue;
pub mod clock;
pub mod files;
pub mod housekeeping;
pub mod http;
pub mod papers;
pub mod pay;
pub mod qr;
pub mod random;
pub mod sim;
pub mod standing;
pub mod store;
pub mod till;
pub mod treasury;

use std::path::PathBuf;
use std::sync::Arc;

use catalogue::Catalogue;
use pay::config::Payments;
use sim::identity::IdentityProvider;
use sim::registers::Registers;
use store::Store;
use treasury::Treasury;

/// What every request shares.
#[derive(Clone)]
pub struct App {
    /// The errands, in every language.
    pub catalogue: Arc<Catalogue>,
    /// The database.
    pub store: Store,
    /// Files people give.
    pub files: files::Files,
    /// What papers are drawn with.
    pub fonts: papers::Fonts,
    /// Who someone is.
    pub identity: Arc<dyn IdentityProvider>,
    /// What the state already knows.
    pub registers: Arc<dyn Registers>,
    /// How money comes in.
    pub payments: Payments,
    /// Where it is registered, and receipts come from.
    pub treasury: Arc<dyn Treasury>,
    /// Pages as they travel.
    pub compressed: Arc<http::pages::Compressed>,
    /// What was configured.
    pub settings: Arc<Settings>,
}

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The page's files, built by Trunk.
    pub dist: PathBuf,
    /// Where the service lives on its host: `/`, or `/gov/sub/`.
    pub base: String,
    /// The session cookie only travels over https.
    pub secure: bool,
    /// Origins that may frame the page, as `http::headers::framer` reads them.
    pub framers: Vec<String>,
    /// Pages install a worker that keeps them at hand without a network.
    pub worker: bool,
    /// How long a session lives without anything happening.
    pub session_seconds: i64,
}
