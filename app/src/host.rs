//! Where the page lives: its folder on the host, and how it writes its routes.

use contract::payment::PayHost;
use leptos::prelude::{document, window};

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

/// What the page runs in, as far as paying goes. A wallet's own browser names itself.
#[must_use]
pub fn pay_host() -> PayHost {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let coarse = || window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|found| found.matches());
    if agent.contains("MicroMessenger") {
        PayHost::Wechat
    } else if agent.contains("AlipayClient") {
        PayHost::Alipay
    } else if agent.contains("Mobile") || coarse() {
        PayHost::Phone
    } else {
        PayHost::Desktop
    }
}

/// `boot.js` works these out before the page starts and leaves them on the root element.
fn attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(&format!("data-{name}"))
}
