//! Something that has to be fetched: loading, there, or failed with a way on.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::client::Failure;
use crate::components::notice;
use crate::locale::texts as t;
use crate::wait;

/// How far it is.
#[derive(Clone)]
enum Phase {
    /// Under way.
    Loading,
    /// There; counts the values that were.
    Ready(u32),
    /// Not there.
    Failed(Failure),
}

type Fetching = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

/// Something fetched, which can be fetched again. What does not hang on its type is compiled once.
pub struct Load<T: Send + Sync + 'static> {
    value: StoredValue<Option<T>>,
    phase: RwSignal<Phase>,
    fetch: StoredValue<Box<dyn Fn() -> Fetching + Send + Sync>>,
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
        let value = StoredValue::new(None);
        let run = move || -> Fetching {
            let fetching = fetch();
            Box::pin(async move {
                let fetched = fetching.await?;
                // The screen may be gone by now.
                let _ = value.try_update_value(|value| *value = Some(fetched));
                Ok(())
            })
        };
        let load = Self { value, phase: RwSignal::new(Phase::Loading), fetch: StoredValue::new(Box::new(run)) };
        load.again();
        load
    }

    /// Fetches again; what is there stays until the new is.
    pub fn again(self) {
        fetch(self.phase, self.fetch);
    }

    /// Puts a newer value in its place.
    pub fn put(self, value: T) {
        let _ = self.value.try_update_value(|before| *before = Some(value));
        ready(self.phase);
    }

    /// What is shown now, tracked.
    #[must_use]
    pub fn get(self) -> Option<T> {
        self.is_ready().then(|| self.there()).flatten()
    }

    /// Whether it is shown now, tracked.
    #[must_use]
    pub fn is_ready(self) -> bool {
        matches!(self.phase.get(), Phase::Ready(_))
    }

    /// Whether it is shown now, and not something that failed.
    #[must_use]
    pub fn is_shown(self) -> bool {
        matches!(self.phase.try_get_untracked(), Some(Phase::Ready(_)))
    }

    /// The screen it belonged to is gone.
    #[must_use]
    pub fn is_gone(self) -> bool {
        self.phase.try_get_untracked().is_none()
    }

    /// What came last, whether it is shown or not.
    #[must_use]
    pub fn there(self) -> Option<T> {
        self.look(T::clone)
    }

    /// Looks at what came last, if anything did.
    pub fn look<R>(self, look: impl FnOnce(&T) -> R) -> Option<R> {
        self.value.try_with_value(|value| value.as_ref().map(look)).flatten()
    }

    /// Shows what came last with a change to it.
    pub fn change(self, change: impl FnOnce(&mut T)) {
        if self.value.try_update_value(|value| value.as_mut().map(change)).flatten().is_some() {
            ready(self.phase);
        }
    }

    /// Shows it.
    pub fn show<V: IntoView + 'static>(self, ready: impl Fn(T) -> V + Send + Sync + 'static) -> AnyView {
        self.show_or(ready, |_| None)
    }

    /// Shows it, and some failures in the screen's own words.
    pub fn show_or<V: IntoView + 'static>(
        self,
        ready: impl Fn(T) -> V + Send + Sync + 'static,
        failed: fn(&Failure) -> Option<AnyView>,
    ) -> AnyView {
        let value = self.value;
        shown(self.phase, self.fetch, Box::new(move || value.get_value().map(|value| ready(value).into_any())), failed)
    }
}

fn fetch(phase: RwSignal<Phase>, fetch: StoredValue<Box<dyn Fn() -> Fetching + Send + Sync>>) {
    let fetching = fetch.with_value(|fetch| fetch());
    spawn_local(async move {
        match fetching.await {
            Ok(()) => ready(phase),
            Err(failure) => {
                let _ = phase.try_set(Phase::Failed(failure));
            }
        }
    });
}

fn ready(phase: RwSignal<Phase>) {
    keep_focus();
    let _ = phase.try_update(|phase| {
        *phase = Phase::Ready(if let Phase::Ready(count) = phase { *count + 1 } else { 0 });
    });
}

/// What is drawn again keeps the focus: an element that is rebuilt loses its `tabindex` for a moment, and the focus with
/// it. Where the element is gone, the heading has it.
fn keep_focus() {
    let Some(before) = document().active_element() else { return };
    if before.tag_name() == "BODY" {
        return;
    }
    request_animation_frame(move || {
        if document().active_element().is_some_and(|active| active.tag_name() != "BODY") {
            return;
        }
        let heading = || document().query_selector("h1").ok().flatten();
        let place = if before.is_connected() { Some(before) } else { heading() };
        if let Some(place) = place.and_then(|place| place.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = place.focus_with_options(&options);
        }
    });
}

fn shown(
    phase: RwSignal<Phase>,
    again: StoredValue<Box<dyn Fn() -> Fetching + Send + Sync>>,
    draw: Box<dyn Fn() -> Option<AnyView> + Send + Sync>,
    failed: fn(&Failure) -> Option<AnyView>,
) -> AnyView {
    let slow = RwSignal::new(false);
    spawn_local(async move {
        wait::milliseconds(300).await;
        let _ = slow.try_set(true);
    });
    (move || match phase.get() {
        Phase::Loading => view! { <div class="skeleton" aria-busy="true" class:seen=move || slow.get()><h1 class="hidden">{t::common_loading()}</h1><span></span><span></span><span></span></div> }.into_any(),
        Phase::Ready(_) => draw().into_any(),
        Phase::Failed(failure) => failed(&failure).unwrap_or_else(|| {
            notice::failed(&failure, move || {
                phase.set(Phase::Loading);
                fetch(phase, again);
            })
        }),
    })
    .into_any()
}
