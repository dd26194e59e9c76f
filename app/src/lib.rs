//! The citizen's page: one errand, many departments, one form.

pub mod client;
pub mod components;
pub mod draft;
pub mod form;
pub mod host;
pub mod locale;
pub mod router;
pub mod screens;
pub mod session;
pub mod site;
pub mod wait;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Starts the page: the language first, so that nothing is drawn twice.
pub fn run(program: router::Program, screen: fn(router::Route) -> Option<AnyView>) {
    // In a release build a panic is a trap; while developing it says what it is.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    spawn_local(async move {
        let locale = locale::Locale::start().await;
        mount_to_body(move || {
            provide_context(site::Site::start(locale, program));
            screens::shell(screen)
        });
        // The skeleton that stood in the page until now.
        if let Some(skeleton) = document().get_element_by_id("boot") {
            skeleton.remove();
        }
    });
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
