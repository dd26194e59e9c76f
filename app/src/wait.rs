//! Waiting, in a page without threads.

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Goes on after so many milliseconds.
pub async fn milliseconds(count: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, count);
    });
    let _ = JsFuture::from(promise).await;
}

/// Goes on once what is there now was painted, which the next frame does.
pub fn painted(work: impl FnOnce() + 'static) {
    request_animation_frame(move || request_animation_frame(work));
}

/// Work of a screen that answers a press: the press is seen first, and the work done in the frame after, unless the screen is
/// gone by then.
#[derive(Clone, Copy)]
pub struct Press(StoredValue<()>);

impl Press {
    /// For the screen that is being drawn.
    #[must_use]
    pub fn here() -> Self {
        Self(StoredValue::new(()))
    }

    /// Does it.
    pub fn answer(self, work: impl FnOnce() + 'static) {
        painted(move || {
            if self.0.try_get_value().is_some() {
                work();
            }
        });
    }
}
