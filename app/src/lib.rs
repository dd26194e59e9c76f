//! The citizen's page: one errand, many departments, one form.

pub mod client;
pub mod components;
pub mod draft;
pub mod host;
pub mod locale;
pub mod router;
pub mod screens;
pub mod session;
pub mod site;
pub mod wait;

use leptos::prelude::*;
use leptos::task::spawn_local;

/// Starts the page: the language first, so that nothing is drawn twice.
pub fn run(program: router::Program, screen: fn(router::Route) -> Option<AnyView>) {
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
