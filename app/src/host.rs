//! Where the page lives: its folder on the host, and how it writes its routes.

use leptos::prelude::document;

/// The folder the page was loaded from, as a path that ends in `/`.
#[must_use]
pub fn base() -> String {
    attribute("base").unwrap_or_else(|| "/".to_owned())
}

/// Whether routes stand in the path (the server knows them) or behind `#`.
#[must_use]
pub fn routes_in_path() -> bool {
    attribute("router").as_deref() == Some("path")
}

/// `boot.js` works these out before the page starts and leaves them on the root element.
fn attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(&format!("data-{name}"))
}
