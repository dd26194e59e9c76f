//! What every screen may use: the capabilities of the page, and what lives as long as the tab.

use std::pin::Pin;
use std::sync::Arc;

use contract::catalogue::BundleView;
use contract::draft::Draft;
use contract::home::Home;
use contract::json;
use contract::value::Facts;
use leptos::prelude::*;

use crate::client::{self, Failure};
use crate::draft::OpenDraft;
use crate::locale::{self, Language, Locale};
use crate::router::{Program, Router};
use crate::session::{Session, State};

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
    bundles: Vec<(Language, Arc<BundleView>)>,
    homes: Vec<(Language, Arc<Home>)>,
    draft: Option<OpenDraft>,
    parting: Option<Parting>,
}

/// How an open draft is saved and closed. Made where a draft is opened, so that a program that opens
/// none carries none of its code.
#[derive(Clone)]
struct Parting {
    save: Arc<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>> + Send + Sync>,
    close: Arc<dyn Fn() + Send + Sync>,
}

impl Parting {
    fn of(draft: &OpenDraft) -> Self {
        let (saving, closing) = (draft.clone(), draft.clone());
        let save = move || -> Pin<Box<dyn Future<Output = ()>>> {
            let draft = saving.clone();
            Box::pin(async move {
                draft.flush().await;
            })
        };
        Self { save: Arc::new(save), close: Arc::new(move || closing.close()) }
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
    pub fn start(locale: Locale, program: Program) -> Self {
        let kept = Kept {
            owner: Owner::current().unwrap_or_default(),
            bundles: Vec::new(),
            homes: Vec::new(),
            draft: None,
            parting: None,
        };
        let site =
            Self { locale, router: Router::start(program), session: Session::start(), kept: StoredValue::new(kept) };
        // Whoever comes next does not meet the draft of the person before.
        Effect::new(move |before: Option<Option<String>>| {
            let name = match site.session.get() {
                State::In(account) => Some(account.name),
                _ => before.clone().flatten(),
            };
            if before.flatten().is_some_and(|before| Some(&before) != name.as_ref()) {
                site.close_draft();
            }
            name
        });
        site
    }

    /// An errand, fetched once a language.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn bundle(self, id: &str) -> Result<Arc<BundleView>, Failure> {
        let language = locale::current();
        let kept = |kept: &Kept| {
            kept.bundles
                .iter()
                .find(|(spoken, view)| *spoken == language && view.bundle.id.0 == id)
                .map(|(_, view)| view.clone())
        };
        if let Some(view) = self.kept.with_value(kept) {
            return Ok(view);
        }
        let view: Arc<BundleView> = Arc::new(client::get(&format!("/bundles/{id}")).await?);
        self.kept.update_value(|kept| {
            kept.bundles.push((language, view.clone()));
        });
        Ok(view)
    }

    /// The first screen's content, fetched once a language.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn home(self) -> Result<Arc<Home>, Failure> {
        let language = locale::current();
        let kept =
            |kept: &Kept| kept.homes.iter().find(|(spoken, _)| *spoken == language).map(|(_, home)| home.clone());
        if let Some(home) = self.kept.with_value(kept) {
            return Ok(home);
        }
        let home: Arc<Home> = Arc::new(client::get("/home").await?);
        self.kept.update_value(|kept| {
            kept.homes.push((language, home.clone()));
        });
        Ok(home)
    }

    /// What was answered to an errand's situations before there is a draft.
    #[must_use]
    pub fn answers(self, bundle: &str) -> Facts {
        self.kept(&format!("answers.{bundle}")).unwrap_or_default()
    }

    /// Remembers answers for this tab, until somebody signs out. They name nobody.
    pub fn remember(self, bundle: &str, facts: &Facts) {
        self.keep(&format!("answers.{bundle}"), facts);
    }

    /// Keeps something for this tab, across its programs, until somebody signs out.
    pub fn keep(self, key: &str, what: &impl serde::Serialize) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(what)) {
            let _ = storage.set_item(key, &text);
        }
    }

    /// What was kept.
    #[must_use]
    pub fn kept<T: json::FromJson>(self, key: &str) -> Option<T> {
        json::read(&storage()?.get_item(key).ok().flatten()?)
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
        let open = owner.with(|| OpenDraft::new(draft, view, self.session));
        self.kept.update_value(|kept| {
            kept.parting = Some(Parting::of(&open));
            kept.draft = Some(open.clone());
        });
        Ok(open)
    }

    /// Remembers, across the programs of the page, which field the next form shall lead to.
    pub fn lead_to(self, element: &str) {
        if let Some(storage) = storage() {
            let _ = storage.set_item("lead-to", element);
        }
    }

    /// The element to lead to, once.
    #[must_use]
    pub fn led_to(self) -> Option<String> {
        let storage = storage()?;
        let element = storage.get_item("lead-to").ok().flatten()?;
        let _ = storage.remove_item("lead-to");
        Some(element)
    }

    /// Sends what is not on the server yet, before somebody signs out.
    pub async fn save(self) {
        if let Some(parting) = self.kept.with_value(|kept| kept.parting.clone()) {
            (parting.save)().await;
        }
    }

    fn close_draft(self) {
        let parting = self.kept.try_update_value(|kept| {
            kept.draft = None;
            kept.parting.take()
        });
        if let Some(parting) = parting.flatten() {
            (parting.close)();
        }
    }

    /// Forgets everything personal, on this device too.
    pub async fn forget(self) {
        self.close_draft();
        if let Some(storage) = storage() {
            let _ = storage.clear();
        }
        crate::draft::wipe().await;
    }
}

/// What a tab keeps across the programs of the page.
fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}
