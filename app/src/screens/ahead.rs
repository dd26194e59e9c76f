//! What is fetched before it is asked for: the code of the screens that come next, and the errand's texts.

use leptos::task::spawn_local;

use super::parts::{bring, warm};
use crate::host;
use crate::router::{Part, Route};
use crate::site::Site;
use crate::wait;

/// The screen that is shown comes first, for so many milliseconds.
const PAUSE: i32 = 600;

/// Brings what the reader of a screen is likely to need next.
pub(super) fn prepare(site: Site, route: &Route) {
    let parts: &[Part] = match route {
        Route::Home => &[Part::Guide],
        Route::Guide(_) => &[Part::Starting, Part::Form],
        Route::Situations(_) | Route::Start(_) => &[Part::Form],
        Route::Form(..) => &[Part::Materials],
        Route::Materials(_) => &[Part::Review],
        Route::Review(_) => &[Part::Progress],
        Route::Progress(_) => &[Part::Paying, Part::Outcome],
        _ => return,
    };
    let route = route.clone();
    if host::is_thrifty() {
        return;
    }
    spawn_local(async move {
        wait::milliseconds(PAUSE).await;
        host::guess(true);
        for part in parts {
            // A network that carries no more than the page carries no more than the page.
            if bring(*part).await.is_err() {
                break;
            }
        }
        host::guess(false);
        if matches!(route, Route::Guide(_)) {
            warm(site, &route).await;
        }
    });
}
