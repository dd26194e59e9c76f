//! The screens that the build draws, where there is no browser.

use std::sync::Arc;

use contract::catalogue::BundleView;
use contract::home::Home;
use leptos::prelude::*;

/// The first screen.
#[must_use]
pub fn home(home: Arc<Home>) -> AnyView {
    super::shell::still(super::home::errands(home, String::new()).into_any())
}

/// A draft's form, before anything is known of it.
#[must_use]
pub fn form() -> AnyView {
    let skeleton = view! { <div class="skeleton seen"><span></span><span></span><span></span></div> };
    super::shell::still(skeleton.into_any())
}

/// A guide.
#[must_use]
pub fn guide(view: Arc<BundleView>) -> AnyView {
    super::shell::still(super::guide::guide(view).into_any())
}
