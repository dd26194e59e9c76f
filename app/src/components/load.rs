//! Something that has to be fetched: loading, there, or failed with a way on.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Failure;
use crate::components::notice;
use crate::wait;

/// How far it is.
#[derive(Clone)]
pub enum Loaded<T> {
    /// Under way.
    Loading,
    /// There.
    Ready(T),
    /// Not there.
    Failed(Failure),
}

/// Something fetched, which can be fetched again.
pub struct Load<T: Send + Sync + 'static> {
    /// How far it is.
    pub state: RwSignal<Loaded<T>>,
    fetch: StoredValue<Box<dyn Fn() + Send + Sync>>,
}

impl<T: Send + Sync + 'static> Clone for Load<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Load<T> {}

impl<T: Clone + Send + Sync + 'static> Load<T> {
    /// Begins to fetch.
    pub fn start<F>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let state = RwSignal::new(Loaded::Loading);
        let run = move || {
            let fetching = fetch();
            spawn_local(async move {
                let outcome = fetching.await;
                // The screen may be gone by now.
                let _ = state.try_set(match outcome {
                    Ok(value) => Loaded::Ready(value),
                    Err(failure) => Loaded::Failed(failure),
                });
            });
        };
        run();
        Self { state, fetch: StoredValue::new(Box::new(run)) }
    }

    /// Fetches again; what is there stays until the new is.
    pub fn again(self) {
        self.fetch.with_value(|fetch| fetch());
    }

    /// Puts a newer value in its place.
    pub fn put(self, value: T) {
        self.state.set(Loaded::Ready(value));
    }

    /// Shows it.
    pub fn show<V: IntoView + 'static>(self, ready: impl Fn(T) -> V + Send + Sync + 'static) -> AnyView {
        let slow = RwSignal::new(false);
        spawn_local(async move {
            wait::milliseconds(300).await;
            let _ = slow.try_set(true);
        });
        (move || match self.state.get() {
            Loaded::Loading => view! { <div class="skeleton" aria-busy="true" class:seen=move || slow.get()><span></span><span></span><span></span></div> }.into_any(),
            Loaded::Ready(value) => ready(value).into_any(),
            Loaded::Failed(failure) => notice::failed(&failure, move || {
                self.state.set(Loaded::Loading);
                self.again();
            }),
        })
        .into_any()
    }
}
