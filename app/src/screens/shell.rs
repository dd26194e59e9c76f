//! What surrounds every screen: skip link, bar, announcements, footer.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::locale::{Language, current, texts as t};
use crate::router::Route;
use crate::session::State;
use crate::site::site;

/// The whole page; drawn anew when the language changes.
pub fn shell(screen: fn(Route) -> Option<AnyView>) -> impl IntoView {
    let site = site();
    move || {
        let _ = site.locale.get();
        view! {
            <a class="skip" href="#main" on:click=skip>{t::app_skip()}</a>
            {bar()}
            {crate::session::watch()}
            <main id="main" tabindex="-1">{move || screen(site.router.get()).unwrap_or_else(missing)}</main>
            {footer()}
            <p class="hidden" role="status" aria-live="polite">{move || site.router.announced()}</p>
        }
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
    let site = site();
    let router = site.router;
    let home = router.href(&Route::Home);
    let mine = router.href(&Route::Mine);
    let help = router.href(&Route::Help);
    view! {
        <header class="bar">
            <div class="bar-inner">
                <a class="brand" href=home>{t::app_name()}</a>
                <nav aria-label=t::app_menu()>
                    <a href=mine>{t::mine_title()}</a>
                    <a href=help>{t::help_title()}</a>
                    {languages()}
                </nav>
            </div>
        </header>
    }
}

fn languages() -> impl IntoView {
    let site = site();
    let other = Language::ALL.into_iter().find(|language| *language != current()).unwrap_or_default();
    let switch = move |_| {
        spawn_local(async move {
            site.locale.speak(other).await;
            // The button was drawn anew; whoever pressed it stays on it.
            request_animation_frame(|| {
                use wasm_bindgen::JsCast;
                if let Some(button) = document()
                    .get_element_by_id("language")
                    .and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok())
                {
                    let _ = button.focus();
                }
            });
        });
    };
    view! { <button type="button" id="language" class="language" lang=other.tag() on:click=switch>{other.name()}</button> }
}

fn footer() -> impl IntoView {
    let site = site();
    let router = site.router;
    view! {
        <footer class="foot">
            <p>{t::app_demo()}</p>
            <p class="foot-links">
                <a href=router.href(&Route::Feedback)>{t::feedback_title()}</a>
                <a href="tel:12345">{t::app_hotline("12345")}</a>
            </p>
            {move || matches!(site.session.get(), State::In(_)).then(|| view! { <p><button type="button" class="link" on:click=move |_| sign_out()>{t::account_sign_out()}</button></p> })}
        </footer>
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
    Effect::new(move |_| router.arrived(t::missing_title()));
    view! {
        <h1 tabindex="-1">{t::missing_title()}</h1>
        <p>{t::missing_text()}</p>
        <a class="button primary" href=router.href(&Route::Home)>{t::common_to_home()}</a>
    }
    .into_any()
}
