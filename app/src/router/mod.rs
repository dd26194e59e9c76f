//! An own small router: path or hash, focus and announcement on navigation, scroll restored on return.

mod route;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::host;
pub use route::{Program, Route};

/// Where the page is, and the way to elsewhere.
#[derive(Clone, Copy)]
pub struct Router {
    route: RwSignal<Route>,
    /// Read out politely by screen readers.
    announced: RwSignal<String>,
    in_path: bool,
    program: Program,
    /// The first screen keeps the browser's own focus.
    moved: StoredValue<bool>,
    /// Where to scroll once the screen is there.
    scroll: StoredValue<f64>,
}

impl Router {
    /// Reads the address and begins to follow links.
    #[must_use]
    pub fn start(program: Program) -> Self {
        let hash = window().location().hash().unwrap_or_default();
        let in_path = host::routes_in_path() && !hash.starts_with("#/");
        let router = Self {
            route: RwSignal::new(read(in_path)),
            announced: RwSignal::new(String::new()),
            in_path,
            program,
            moved: StoredValue::new(false),
            scroll: StoredValue::new(0.0),
        };
        if let Ok(history) = window().history() {
            let _ = history.set_scroll_restoration(web_sys::ScrollRestoration::Manual);
        }
        let popped = window_event_listener(ev::popstate, move |event| {
            router.scroll.set_value(event.state().as_f64().unwrap_or(0.0));
            router.moved.set_value(true);
            let route = read(in_path);
            if route.program() == program {
                router.route.set(route);
            } else {
                // Behind `#` going back changes no document, but another program is needed.
                let _ = window().location().reload();
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

    /// What was announced last, tracked.
    #[must_use]
    pub fn announced(self) -> String {
        self.announced.get()
    }

    /// The address of a route, for links.
    #[must_use]
    pub fn href(self, route: &Route) -> String {
        if self.in_path { format!("{}{}", host::base(), route.path()) } else { format!("#/{}", route.path()) }
    }

    /// The address of a route within the site, for a cashier to come back to.
    #[must_use]
    pub fn return_path(self, route: &Route) -> String {
        if self.in_path {
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
        if self.in_path {
            format!("{origin}{}", host::base())
        } else {
            format!("{origin}{}#/", location.pathname().unwrap_or_default())
        }
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
        if route.program() != self.program {
            self.leave(&address, replace);
            return;
        }
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
        self.route.set(route);
    }

    /// Goes to a screen of another program: a new document, or the same one loaded anew behind `#`.
    fn leave(self, address: &str, replace: bool) {
        let location = window().location();
        let _ = if replace { location.replace(address) } else { location.assign(address) };
        if !self.in_path {
            let _ = location.reload();
        }
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
        let href = link.get_attribute("href").unwrap_or_default();
        let path = if self.in_path { href.strip_prefix(host::base().as_str()) } else { href.strip_prefix("#/") };
        // An address of the API or the cashier is not one of ours.
        let Some(route) = path.map(Route::parse).filter(|route| *route != Route::Missing) else { return };
        event.prevent_default();
        self.go(route);
    }

    /// Called by each screen when its title is known: names the page, moves the focus to the
    /// heading, tells it to screen readers, and brings back the scroll offset.
    pub fn arrived(self, title: &str) {
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

fn read(in_path: bool) -> Route {
    let location = window().location();
    if in_path {
        let path = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
        path.strip_prefix(host::base().as_str()).map_or(Route::Missing, |path| Route::parse(without_language(path)))
    } else {
        Route::parse(location.hash().unwrap_or_default().trim_start_matches("#/"))
    }
}

/// `?lang=en` belongs to the language, not to the route.
fn without_language(path: &str) -> &str {
    path.split("?lang=").next().unwrap_or(path)
}
