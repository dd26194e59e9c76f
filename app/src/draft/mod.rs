//! The draft being filled in: its facts, and the promise that what is shown as saved is saved.

mod few;
mod outbox;
mod sheet;

#[cfg(test)]
pub(crate) use sheet::tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::catalogue::{BundleView, MaterialId};
use contract::draft::{AskRegisters, Draft, Gap, Migration, PatchDraft, Saved};
use contract::material::{ProvideMaterial, Provided, Reuse};
use engine::merge::Patch;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{self, Failure, Terms};
use crate::session::Session;
use crate::wait;
use outbox::Kept;
pub use outbox::wipe;
pub use sheet::{Changes, Sheet, Touch, repetition, rows};

/// After the last keystroke, this long until it is sent, in milliseconds.
const PAUSE: i32 = 700;
/// After a keystroke, this long until it is sealed on the device if the server has not got it by then: a killed tab
/// loses less than two seconds.
const SEAL: i32 = 1400;

/// What is true of the draft's saving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Everything is on the server, since then.
    Saved(String),
    /// Something is not yet sent, or under way.
    Pending,
    /// The network does not carry it; it is tried again. Whether it is kept on the device meanwhile.
    Offline(bool),
    /// The session ended; sign in to go on. Whether it is kept on the device meanwhile.
    SignedOut(bool),
    /// Somebody else said something different: the person has to choose.
    Contested,
    /// The draft is not there any more.
    Gone,
}

/// What is said above a form.
#[derive(Clone)]
pub struct Notes {
    /// Registers that could not help.
    pub gaps: Vec<Gap>,
    /// What a newer version of the errand changed, until it was seen.
    pub migration: Option<Migration>,
    /// The masked name of the owner, to an agent; of the agent, to the owner.
    pub counterpart: Option<String>,
}

impl Notes {
    fn of(draft: &Draft) -> Self {
        Self { gaps: draft.gaps.clone(), migration: draft.migration.clone(), counterpart: draft.counterpart.clone() }
    }
}

/// A change of materials, on its way.
struct Change {
    path: String,
    body: String,
    /// By `PUT`, else by `POST`.
    put: bool,
    /// What it makes of the materials on the server.
    makes: Vec<(MaterialId, Option<Provided>)>,
}

/// A draft that is open in this tab. Lives as long as the tab, whatever screen shows it.
#[derive(Clone)]
pub struct OpenDraft {
    /// The draft's id.
    pub id: String,
    /// Its facts.
    pub sheet: Sheet,
    /// What else is known of it.
    pub notes: RwSignal<Notes>,
    /// How materials are met.
    pub materials: RwSignal<BTreeMap<MaterialId, Provided>>,
    /// The same, as the server last had it.
    there: StoredValue<BTreeMap<MaterialId, Provided>>,
    /// What is true of its saving.
    pub saving: RwSignal<Saving>,
    /// This browser keeps nothing on the device.
    pub unkept: RwSignal<bool>,
    /// Whoever fills it in does so for somebody else.
    pub as_agent: bool,
    /// The version of the errand its form follows.
    form: String,
    session: Session,
    version: StoredValue<i64>,
    saved_at: StoredValue<String>,
    under_way: StoredValue<bool>,
    typed_at: StoredValue<u32>,
    /// Its person is gone: nothing of it is sent or kept any more.
    closed: StoredValue<bool>,
    /// Facts on their way to the server.
    sent: StoredValue<Patch>,
    pausing: StoredValue<bool>,
    sealing: StoredValue<bool>,
    migration_seen: StoredValue<bool>,
}

impl OpenDraft {
    /// Opens a draft; call it under an owner that lives as long as the tab.
    #[must_use]
    pub fn new(draft: Draft, view: Arc<BundleView>, session: Session) -> Self {
        // From here on a form can be drawn: what the bench counts from.
        if let Some(performance) = window().performance() {
            let _ = performance.mark("draft-opened");
        }
        let sheet = Sheet::of(view, &draft);
        let open = Self {
            id: draft.id.0.clone(),
            sheet,
            notes: RwSignal::new(Notes::of(&draft)),
            there: StoredValue::new(draft.materials.clone()),
            materials: RwSignal::new(draft.materials),
            saving: RwSignal::new(Saving::Saved(draft.saved_at.clone())),
            session,
            saved_at: StoredValue::new(draft.saved_at),
            unkept: RwSignal::new(false),
            as_agent: draft.as_agent,
            form: draft.form.clone(),
            version: StoredValue::new(draft.version),
            under_way: StoredValue::new(false),
            typed_at: StoredValue::new(0),
            closed: StoredValue::new(false),
            sent: StoredValue::new(Patch::new()),
            pausing: StoredValue::new(false),
            sealing: StoredValue::new(false),
            migration_seen: StoredValue::new(false),
        };
        let watched = open.clone();
        Effect::new(move |_| {
            let count = watched.sheet.changed.get();
            if count > 0 {
                watched.typed(count);
            }
        });
        let back = open.clone();
        // The network is back: what waited goes at once.
        std::mem::forget(window_event_listener(ev::online, move |_| {
            let draft = back.clone();
            spawn_local(async move {
                draft.flush().await;
            });
        }));
        let parting = open.clone();
        // Hiding is the last thing a phone surely tells a page.
        std::mem::forget(window_event_listener(ev::pagehide, move |_| parting.part()));
        let hiding = open.clone();
        std::mem::forget(window_event_listener(ev::visibilitychange, move |_| {
            if document().visibility_state() == web_sys::VisibilityState::Hidden {
                hiding.part();
            }
        }));
        let restored = open.clone();
        spawn_local(async move { restored.restore().await });
        open
    }

    /// The same draft over texts in another language.
    #[must_use]
    pub fn reading(&self, view: Arc<BundleView>) -> Self {
        Self { sheet: self.sheet.reading(view), ..self.clone() }
    }

    /// Says again what tabs that are gone could not send.
    async fn restore(&self) {
        let kept = outbox::adopt(&self.id).await;
        if kept.is_empty() {
            return;
        }
        for Kept { base, changes } in kept {
            self.sheet.restore(changes.set);
            for (id, note) in changes.dispute {
                if let Some(index) = self.sheet.index(&id) {
                    self.sheet.set_dispute(index, note);
                }
            }
            // Measured against the version it was typed over: what others said since is not overwritten.
            self.version.update_value(|version| *version = base.min(*version));
        }
        self.sheet.refresh_all();
        self.flush().await;
    }

    fn typed(&self, count: u32) {
        // Said once, not at every keystroke.
        if self.saving.with_untracked(|saving| matches!(saving, Saving::Saved(_) | Saving::Contested)) {
            self.saving.set(Saving::Pending);
        }
        self.typed_at.set_value(count);
        self.seal();
        if self.pausing.get_value() {
            return;
        }
        self.pausing.set_value(true);
        let draft = self.clone();
        spawn_local(async move {
            // One clock for however many keystrokes: it waits for the hand to rest.
            let mut seen = None;
            while seen != Some(draft.typed_at.get_value()) {
                seen = Some(draft.typed_at.get_value());
                wait::milliseconds(PAUSE).await;
            }
            draft.pausing.set_value(false);
            draft.flush().await;
        });
    }

    /// Keeps on the device what the server has not, soon and not at every keystroke.
    fn seal(&self) {
        if self.sealing.get_value() {
            return;
        }
        self.sealing.set_value(true);
        let draft = self.clone();
        spawn_local(async move {
            wait::milliseconds(SEAL).await;
            draft.sealing.set_value(false);
            draft.seal_now().await;
        });
    }

    async fn seal_now(&self) {
        let changes = self.unsaved();
        if !changes.is_empty() && !self.closed.get_value() {
            let kept = outbox::keep(&self.id, Kept { base: self.version.get_value(), changes }).await;
            self.unkept.set(!kept);
        }
    }

    /// What the server has not got: what is under way is not there yet.
    fn unsaved(&self) -> Changes {
        let mut unsaved = self.sheet.unsaved();
        for (id, value) in self.sent.get_value() {
            unsaved.set.entry(id).or_insert(value);
        }
        unsaved
    }

    /// The page is left or hidden: what is not on the server is sent at once, and outlives the page.
    /// Whether it arrived nobody learns; if the page lives on, it is sent again and changes nothing.
    fn part(&self) {
        let Changes { set, dispute } = self.unsaved();
        if (set.is_empty() && dispute.is_empty()) || self.closed.get_value() {
            return;
        }
        let body = PatchDraft { set, dispute, migration_seen: false };
        client::farewell(&format!("/drafts/{}", self.id), &Terms::seen(self.version.get_value()), &body);
        let draft = self.clone();
        spawn_local(async move { draft.seal_now().await });
    }

    /// Sends what is not yet on the server; `true` when it is there. It does not wait for the network to come back.
    pub async fn flush(&self) -> bool {
        self.alone(self.send_all()).await
    }

    /// The person signed out, or somebody else came: from now on nothing of it is sent or kept.
    pub fn close(&self) {
        self.closed.set_value(true);
        self.saving.set(Saving::Gone);
    }

    async fn send_all(&self) -> bool {
        if self.closed.get_value() {
            return false;
        }
        while self.sheet.has_changes() || self.migration_seen.get_value() {
            let changes = self.sheet.take_changes();
            let terms = Terms::seen(self.version.get_value());
            let seen = self.migration_seen.get_value();
            let Changes { set, dispute } = changes.clone();
            self.sent.set_value(set.clone());
            let body = PatchDraft { set, dispute, migration_seen: seen };
            let outcome = client::patch::<Saved>(&format!("/drafts/{}", self.id), &terms, &body).await;
            let sent = self.sent.get_value();
            self.sent.set_value(Patch::new());
            match outcome {
                Ok(saved) => {
                    self.migration_seen.set_value(false);
                    self.version.set_value(saved.version);
                    self.sheet.stored(&sent);
                    self.sheet.take_over(saved.others);
                    self.is_saved(saved.saved_at);
                }
                Err(failure) => {
                    if !self.recover(failure, changes).await {
                        return false;
                    }
                }
            }
        }
        self.sheet.settle_unasked();
        if self.sheet.has_conflicts() {
            self.saving.set(Saving::Contested);
            return false;
        }
        outbox::clear(&self.id).await;
        if matches!(self.saving.get_untracked(), Saving::Pending | Saving::Contested) {
            // Nothing was left to send: what was typed equals what is there.
            self.saving.set(Saving::Saved(self.saved_at.get_value()));
        }
        true
    }

    /// Something was stored. "Saved" is said only where nothing is left.
    fn is_saved(&self, at: String) {
        self.saved_at.set_value(at.clone());
        let all = !self.sheet.has_changes() && !self.sheet.has_conflicts();
        self.saving.set(if all { Saving::Saved(at) } else { Saving::Pending });
    }

    /// Draws the consequence of a failed attempt; `false` when trying again at once is of no use.
    async fn recover(&self, failure: Failure, mut changes: Changes) -> bool {
        if let Failure::Refused(problem) = &failure {
            if problem.kind() == "invalid" {
                // What the server will never take is shown at its field instead of being sent again.
                changes.set.retain(|id, _| !problem.faults.iter().any(|fault| fault.at == *id));
                changes.dispute.retain(|id, _| !problem.faults.iter().any(|fault| fault.at == *id));
                self.sheet.give_back(changes);
                self.sheet.show_all(&problem.faults);
                return true;
            }
            if let Some(theirs) = problem.theirs.clone() {
                self.sheet.give_back(changes);
                self.sheet.contest(theirs.facts);
                return self.read_again().await;
            }
        }
        self.sheet.give_back(changes);
        self.seal();
        match failure.kind() {
            "stale" => self.read_again().await,
            "signed-out" => {
                self.saving.set(Saving::SignedOut(!self.unkept.get_untracked()));
                self.session.ended();
                false
            }
            "not-found" => {
                self.saving.set(Saving::Gone);
                false
            }
            _ => {
                self.saving.set(Saving::Offline(!self.unkept.get_untracked()));
                self.try_later();
                false
            }
        }
    }

    /// Another tab, device or person saved: the other fields are taken over, ours are sent again.
    async fn read_again(&self) -> bool {
        match client::get::<Draft>(&format!("/drafts/{}", self.id)).await {
            Ok(draft) if draft.form != self.form => {
                // The errand itself has changed: its new form is read anew, with what was typed here kept for it.
                self.seal_now().await;
                let _ = window().location().reload();
                false
            }
            Ok(draft) => {
                self.version.set_value(draft.version);
                self.take_over(&draft);
                true
            }
            Err(failure) if failure.kind() == "not-found" => {
                self.saving.set(Saving::Gone);
                false
            }
            Err(_) => {
                self.saving.set(Saving::Offline(!self.unkept.get_untracked()));
                self.try_later();
                false
            }
        }
    }

    fn take_over(&self, draft: &Draft) {
        self.sheet.take_over_all(draft);
        self.there.set_value(draft.materials.clone());
        self.materials.set(draft.materials.clone());
        self.notes.set(Notes::of(draft));
    }

    fn try_later(&self) {
        let draft = self.clone();
        let count = self.typed_at.get_value();
        spawn_local(async move {
            wait::milliseconds(4000).await;
            // Typing since then has its own attempt.
            let idle = draft.typed_at.get_value() == count;
            if idle && matches!(draft.saving.get_untracked(), Saving::Offline(_)) {
                draft.flush().await;
            }
        });
    }

    /// Asks registers again, for what is still empty.
    ///
    /// # Errors
    /// When the network or the server does not do it.
    pub async fn ask_registers(&self, registers: Vec<String>) -> Result<(), Failure> {
        self.flush().await;
        let body = AskRegisters { registers };
        let asked = async {
            let draft: Draft = client::post(&format!("/drafts/{}/prefill", self.id), &Terms::fresh(), &body).await?;
            self.version.set_value(draft.version);
            self.take_over(&draft);
            Ok(())
        };
        self.alone(asked).await
    }

    /// Runs a request that answers with a version while no other one is under way.
    async fn alone<T>(&self, request: impl Future<Output = T>) -> T {
        while self.under_way.get_value() {
            wait::milliseconds(50).await;
        }
        self.under_way.set_value(true);
        let outcome = request.await;
        self.under_way.set_value(false);
        outcome
    }

    /// Reads what is on the server now.
    pub async fn refresh(&self) -> bool {
        self.alone(self.read_again()).await
    }

    /// The person has seen what a newer version of the errand changed.
    pub fn migration_seen(&self) {
        self.notes.update(|notes| notes.migration = None);
        self.migration_seen.set_value(true);
        let draft = self.clone();
        spawn_local(async move {
            draft.flush().await;
        });
    }

    /// Says how a material is met; `None` takes it back. `signed` is the digest of what was read before.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn provide(
        &self,
        material: &MaterialId,
        provided: Option<Provided>,
        signed: Option<String>,
    ) -> Result<(), Failure> {
        self.flush().await;
        let path = format!("/drafts/{}/materials/{material}", self.id);
        let makes = vec![(material.clone(), provided.clone())];
        let body = serde_json::to_string(&ProvideMaterial { provided, signed }).unwrap_or_default();
        self.alone(self.materials_changed(Change { path, body, put: true, makes })).await
    }

    /// How a material was met on the server when it was last heard of.
    #[must_use]
    pub fn met_there(&self, material: &MaterialId) -> Option<Provided> {
        self.there.with_value(|there| there.get(material).cloned())
    }

    /// Meets several materials at once with what is stored.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn reuse(&self, reuse: Reuse) -> Result<(), Failure> {
        self.flush().await;
        let path = format!("/drafts/{}/reuse", self.id);
        let body = serde_json::to_string(&reuse).unwrap_or_default();
        let given = |(material, documents)| (material, Some(Provided::Documents { documents }));
        let makes: Vec<(MaterialId, Option<Provided>)> = reuse.materials.into_iter().map(given).collect();
        self.alone(self.materials_changed(Change { path, body, put: false, makes: makes.clone() })).await?;
        self.materials.update(|given| {
            for (material, provided) in makes {
                put(given, material, provided);
            }
        });
        Ok(())
    }

    async fn materials_changed(&self, change: Change) -> Result<(), Failure> {
        let mut pause = 1000;
        let mut terms = Terms::seen(self.version.get_value());
        for _ in 0..6 {
            let outcome = client::send::<Saved>(change.put, &change.path, &terms, change.body.clone()).await;
            match outcome {
                Ok(saved) => {
                    self.version.set_value(saved.version);
                    self.is_saved(saved.saved_at);
                    self.there.update_value(|there| {
                        for (material, provided) in change.makes {
                            put(there, material, provided);
                        }
                    });
                    return Ok(());
                }
                // Only facts may have changed: whoever sends pages looks at those of others first.
                Err(failure) if failure.kind() == "stale" => {
                    let draft = client::get::<Draft>(&format!("/drafts/{}", self.id)).await?;
                    self.version.set_value(draft.version);
                    self.sheet.take_over_all(&draft);
                    let before = self.there.get_value();
                    let of_others = |(id, _): &(MaterialId, _)| draft.materials.get(id) != before.get(id);
                    let elsewhere = change.makes.iter().any(of_others);
                    self.there.set_value(draft.materials);
                    if elsewhere {
                        return Err(failure);
                    }
                    terms = Terms::seen(draft.version);
                }
                // The same request again, so that it counts once.
                Err(Failure::Network) => {
                    wait::milliseconds(pause).await;
                    pause *= 2;
                }
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::Network)
    }

    /// What is not on the server is kept on this device, so that one may go on meanwhile.
    #[must_use]
    pub fn may_go_on(&self) -> bool {
        matches!(self.saving.get_untracked(), Saving::Offline(true) | Saving::SignedOut(true) | Saving::Contested)
    }

    /// The version to submit.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version.get_value()
    }
}

fn put(given: &mut BTreeMap<MaterialId, Provided>, material: MaterialId, provided: Option<Provided>) {
    match provided {
        Some(provided) => given.insert(material, provided),
        None => given.remove(&material),
    };
}
