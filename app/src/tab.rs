//! What a tab keeps, whatever becomes of the page in it. A frame of a foreign site may be denied that; there the
//! page itself keeps it, as long as it lives.

use std::cell::RefCell;

use leptos::prelude::window;

thread_local! {
    static MEMORY: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a text.
pub(crate) fn keep(key: &str, text: &str) {
    match storage() {
        Some(storage) => {
            let _ = storage.set_item(key, text);
        }
        None => {
            drop_one(key);
            MEMORY.with_borrow_mut(|kept| kept.push((key.to_owned(), text.to_owned())));
        }
    }
}

/// What was kept.
pub(crate) fn kept(key: &str) -> Option<String> {
    match storage() {
        Some(storage) => storage.get_item(key).ok().flatten(),
        None => MEMORY.with_borrow(|kept| kept.iter().find(|(one, _)| one == key).map(|(_, text)| text.clone())),
    }
}

/// Forgets a text.
pub(crate) fn drop_one(key: &str) {
    match storage() {
        Some(storage) => {
            let _ = storage.remove_item(key);
        }
        None => MEMORY.with_borrow_mut(|kept| kept.retain(|(one, _)| one != key)),
    }
}

/// Forgets everything.
pub(crate) fn clear() {
    match storage() {
        Some(storage) => {
            let _ = storage.clear();
        }
        None => MEMORY.with_borrow_mut(Vec::clear),
    }
}

/// Where pages are drawn by the build there is no tab.
fn storage() -> Option<web_sys::Storage> {
    if cfg!(not(target_arch = "wasm32")) {
        return None;
    }
    window().session_storage().ok().flatten()
}
