//! Who is signed in.

use contract::account::{Session as Account, SignIn, Ticket};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{self, Failure, Terms};

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

/// The session as a signal.
#[derive(Clone, Copy)]
pub struct Session(RwSignal<State>);

impl Session {
    /// Asks who is signed in, and again every few minutes, which keeps the session alive.
    #[must_use]
    pub fn start() -> Self {
        let session = Self(RwSignal::new(State::Unknown));
        session.ask();
        set_interval(
            move || {
                if matches!(session.0.get_untracked(), State::In(_)) {
                    session.ask();
                }
            },
            std::time::Duration::from_secs(240),
        );
        session
    }

    fn ask(self) {
        spawn_local(async move {
            match client::get::<Option<Account>>("/session").await {
                Ok(Some(account)) => self.0.set(State::In(account)),
                Ok(None) | Err(Failure::Refused(_)) => self.0.set(State::Out),
                // Without a network nothing is known that was not known before.
                Err(Failure::Network) if self.0.get_untracked() == State::Unknown => self.0.set(State::Out),
                Err(Failure::Network) => {}
            }
        });
    }

    /// The state, tracked.
    #[must_use]
    pub fn get(self) -> State {
        self.0.get()
    }

    /// Signs in as a made-up person of the simulator.
    ///
    /// # Errors
    /// When the ticket is not given or not taken.
    pub async fn sign_in_as(self, persona: &str) -> Result<(), Failure> {
        let ticket: Ticket = client::post(&format!("/demo/personas/{persona}/ticket"), &Terms::fresh(), &()).await?;
        let account = client::post("/session", &Terms::fresh(), &SignIn { ticket: ticket.ticket }).await?;
        self.0.set(State::In(account));
        Ok(())
    }

    /// Signs out; nothing personal stays behind.
    pub async fn sign_out(self) {
        if client::delete("/session").await.is_ok() {
            self.0.set(State::Out);
        }
    }

    /// The server said nobody is signed in.
    pub fn ended(self) {
        self.0.set(State::Out);
    }
}
