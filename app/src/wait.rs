//! Waiting, in a page without threads.

use wasm_bindgen_futures::JsFuture;

/// Goes on after so many milliseconds.
pub async fn milliseconds(count: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = leptos::prelude::window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, count);
    });
    let _ = JsFuture::from(promise).await;
}
