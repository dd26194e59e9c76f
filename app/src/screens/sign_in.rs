//! Sign-in. In the demo: the made-up people of the identity simulator, labelled.

use leptos::prelude::*;

use crate::components::notice;
use crate::locale::texts as t;
use crate::router::Route;
use crate::session;
use crate::site::site;

pub(super) fn screen(to: String) -> AnyView {
    let router = site().router;
    router.arrives(t::account_sign_in());
    let failed = RwSignal::new(None);
    // Whoever was here before leaves nothing behind, the answers just given aside.
    let then = move || router.replace(Route::parse(&to));
    view! {
        <h1 tabindex="-1">{t::account_sign_in()}</h1>
        {notice::alert(failed)}
        {session::people(failed, std::sync::Arc::new(then))}
    }
    .into_any()
}
