//! An own small router: path or hash, focus and announcement on navigation, scroll restored on return.

mod route;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};

use crate::host::{self, Ability, Bridge, Event, Host};
use crate::locale::{Language, current};
use crate::wait;
pub use route::{Part, Route};

/// Where the page is, and the way to elsewhere.
#[derive(Clone, Copy)]
pub struct Router {
    /// What is shown.
    route: RwSignal<Route>,
    /// What is asked for: the same, but while the code of another part is on its way.
    wanted: RwSignal<Route>,
    /// What the app around was told last: screens that are drawn anew are no new step.
    told: StoredValue<String>,
    /// Read out politely by screen readers.
    announced: RwSignal<String>,
    addresses: Addresses,
    /// The first screen keeps the browser's own focus.
    moved: StoredValue<bool>,
    /// Where to scroll once the screen is there.
    scroll: StoredValue<f64>,
}

/// How addresses are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Addresses {
    /// In the path: the server knows them.
    Path,
    /// Behind `#`: any folder of files will do.
    Hash,
    /// In a page drawn by the build: from the base, to other such pages or to the program.
    Printed,
}

impl Router {
    /// For a page that is drawn by the build.
    #[must_use]
    pub fn printed(route: Route) -> Self {
        Self::at(route, Addresses::Printed)
    }

    fn at(route: Route, addresses: Addresses) -> Self {
        Self {
            route: RwSignal::new(route.clone()),
            wanted: RwSignal::new(route),
            told: StoredValue::new(String::new()),
            announced: RwSignal::new(String::new()),
            addresses,
            moved: StoredValue::new(false),
            scroll: StoredValue::new(0.0),
        }
    }

    /// Reads the address and begins to follow links.
    #[must_use]
    pub fn start() -> Self {
        let router = Self::at(read(), if in_path() { Addresses::Path } else { Addresses::Hash });
        if let Ok(history) = window().history() {
            let _ = history.set_scroll_restoration(web_sys::ScrollRestoration::Manual);
        }
        let popped = window_event_listener(ev::popstate, move |event| {
            router.scroll.set_value(event.state().as_f64().unwrap_or(0.0));
            router.moved.set_value(true);
            let route = read();
            // A place on the same screen is no other screen.
            if router.wanted.with_untracked(|wanted| *wanted != route) {
                router.wanted.set(route);
            }
        });
        let clicked = window_event_listener(ev::click, move |event| router.clicked(&event));
        // Both live as long as the page.
        std::mem::forget((popped, clicked));
        router
    }

    /// The route, tracked.
    #[must_use]
    pub fn get(self) -> Route {
        self.route.get()
    }

    /// The route as it is now.
    #[must_use]
    pub fn get_untracked(self) -> Route {
        self.route.get_untracked()
    }

    /// The route asked for, tracked; whoever brings code answers with `show`.
    #[must_use]
    pub fn wanted(self) -> Route {
        self.wanted.get()
    }

    /// Whether another screen is on its way, tracked.
    #[must_use]
    pub fn is_leaving(self) -> bool {
        self.wanted.get() != self.route.get()
    }

    /// Shows a route, unless another was asked for meanwhile.
    pub fn show(self, route: &Route) {
        if self.wanted.with_untracked(|wanted| wanted == route) {
            self.route.set(route.clone());
        }
    }

    /// What was announced last, tracked.
    #[must_use]
    pub fn announced(self) -> String {
        self.announced.get()
    }

    /// The address of a route, for links.
    #[must_use]
    pub fn href(self, route: &Route) -> String {
        self.href_in(current(), route)
    }

    /// The address of a route in a language.
    #[must_use]
    pub fn href_in(self, language: Language, route: &Route) -> String {
        let path = route.path();
        match self.addresses {
            Addresses::Path => format!("{}{}", host::base(), language.prefixed(&path)),
            Addresses::Hash => format!("#/{}", language.prefixed(&path)),
            Addresses::Printed if matches!(route, Route::Home | Route::Guide(_)) => {
                let folder = language.prefixed(&path);
                format!("./{folder}{}", if folder.is_empty() { "" } else { "/" })
            }
            Addresses::Printed => format!("./#/{}", language.prefixed(&path)),
        }
    }

    /// Writes the address anew in the language now spoken.
    pub fn relocate(self) {
        if let Ok(history) = window().history() {
            let state = history.state().unwrap_or(JsValue::NULL);
            let _ = history.replace_state_with_url(&state, "", Some(&self.href(&self.wanted.get_untracked())));
        }
    }

    /// The address of a route within the site, for a cashier to come back to.
    #[must_use]
    pub fn return_path(self, route: &Route) -> String {
        if self.addresses == Addresses::Path {
            self.href(route)
        } else {
            format!("{}{}", window().location().pathname().unwrap_or_default(), self.href(route))
        }
    }

    /// What every address of the page begins with, for other devices.
    #[must_use]
    pub fn whole_address(self) -> String {
        let location = window().location();
        let origin = location.origin().unwrap_or_default();
        format!("{origin}{}{}", host::base(), if self.addresses == Addresses::Path { "" } else { "#/" })
    }

    /// Goes to a route.
    pub fn go(self, route: Route) {
        self.navigate(route, false);
    }

    /// Goes to a route that takes the place of this one: Back does not come here again.
    pub fn replace(self, route: Route) {
        self.navigate(route, true);
    }

    fn navigate(self, route: Route, replace: bool) {
        let Ok(history) = window().history() else { return };
        let address = self.href(&route);
        let offset = window().scroll_y().unwrap_or(0.0);
        if replace {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        } else {
            // The entry that is left remembers how far it was scrolled.
            let _ = history.replace_state_with_url(&offset.into(), "", None);
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&address));
        }
        self.scroll.set_value(0.0);
        self.moved.set_value(true);
        self.wanted.set(route);
    }

    fn clicked(self, event: &web_sys::MouseEvent) {
        let plain =
            event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if !plain || event.default_prevented() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let Some(link) = target.and_then(|target| target.closest("a[href]").ok().flatten()) else { return };
        if link.has_attribute("download") || link.has_attribute("target") {
            return;
        }
        let Some(path) = link.dyn_ref().and_then(path_of) else { return };
        let route = Route::parse(Language::split(&path).1);
        // An address of the API or the cashier is not one of ours.
        if route == Route::Missing {
            return;
        }
        event.prevent_default();
        // A press is seen before the next screen is drawn; the address changes with the screen.
        wait::painted(move || self.go(route));
    }

    fn tell(self, title: &str) {
        let route = self.route.with_untracked(Route::path);
        let (told, title) = (format!("{route}\n{title}"), title.to_owned());
        if self.told.get_value() == told {
            return;
        }
        self.told.set_value(told);
        Bridge.tell(Event::Step(&route, &title));
        spawn_local(async move {
            let _ = Bridge.ask(Ability::Title, &title).await;
        });
    }

    /// Called by each screen when its title is known: once it is drawn, names the page, moves the focus to the
    /// heading, tells it to screen readers, and brings back the scroll offset.
    pub fn arrives(self, title: &str) {
        let title = title.to_owned();
        Effect::new(move |_| self.arrived(&title));
    }

    /// The same for a screen that is drawn.
    pub fn arrived(self, title: &str) {
        self.tell(title);
        self.named(title);
    }

    /// The same for what stands where a screen failed: nobody took a step.
    pub fn named(self, title: &str) {
        document().set_title(&format!("{title} · {}", crate::locale::texts::app_name()));
        if !self.moved.get_value() {
            return;
        }
        self.moved.set_value(false);
        self.announced.set(title.to_owned());
        let offset = self.scroll.get_value();
        request_animation_frame(move || {
            if let Some(heading) = document()
                .query_selector("h1")
                .ok()
                .flatten()
                .and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok())
            {
                let options = web_sys::FocusOptions::new();
                options.set_prevent_scroll(true);
                let _ = heading.focus_with_options(&options);
            }
            window().scroll_to_with_x_and_y(0.0, offset);
        });
    }
}

/// Whether the address holds its route in the path.
fn in_path() -> bool {
    let hash = window().location().hash().unwrap_or_default();
    host::routes_in_path() && !hash.starts_with("#/")
}

/// The path a link leads to, behind `#` or below the base; nothing for a place on the page or somewhere else.
fn path_of(link: &web_sys::HtmlAnchorElement) -> Option<String> {
    let href = link.get_attribute("href")?;
    if Some(link.origin()) != window().location().origin().ok() {
        return None;
    }
    let hash = link.hash();
    if let Some(path) = hash.strip_prefix("#/") {
        return Some(path.to_owned());
    }
    let path = link.pathname() + &link.search();
    path.strip_prefix(host::base().as_str()).filter(|_| !href.starts_with('#')).map(str::to_owned)
}

/// The route the address names: behind `#` where there is one, else in the path.
#[must_use]
pub fn read() -> Route {
    let location = window().location();
    let hash = location.hash().unwrap_or_default();
    if let Some(path) = hash.strip_prefix("#/") {
        return Route::parse(Language::split(path).1);
    }
    let path = location.pathname().unwrap_or_default();
    let query = location.search().unwrap_or_default();
    let path = path.strip_prefix(host::base().as_str());
    path.map_or(Route::Missing, |path| Route::parse(without_words(&format!("{}{query}", Language::split(path).1))))
}

/// What a host or a reader says of itself in the query belongs to no route; `sign-in?to=` does.
fn without_words(path: &str) -> &str {
    match path.split_once('?') {
        Some((path, query)) if !query.starts_with("to=") => path,
        _ => path,
    }
}
