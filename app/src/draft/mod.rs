//! The draft being filled in: its facts, and the promise that what is shown as saved is saved.

mod sheet;

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::catalogue::{BundleView, MaterialId};
use contract::draft::{Draft, Gap, PatchDraft, Provenance, ProvideMaterial, Provided, Saved};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{self, Failure, Terms};
use crate::wait;
pub use sheet::{FieldState, Sheet, rows};

/// After the last keystroke, this long until it is sent, in milliseconds.
const PAUSE: i32 = 700;

/// What is true of the draft's saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Everything is on the server, since then.
    Saved(String),
    /// Something is not yet sent, or under way.
    Pending,
    /// The network does not carry it; it is tried again.
    Offline,
    /// The session ended; sign in to go on.
    SignedOut,
    /// The draft is not there any more.
    Gone,
}

/// A draft that is open in this tab. Lives as long as the tab, whatever screen shows it.
#[derive(Clone)]
pub struct OpenDraft {
    /// The draft's id.
    pub id: String,
    /// Its facts.
    pub sheet: Sheet,
    /// Where prefilled facts came from.
    pub sources: Arc<BTreeMap<String, Provenance>>,
    /// Registers that could not help.
    pub gaps: Arc<Vec<Gap>>,
    /// How materials are met.
    pub materials: RwSignal<BTreeMap<MaterialId, Provided>>,
    /// What is true of its saving.
    pub saving: RwSignal<Saving>,
    version: StoredValue<i64>,
    under_way: StoredValue<bool>,
    typed_at: StoredValue<u32>,
}

impl OpenDraft {
    /// Opens a draft; call it under an owner that lives as long as the tab.
    #[must_use]
    pub fn new(draft: Draft, view: Arc<BundleView>) -> Self {
        let open = Self {
            id: draft.id.0,
            sheet: Sheet::new(view, &draft.facts),
            sources: Arc::new(draft.sources),
            gaps: Arc::new(draft.gaps),
            materials: RwSignal::new(draft.materials),
            saving: RwSignal::new(Saving::Saved(draft.saved_at)),
            version: StoredValue::new(draft.version),
            under_way: StoredValue::new(false),
            typed_at: StoredValue::new(0),
        };
        let watched = open.clone();
        Effect::new(move |_| {
            let count = watched.sheet.changed.get();
            if count > 0 {
                watched.typed(count);
            }
        });
        open
    }

    /// The same draft over texts in another language.
    #[must_use]
    pub fn reading(&self, view: Arc<BundleView>) -> Self {
        Self { sheet: self.sheet.reading(view), ..self.clone() }
    }

    fn typed(&self, count: u32) {
        if !matches!(self.saving.get_untracked(), Saving::Offline) {
            self.saving.set(Saving::Pending);
        }
        self.typed_at.set_value(count);
        let draft = self.clone();
        spawn_local(async move {
            wait::milliseconds(PAUSE).await;
            if draft.typed_at.get_value() == count {
                draft.flush().await;
            }
        });
    }

    /// Sends everything that is not yet on the server; returns when it is there or cannot be.
    pub async fn flush(&self) {
        if self.under_way.get_value() {
            while self.under_way.get_value() {
                wait::milliseconds(50).await;
            }
            return;
        }
        self.under_way.set_value(true);
        let mut pause = 1000;
        while self.sheet.has_changes() {
            let changes = self.sheet.take_changes();
            let names: Vec<String> = changes.keys().cloned().collect();
            let terms = Terms::seen(self.version.get_value());
            let outcome =
                client::patch::<Saved>(&format!("/drafts/{}", self.id), &terms, &PatchDraft { set: changes }).await;
            if !self.settle(outcome, names, &mut pause).await {
                break;
            }
        }
        self.under_way.set_value(false);
    }

    /// Draws the consequence of one attempt to save; `false` when going on is of no use.
    async fn settle(&self, outcome: Result<Saved, Failure>, names: Vec<String>, pause: &mut i32) -> bool {
        match outcome {
            Ok(saved) => {
                self.version.set_value(saved.version);
                let more = self.sheet.has_changes();
                self.saving.set(if more { Saving::Pending } else { Saving::Saved(saved.saved_at) });
                true
            }
            Err(failure) => {
                let refused = match &failure {
                    Failure::Refused(problem) if problem.kind() == "invalid" => Some(problem.faults.clone()),
                    _ => None,
                };
                // What the server will never take is shown at its field instead of being sent again.
                let bad =
                    |name: &String| refused.as_ref().is_some_and(|faults| faults.iter().any(|fault| fault.at == *name));
                self.sheet.give_back(names.into_iter().filter(|name| !bad(name)));
                if let Some(faults) = refused {
                    self.sheet.show_all(&faults);
                    self.saving.set(Saving::Pending);
                    return true;
                }
                self.recover(failure.kind(), pause).await
            }
        }
    }

    async fn recover(&self, kind: &str, pause: &mut i32) -> bool {
        match kind {
            "stale" => match client::get::<Draft>(&format!("/drafts/{}", self.id)).await {
                // Another tab or device saved: its other fields are taken over, ours are sent again.
                Ok(draft) => {
                    self.version.set_value(draft.version);
                    self.sheet.merge(&draft.facts);
                    self.materials.set(draft.materials);
                    true
                }
                Err(_) => self.wait(pause).await,
            },
            "signed-out" => {
                self.saving.set(Saving::SignedOut);
                false
            }
            "not-found" => {
                self.saving.set(Saving::Gone);
                false
            }
            _ => self.wait(pause).await,
        }
    }

    async fn wait(&self, pause: &mut i32) -> bool {
        self.saving.set(Saving::Offline);
        wait::milliseconds(*pause).await;
        *pause = (*pause * 2).min(15_000);
        true
    }

    /// Says how a material is met; `None` takes it back.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn provide(&self, material: &MaterialId, provided: Option<Provided>) -> Result<(), Failure> {
        self.flush().await;
        for _ in 0..3 {
            let terms = Terms::seen(self.version.get_value());
            let body = ProvideMaterial { provided: provided.clone() };
            let outcome =
                client::put::<Saved>(&format!("/drafts/{}/materials/{material}", self.id), &terms, &body).await;
            match outcome {
                Ok(saved) => {
                    self.version.set_value(saved.version);
                    self.saving.set(Saving::Saved(saved.saved_at));
                    self.materials.update(|materials| {
                        match provided {
                            Some(provided) => materials.insert(material.clone(), provided),
                            None => materials.remove(material),
                        };
                    });
                    return Ok(());
                }
                Err(failure) if failure.kind() == "stale" => {
                    let draft = client::get::<Draft>(&format!("/drafts/{}", self.id)).await?;
                    self.version.set_value(draft.version);
                    self.sheet.merge(&draft.facts);
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Network)
    }

    /// The version to submit.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version.get_value()
    }
}
