//! The parts of the program: screens that belong together travel together, and a page loads only the code
//! of its part. Each part is a split point; what several parts share travels in files of its own, once
//! (docs/decisions/0007-one-program.md).

use std::cell::RefCell;
use std::pin::Pin;

use leptos::prelude::AnyView;

use super::*;
use crate::client::Failure;
use crate::router::{Part, Route};
use crate::site::Site;

/// Draws a screen of a part.
pub type Draw = fn(Route) -> Option<AnyView>;

/// The code of a part is not there: the network did not carry it, or a newer release took its place.
struct NotLoaded;

impl From<leptos::wasm_split::SplitLoaderError> for NotLoaded {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

thread_local! {
    static LOADED: RefCell<Vec<(Part, Draw)>> = const { RefCell::new(Vec::new()) };
}

/// How a part is drawn, where its code is at hand.
#[must_use]
pub fn at_hand(part: Part) -> Option<Draw> {
    LOADED.with_borrow(|loaded| loaded.iter().find(|(one, _)| *one == part).map(|(_, draw)| *draw))
}

/// Brings the code of a part.
///
/// # Errors
/// When it cannot be fetched; asking again tries anew.
pub async fn bring(part: Part) -> Result<Draw, Failure> {
    if let Some(draw) = at_hand(part) {
        return Ok(draw);
    }
    let brought = match part {
        Part::Home => home().await,
        Part::Guide => guide().await,
        Part::Starting => starting().await,
        Part::Form => form().await,
        Part::Materials => materials().await,
        Part::Review => review().await,
        Part::Correction => correction().await,
        Part::Handover => handover().await,
        Part::Progress => progress().await,
        Part::Outcome => outcome().await,
        Part::Mine => mine().await,
        Part::Paying => paying().await,
    };
    let draw = brought.map_err(|NotLoaded| Failure::Network)?;
    LOADED.with_borrow_mut(|loaded| loaded.push((part, draw)));
    Ok(draw)
}

/// A function that travels with a part. Only a release is split.
#[cfg(feature = "split")]
macro_rules! part {
    ($name:ident: $($route:pat => $view:expr),+ $(,)?) => {
        #[allow(unsafe_code, reason = "what crosses the split is written by its macro")]
        #[leptos::wasm_split::wasm_split($name, wasm_split_path = leptos::wasm_split, fallible)]
        fn $name() -> Result<Draw, NotLoaded> {
            Ok(|route| match route { $($route => Some($view),)+ _ => None })
        }
    };
}

/// The same, where everything is one file.
#[cfg(not(feature = "split"))]
macro_rules! part {
    ($name:ident: $($route:pat => $view:expr),+ $(,)?) => {
        async fn $name() -> Result<Draw, NotLoaded> {
            Ok(|route| match route { $($route => Some($view),)+ _ => None })
        }
    };
}

/// Something under way; it tells nobody how it ended.
type Fetching = Pin<Box<dyn Future<Output = ()>>>;

/// Fetches the list of errands. Travels with the part that reads it: the start cannot.
#[cfg_attr(feature = "split", allow(unsafe_code, reason = "what crosses the split is written by its macro"))]
#[cfg_attr(feature = "split", leptos::wasm_split::wasm_split(home, wasm_split_path = leptos::wasm_split, fallible))]
fn home_fetched(site: Site) -> Result<Fetching, NotLoaded> {
    Ok(Box::pin(async move {
        let _ = site.home().await;
    }))
}

/// Fetches an errand's texts. Travels with the part that reads them.
#[cfg_attr(feature = "split", allow(unsafe_code, reason = "what crosses the split is written by its macro"))]
#[cfg_attr(feature = "split", leptos::wasm_split::wasm_split(starting, wasm_split_path = leptos::wasm_split, fallible))]
fn bundle_fetched(site: Site, bundle: String) -> Result<Fetching, NotLoaded> {
    Ok(Box::pin(async move {
        let _ = site.bundle(&bundle).await;
    }))
}

/// Fetches what a static page was drawn from, so that the live screen can stand at once.
pub(super) async fn warm(site: Site, route: &Route) {
    #[cfg(feature = "split")]
    let fetching = match route {
        Route::Home => home_fetched(site).await,
        Route::Guide(id) => bundle_fetched(site, id.clone()).await,
        _ => return,
    };
    #[cfg(not(feature = "split"))]
    let fetching = match route {
        Route::Home => home_fetched(site),
        Route::Guide(id) => bundle_fetched(site, id.clone()),
        _ => return,
    };
    if let Ok(fetching) = fetching {
        fetching.await;
    }
}

part!(home:
    Route::Home => home::screen(),
    Route::Help => help::screen(),
    Route::Service => service::screen(),
    Route::Accessibility => accessibility::screen(),
    Route::Glossary => glossary::screen(),
);
part!(guide: Route::Guide(id) => guide::screen(id));
part!(starting:
    Route::Situations(id) => situations::screen(id),
    Route::Start(id) => start::screen(id),
    Route::SignIn(to) => sign_in::screen(to),
);
part!(form: Route::Form(id, group) => form::screen(id, group));
part!(materials: Route::Materials(id) => materials::screen(id));
part!(review: Route::Review(id) => review::screen(id));
part!(correction: Route::Correction(id) => correction::screen(id));
part!(handover:
    Route::HandOver(id) => handover::screen(id),
    Route::Continue(code) => handover::take_over(code),
);
part!(progress: Route::Progress(id) => progress::screen(id));
part!(outcome:
    Route::Owed(id) => owed::screen(id),
    Route::Certificates(id) => certificates::screen(id),
    Route::Rating(id) => rating::screen(id),
);
part!(mine:
    Route::Mine => mine::screen(),
    Route::Documents => documents::screen(),
    Route::Proofs => proofs::screen(),
    Route::Feedback => feedback::screen(None),
    Route::Report(bundle, material) => feedback::screen(Some((bundle, material))),
    Route::Receipts => receipts::screen(),
);
part!(paying:
    Route::Pay(id) => pay::screen(id),
    Route::PayFor(token) => pay::for_somebody(token),
);
