//! The citizen's page: one errand, many departments, one form.

pub mod client;
pub mod components;
pub mod draft;
pub mod form;
pub mod host;
pub mod locale;
#[cfg(not(target_arch = "wasm32"))]
pub mod print;
pub mod router;
pub mod screens;
pub mod session;
pub mod site;
mod tab;
pub mod wait;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Starts the page: the language first, so that nothing is drawn twice.
pub fn run() {
    // In a release build a panic is a trap; while developing it says what it is.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    spawn_local(async move {
        let locale = locale::Locale::start().await;
        let route = router::read();
        let drawn = site::Site::is_drawn(&route);
        if !drawn {
            let _ = screens::bring(route.part()).await;
        }
        mount_to_body(move || {
            let site = site::Site::start(locale);
            if drawn {
                site.keep_still();
            }
            provide_context(site);
            screens::shell()
        });
        host::take_over();
    });
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
