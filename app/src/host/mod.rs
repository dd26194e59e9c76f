//! What the page runs in: its folder there, how it writes its routes, and what the app around it can do.

use contract::payment::PayHost;
use js_sys::Reflect;
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;

/// What an app may do for the page. The adapters are `public/host/`; which one speaks is found out by
/// `public/host.js`, with a time limit for every question and the browser's own way where the app has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// Gives a ticket that the backend takes for a sign-in.
    Ticket,
    /// Shows the title of the screen.
    Title,
}

impl Ability {
    fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Title => "title",
        }
    }
}

/// The app around the page. Nothing it says is trusted until the backend has looked at it.
pub trait Host {
    /// Asks for something; nothing comes where the app cannot, will not, or does not answer in time.
    fn ask(&self, ability: Ability, argument: &str) -> impl Future<Output = Option<String>>;

    /// Tells what happened, to whoever embeds the page.
    fn tell(&self, event: Event<'_>);
}

/// What a page around this one is told.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// Another screen is shown: its route and its title.
    Step(&'e str, &'e str),
    /// An application was submitted.
    Submitted(&'e str),
    /// Everything due for an application is paid.
    Paid(&'e str),
    /// An application was rated.
    Rated(&'e str),
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = onething, js_name = ask, catch)]
    async fn js_ask(ability: &str, argument: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = onething, js_name = tell)]
    fn js_tell(kind: &str, subject: &str, title: &str);
    #[wasm_bindgen(js_namespace = onething, js_name = takeOver)]
    fn js_take_over();
    #[wasm_bindgen(js_namespace = ["onething", "release"], js_name = accept, catch)]
    async fn js_accept() -> Result<JsValue, JsValue>;
}

/// The app as `public/boot.js` found it.
#[derive(Clone, Copy, Debug)]
pub struct Bridge;

impl Host for Bridge {
    async fn ask(&self, ability: Ability, argument: &str) -> Option<String> {
        let answer = js_ask(ability.name(), argument).await.ok()?;
        let ok = Reflect::get(&answer, &"ok".into()).ok()?.as_bool()?;
        ok.then(|| Reflect::get(&answer, &"value".into()).ok()?.as_string()).flatten()
    }

    fn tell(&self, event: Event<'_>) {
        match event {
            Event::Step(route, title) => js_tell("step", route, title),
            Event::Submitted(id) => js_tell("submitted", id, ""),
            Event::Paid(id) => js_tell("paid", id, ""),
            Event::Rated(id) => js_tell("rated", id, ""),
        }
    }
}

/// The page the build drew makes room for the live one.
pub fn take_over() {
    js_take_over();
}

/// Changes over to the release that waits; the page is loaded anew.
pub async fn accept_release() {
    let _ = js_accept().await;
}

/// The route that the build drew into this page, while it still stands.
#[must_use]
pub fn still() -> Option<String> {
    document().get_element_by_id("boot")?.get_attribute("data-page")
}

/// What is fetched now is a guess: nobody waits for it, and nobody is disturbed where it fails.
pub fn guess(begins: bool) {
    if let Some(root) = document().document_element() {
        let _ = if begins { root.set_attribute("data-ahead", "") } else { root.remove_attribute("data-ahead") };
    }
}

/// Whether the page is in the elder style; what the build draws is in neither, and dressed by its style sheet.
#[must_use]
pub fn is_elder() -> bool {
    cfg!(target_arch = "wasm32") && attribute("style").as_deref() == Some("elder")
}

/// Whether the reader asked for few bytes.
#[must_use]
pub fn is_thrifty() -> bool {
    attribute("thrifty").is_some()
}

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
    if agent.to_lowercase().contains("miniprogram") {
        // Its cashier cannot be opened from here: the code is scanned, or somebody else pays.
        PayHost::Desktop
    } else if agent.contains("MicroMessenger") {
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
