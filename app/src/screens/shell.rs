//! What surrounds every screen: skip link, bar, announcements, footer; and which screen stands in it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ahead;
use super::parts::{at_hand, bring, warm};
use crate::client::Failure;
use crate::components::notice;
use crate::host;
use crate::locale::{Language, current, texts as t};
use crate::router::Route;
use crate::session::State;
use crate::site::{Site, site};

/// The whole page; drawn anew when the language changes.
pub fn shell() -> impl IntoView {
    let site = site();
    follow(site);
    super::calls::answer(site);
    move || {
        let _ = (site.locale.get(), site.elder.get());
        frame((move || screen(site.router.get())).into_any())
    }
}

/// The whole page around a screen that does not move: what the build draws.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn still(screen: AnyView) -> AnyView {
    frame(view! { <div class="screen">{screen}</div> }.into_any()).into_any()
}

fn frame(screen: AnyView) -> impl IntoView {
    let router = site().router;
    view! {
        <a class="skip" href="#main" on:click=skip>{t::app_skip()}</a>
        {bar()}
        {elder_bar()}
        {crate::session::watch()}
        <main id="main" tabindex="-1" aria-busy=move || router.is_leaving().then_some("true")>{screen}</main>
        {footer()}
        {release()}
        <p class="hidden" role="status" aria-live="polite">{move || router.announced()}</p>
    }
}

/// Brings the code of the screen asked for, then shows it; the one before stays until then.
fn follow(site: Site) {
    let router = site.router;
    Effect::new(move |begun: Option<()>| {
        let route = router.wanted();
        if begun.is_none() {
            // The first screen's code came before the page was drawn, or the build drew it.
            if let Some(heading) = site.is_still().then(heading).flatten() {
                router.arrived(&heading);
            }
            ahead::prepare(site, &route);
            return;
        }
        spawn_local(async move {
            // What cannot be brought is said where it would have stood.
            let _ = bring(route.part()).await;
            site.leave_still();
            router.show(&route);
            ahead::prepare(site, &route);
        });
    });
    // The list of errands that the build drew knows nobody, and cannot be searched.
    let enliven = move || {
        if router.get_untracked() == Route::Home {
            spawn_local(draw_anew(site));
        }
    };
    Effect::new(move |_| {
        if matches!(site.session.get(), State::In(_)) {
            enliven();
        }
    });
    let searched = window_event_listener(leptos::ev::focusin, move |event| {
        use wasm_bindgen::JsCast;
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|target| target.id() == "search") {
            enliven();
        }
    });
    // Lives as long as the page.
    std::mem::forget(searched);
}

/// What the screen is called.
fn heading() -> Option<String> {
    document().query_selector("h1").ok()??.text_content()
}

/// Puts the live screen in the place of the one the build drew.
pub(super) async fn draw_anew(site: Site) {
    let route = site.router.get_untracked();
    if site.is_still() && bring(route.part()).await.is_ok() {
        warm(site, &route).await;
        if !site.is_still() {
            return;
        }
        site.leave_still();
        site.router.show(&route);
    }
}

fn screen(route: Route) -> AnyView {
    if site().is_still() {
        // What the build drew is moved here.
        return view! { <div class="screen"></div> }.into_any();
    }
    match at_hand(route.part()) {
        Some(draw) => draw(route).unwrap_or_else(missing),
        None => notice::failed(&Failure::Network, move || {
            let router = site().router;
            let route = route.clone();
            spawn_local(async move {
                if bring(route.part()).await.is_ok() {
                    router.show(&route);
                }
            });
        }),
    }
}

/// The skip link moves the focus without touching the address, which may hold the route.
fn skip(event: web_sys::MouseEvent) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    if let Some(main) =
        document().get_element_by_id("main").and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = main.focus();
    }
}

fn bar() -> impl IntoView {
    view! {
        <header class="bar">
            <div class="bar-inner">
                <a class="brand" href=site().router.href(&Route::Home)>{t::app_name()}</a>
                <nav aria-label=t::app_menu()>{places()}</nav>
                {languages()}
            </div>
        </header>
    }
}

/// The tools of the elder style, which alone shows them (`public/elder.js`).
fn elder_bar() -> impl IntoView {
    view! {
        <section class="elder-bar" aria-label=t::elder_tools()>
            <button type="button" data-resize="down">{t::elder_smaller()}</button>
            <button type="button" data-resize="up">{t::elder_larger()}</button>
            <button type="button" data-speak="">{t::elder_read()}</button>
            <a href="tel:12345">{t::elder_call("12345")}</a>
            <a href="?style=standard" data-restyle="standard">{t::elder_leave()}</a>
            <span class="hidden" role="status" data-size=""></span>
        </section>
    }
}

fn places() -> impl IntoView {
    let router = site().router;
    view! {
        <a class="to-elder" href="?style=elder" data-restyle="elder">{t::elder_enter()}</a>
        <a href=router.href(&Route::Mine)>{t::mine_title()}</a>
        <a href=router.href(&Route::Help)>{t::help_title()}</a>
    }
}

/// The way to the same screen in every other language; in place where the program is at hand.
fn languages() -> impl IntoView {
    let spoken = current();
    // For who cannot read the word on the button.
    let known = (spoken.tag() != "en").then(|| view! { " "<span lang="en">"Language"</span> });
    let all = Language::all().into_iter().map(|language| view! { <li>{way_to(language, language == spoken)}</li> });
    view! {
        <details class="languages">
            <summary>{t::app_language()}{known}</summary>
            <ul>{all.collect_view()}</ul>
        </details>
    }
}

fn way_to(language: Language, spoken: bool) -> impl IntoView {
    let site = site();
    let switch = move |event: web_sys::MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        spawn_local(async move {
            let _ = bring(site.router.get_untracked().part()).await;
            site.leave_still();
            site.locale.choose(language).await;
            site.router.relocate();
            // The menu was drawn anew, closed; whoever chose goes on from it.
            request_animation_frame(focus_menu);
        });
    };
    let address = move || site.router.href_in(language, &site.router.get());
    view! {
        <a lang=language.tag() hreflang=language.tag() href=address aria-current=spoken.then_some("true") on:click=switch>{language.name()}</a>
    }
}

/// The menu that is seen: in the bar, or where the host draws one, in the footer.
fn focus_menu() {
    use wasm_bindgen::JsCast;
    let Ok(menus) = document().query_selector_all(".languages > summary") else { return };
    for index in 0..menus.length() {
        if let Some(menu) = menus.get(index).and_then(|menu| menu.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = menu.focus();
        }
    }
}

/// Speaks another language where the reader is.
pub(super) async fn change_language(site: Site, language: Language) {
    let _ = bring(site.router.get_untracked().part()).await;
    site.leave_still();
    site.locale.speak(language).await;
    site.router.relocate();
}

fn footer() -> impl IntoView {
    let site = site();
    let router = site.router;
    view! {
        <footer class="foot">
            <div class="foot-nav"><div>{places()}</div>{languages()}</div>
            <p>{t::app_demo()}</p>
            <p class="foot-links">
                <a href=router.href(&Route::Feedback)>{t::feedback_title()}</a>
                <a href=router.href(&Route::Service)>{t::service_title()}</a>
                <a href=router.href(&Route::Accessibility)>{t::accessibility_title()}</a>
                <a href=router.href(&Route::Glossary)>{t::glossary_title()}</a>
                <a href="tel:12345">{t::app_hotline("12345")}</a>
            </p>
            {move || matches!(site.session.get(), State::In(_)).then(|| view! { <p><button type="button" class="link" on:click=move |_| sign_out()>{t::account_sign_out()}</button></p> })}
        </footer>
    }
}

/// Says that a newer release waits; nothing is loaded anew before somebody agrees.
fn release() -> impl IntoView {
    let site = site();
    let accept = move |_| {
        spawn_local(async move {
            site.save().await;
            host::accept_release().await;
        });
    };
    view! {
        <div id="release" role="status">
            {move || site.release.get().then(|| view! {
                <p class="release">{t::app_release()}" "<button type="button" class="button" id="release-accept" on:click=accept>{t::app_release_accept()}</button></p>
            })}
        </div>
    }
}

fn sign_out() {
    let site = site();
    spawn_local(async move {
        site.save().await;
        site.session.sign_out().await;
        site.forget().await;
        site.router.go(Route::Home);
    });
}

fn missing() -> AnyView {
    let router = site().router;
    router.arrives(t::missing_title());
    view! {
        <h1 tabindex="-1">{t::missing_title()}</h1>
        <p>{t::missing_text()}</p>
        <a class="button primary" href=router.href(&Route::Home)>{t::common_to_home()}</a>
    }
    .into_any()
}
