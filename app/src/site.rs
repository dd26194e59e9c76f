//! What every screen may use: the capabilities of the page, and what lives as long as the tab.

use std::collections::HashMap;
use std::sync::Arc;

use contract::catalogue::BundleView;
use contract::draft::Draft;
use contract::home::Home;
use contract::value::Facts;
use leptos::prelude::*;

use crate::client::{self, Failure};
use crate::draft::OpenDraft;
use crate::locale::{self, Language, Locale};
use crate::router::Router;
use crate::session::Session;

/// The capabilities of the page.
#[derive(Clone, Copy)]
pub struct Site {
    /// Language.
    pub locale: Locale,
    /// Navigation.
    pub router: Router,
    /// Who is there.
    pub session: Session,
    kept: StoredValue<Kept>,
}

/// What lives as long as the tab.
struct Kept {
    owner: Owner,
    bundles: HashMap<(Language, String), Arc<BundleView>>,
    homes: HashMap<Language, Arc<Home>>,
    answers: HashMap<String, Facts>,
    draft: Option<OpenDraft>,
}

impl std::hash::Hash for Language {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.tag().hash(state);
    }
}

/// The site, from anywhere below the root.
#[must_use]
pub fn site() -> Site {
    expect_context()
}

impl Site {
    /// Starts the capabilities; call it once, at the root.
    #[must_use]
    pub fn start(locale: Locale) -> Self {
        let kept = Kept { owner: Owner::current().unwrap_or_default(), bundles: HashMap::new(), homes: HashMap::new(), answers: HashMap::new(), draft: None };
        Self { locale, router: Router::start(), session: Session::start(), kept: StoredValue::new(kept) }
    }

    /// An errand, fetched once a language.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn bundle(self, id: &str) -> Result<Arc<BundleView>, Failure> {
        let key = (locale::current(), id.to_owned());
        if let Some(view) = self.kept.with_value(|kept| kept.bundles.get(&key).cloned()) {
            return Ok(view);
        }
        let view: Arc<BundleView> = Arc::new(client::get(&format!("/bundles/{id}")).await?);
        self.kept.update_value(|kept| {
            kept.bundles.insert(key, view.clone());
        });
        Ok(view)
    }

    /// The first screen's content, fetched once a language.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn home(self) -> Result<Arc<Home>, Failure> {
        let key = locale::current();
        if let Some(home) = self.kept.with_value(|kept| kept.homes.get(&key).cloned()) {
            return Ok(home);
        }
        let home: Arc<Home> = Arc::new(client::get("/home").await?);
        self.kept.update_value(|kept| {
            kept.homes.insert(key, home.clone());
        });
        Ok(home)
    }

    /// What was answered to an errand's situations before there is a draft.
    #[must_use]
    pub fn answers(self, bundle: &str) -> Facts {
        self.kept.with_value(|kept| kept.answers.get(bundle).cloned().unwrap_or_default())
    }

    /// Remembers answers until the tab is closed or somebody signs out.
    pub fn remember(self, bundle: &str, facts: Facts) {
        self.kept.update_value(|kept| {
            kept.answers.insert(bundle.to_owned(), facts);
        });
    }

    /// A draft, opened once a tab, with texts in the present language.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn draft(self, id: &str) -> Result<OpenDraft, Failure> {
        let open = self.kept.with_value(|kept| kept.draft.clone().filter(|draft| draft.id == id));
        if let Some(open) = open {
            let bundle = open.sheet.view().bundle.id.0.clone();
            return Ok(open.reading(self.bundle(&bundle).await?));
        }
        let draft: Draft = client::get(&format!("/drafts/{id}")).await?;
        let view = self.bundle(draft.bundle.as_str()).await?;
        let owner = self.kept.with_value(|kept| kept.owner.clone());
        let open = owner.with(|| OpenDraft::new(draft, view));
        self.kept.update_value(|kept| kept.draft = Some(open.clone()));
        Ok(open)
    }

    /// Forgets everything personal.
    pub fn forget(self) {
        self.kept.update_value(|kept| {
            kept.answers.clear();
            kept.draft = None;
        });
    }
}
