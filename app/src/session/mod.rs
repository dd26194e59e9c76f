//! Who is signed in.

mod view;

use contract::account::{Session as Account, SignIn, Ticket};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{self, Failure, Terms};
use crate::host::{Ability, Bridge, Host};
use crate::wait;
pub use view::{people, sign_in_again, watch};

/// What is known of the session.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Not asked yet.
    Unknown,
    /// Nobody.
    Out,
    /// Somebody.
    In(Account),
}

/// Announced so many seconds before the end, or a third of the session's life before it.
const ANNOUNCED: i64 = 120;

/// After a question that got no answer, so many milliseconds until it is asked again.
const AGAIN: i32 = 15_000;

/// The session as a signal.
#[derive(Clone, Copy)]
pub struct Session {
    state: RwSignal<State>,
    /// It ends soon.
    ending: RwSignal<bool>,
    /// Whether anything was done since the server was last asked.
    active: StoredValue<bool>,
    /// Counts answers, so that only the newest one's clock runs.
    asked: StoredValue<u32>,
}

impl Session {
    /// Asks who is signed in, and again while somebody is at work here, which keeps the session alive.
    #[must_use]
    pub fn start() -> Self {
        let session = Self::nobody();
        spawn_local(session.ask());
        let noted = window_event_listener(leptos::ev::input, move |_| session.active.set_value(true));
        let pressed = window_event_listener(leptos::ev::pointerdown, move |_| session.active.set_value(true));
        // Both live as long as the page.
        std::mem::forget((noted, pressed));
        session
    }

    /// Nobody was asked yet.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            state: RwSignal::new(State::Unknown),
            ending: RwSignal::new(false),
            active: StoredValue::new(false),
            asked: StoredValue::new(0),
        }
    }

    /// Signs in with a ticket of the app around the page, where it gives one; says whether it did.
    pub async fn by_host(self) -> bool {
        let Some(ticket) = Bridge.ask(Ability::Ticket, "").await else { return false };
        match client::post("/session", &Terms::fresh(), &SignIn { ticket }).await {
            Ok(account) => {
                self.enter(account);
                true
            }
            Err(_) => false,
        }
    }

    /// Does something once somebody is signed in, and the server says so, too: what is thought here may be what it
    /// just denied.
    pub fn on_return(self, back: impl Fn() + 'static) {
        let back = std::rc::Rc::new(back);
        Effect::new(move |_| {
            if matches!(self.state.get(), State::In(_)) {
                let back = back.clone();
                spawn_local(async move {
                    self.ask().await;
                    if matches!(self.state.get_untracked(), State::In(_)) {
                        back();
                    }
                });
            }
        });
    }

    /// Asks the server, which renews the session.
    pub async fn ask(self) {
        let before = self.asked.get_value();
        match client::get::<Option<Account>>("/session").await {
            Ok(Some(account)) => self.enter(account),
            // Somebody signed in while the answer was under way: it speaks of the time before.
            Ok(None) if self.asked.get_value() != before => {}
            Ok(None) => {
                // Whoever the app around is about to sign in is not sent to sign in.
                let unknown = self.state.get_untracked() == State::Unknown;
                let signed_in = unknown && self.by_host().await;
                if !signed_in && self.asked.get_value() == before {
                    self.state.set(State::Out);
                }
            }
            Err(failure) if failure.kind() == "signed-out" => self.state.set(State::Out),
            Err(_) if self.state.get_untracked() == State::Unknown => self.state.set(State::Out),
            // Without an answer nothing is known that was not known before: it is asked again soon.
            Err(_) => {
                wait::milliseconds(AGAIN).await;
                spawn_local(Box::pin(self.ask()) as std::pin::Pin<Box<dyn Future<Output = ()>>>);
            }
        }
    }

    fn enter(self, account: Account) {
        let left = account.expires_in;
        self.ending.set(false);
        self.active.set_value(false);
        self.asked.update_value(|count| *count += 1);
        if self.state.with_untracked(|state| !matches!(state, State::In(before) if before.name == account.name)) {
            self.state.set(State::In(account));
            // Files that waited for this go on; whose errand they are for, the server looks at (`public/upload.js`).
            if let Ok(event) = web_sys::Event::new("onething:signed-in") {
                let _ = window().dispatch_event(&event);
            }
        }
        spawn_local(self.run_down(left, self.asked.get_value()));
    }

    /// Runs with the session's clock: whoever is at work is kept signed in, whoever is not is told in time.
    async fn run_down(self, left: i64, asked: u32) {
        let seconds = |count: i64| i32::try_from(count.clamp(1, 86_400) * 1000).unwrap_or(i32::MAX);
        let announced = ANNOUNCED.min(left / 3);
        let newest = || self.asked.get_value() == asked;
        // Half-way, and again when the end is near.
        for pause in [left / 2, left - left / 2 - announced] {
            wait::milliseconds(seconds(pause)).await;
            if !newest() {
                return;
            }
            if self.active.get_value() {
                return self.ask().await;
            }
        }
        self.ending.set(true);
        // Who is at work to the last is kept signed in.
        for _ in 0..announced {
            wait::milliseconds(1000).await;
            if self.active.get_value() || !newest() {
                break;
            }
        }
        if !self.active.get_value() {
            wait::milliseconds(1000).await;
        }
        if newest() {
            self.ask().await;
        }
    }

    /// Whether the session ends soon, tracked.
    #[must_use]
    pub fn ends_soon(self) -> bool {
        self.ending.get() && matches!(self.state.get(), State::In(_))
    }

    /// The state as it is now.
    #[must_use]
    pub fn get_untracked(self) -> State {
        self.state.get_untracked()
    }

    /// The state, tracked.
    #[must_use]
    pub fn get(self) -> State {
        self.state.get()
    }

    /// Signs in as a made-up person of the simulator.
    ///
    /// # Errors
    /// When the ticket is not given or not taken.
    pub async fn sign_in_as(self, persona: &str) -> Result<(), Failure> {
        let ticket: Ticket = client::post(&format!("/demo/personas/{persona}/ticket"), &Terms::fresh(), &()).await?;
        let account = client::post("/session", &Terms::fresh(), &SignIn { ticket: ticket.ticket }).await?;
        self.enter(account);
        Ok(())
    }

    /// Signs out; nothing personal stays behind.
    pub async fn sign_out(self) {
        if client::delete("/session").await.is_ok() {
            self.state.set(State::Out);
        }
    }

    /// The server said nobody is signed in.
    pub fn ended(self) {
        self.state.set(State::Out);
    }
}
