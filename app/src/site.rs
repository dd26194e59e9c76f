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
use crate::host;
use crate::locale::{self, Language, Locale};
use crate::router::{Route, Router};
use crate::session::{Session, State};
use crate::tab;

/// The capabilities of the page.
#[derive(Clone, Copy)]
pub struct Site {
    /// Language.
    pub locale: Locale,
    /// Navigation.
    pub router: Router,
    /// Who is there.
    pub session: Session,
    /// A newer release waits.
    pub release: RwSignal<bool>,
    /// The live screens are drawn in the elder style.
    pub elder: RwSignal<bool>,
    kept: StoredValue<Kept>,
}

/// What lives as long as the tab.
struct Kept {
    /// The screen is still the one that the build drew.
    still: bool,
    owner: Owner,
    bundles: Vec<(Language, Arc<BundleView>)>,
    homes: Vec<(Language, Arc<Home>)>,
    draft: Option<OpenDraft>,
    parting: Option<Parting>,
}

/// How an open draft is saved and closed. Made where a draft is opened, so that parts that open
/// none carry none of its code.
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
    pub fn start(locale: Locale) -> Self {
        let site = Self::of(locale, Router::start(), Session::start());
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

    /// For a page that is drawn by the build: nobody is there, and nothing moves.
    #[must_use]
    pub fn printed(locale: Locale, route: Route) -> Self {
        Self::of(locale, Router::printed(route), Session::nobody())
    }

    fn of(locale: Locale, router: Router, session: Session) -> Self {
        let kept = Kept {
            still: false,
            owner: Owner::current().unwrap_or_default(),
            bundles: Vec::new(),
            homes: Vec::new(),
            draft: None,
            parting: None,
        };
        let elder = RwSignal::new(host::is_elder());
        Self { locale, router, session, release: RwSignal::new(false), elder, kept: StoredValue::new(kept) }
    }

    /// Whether what the build drew into this page says what the live screen would: the same screen, in the
    /// same language, and nothing answered yet that would narrow a guide.
    #[must_use]
    pub fn is_drawn(route: &Route) -> bool {
        let answered = match route {
            Route::Guide(id) => kept::<Facts>(&answers_of(id)).is_some_and(|facts| !facts.is_empty()),
            _ => false,
        };
        let language = document().document_element().and_then(|root| root.get_attribute("data-drawn"));
        host::still() == Some(route.path()) && language.as_deref() == Some(locale::current().tag()) && !answered
    }

    /// Keeps what the build drew, until there is reason to draw it anew.
    pub fn keep_still(self) {
        self.kept.update_value(|kept| kept.still = true);
    }

    /// Whether the screen is the one the build drew.
    #[must_use]
    pub fn is_still(self) -> bool {
        self.kept.with_value(|kept| kept.still)
    }

    /// The next screen is a live one.
    pub fn leave_still(self) {
        self.elder.set(host::is_elder());
        self.kept.update_value(|kept| kept.still = false);
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
        kept(&answers_of(bundle)).unwrap_or_default()
    }

    /// Remembers answers for this tab, until somebody signs out. They name nobody.
    pub fn remember(self, bundle: &str, facts: &Facts) {
        self.keep(&answers_of(bundle), facts);
    }

    /// Keeps something for this tab until somebody signs out.
    pub fn keep(self, key: &str, what: &impl serde::Serialize) {
        if let Ok(text) = serde_json::to_string(what) {
            tab::keep(key, &text);
        }
    }

    /// What was kept.
    #[must_use]
    pub fn kept<T: json::FromJson>(self, key: &str) -> Option<T> {
        kept(key)
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

    /// Remembers which field the next form shall lead to.
    pub fn lead_to(self, element: &str) {
        tab::keep("lead-to", element);
    }

    /// The element to lead to, once.
    #[must_use]
    pub fn led_to(self) -> Option<String> {
        let element = tab::kept("lead-to")?;
        tab::drop_one("lead-to");
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
        tab::clear();
        crate::draft::wipe().await;
    }
}

fn answers_of(bundle: &str) -> String {
    format!("answers.{bundle}")
}

fn kept<T: json::FromJson>(key: &str) -> Option<T> {
    json::read(&tab::kept(key)?)
}
