//! What the network has not taken yet, sealed on this device, so that a killed tab or an offline
//! stretch loses nothing. The server's draft is primary; this holds only the difference.
//!
//! `public/vault.js` does the sealing: IndexedDB, and a key that cannot leave the browser.

use contract::draft::PatchDraft;
use wasm_bindgen::prelude::*;

use super::Changes;

use contract::json;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["onething", "vault"], catch, js_name = keep)]
    async fn vault_keep(draft: &str, text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "vault"], catch, js_name = drop)]
    async fn vault_drop(draft: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "vault"], catch, js_name = adopt)]
    async fn vault_adopt(draft: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "vault"], catch, js_name = wipe)]
    async fn vault_wipe() -> Result<JsValue, JsValue>;
}

/// Changes that were made to a version of a draft.
pub(super) struct Kept {
    /// The version they were made to: from it the server knows what others changed since.
    pub(super) base: i64,
    /// The changes.
    pub(super) changes: Changes,
}

/// Keeps what is not saved yet; `false` when this browser keeps nothing (denied, or full).
pub(super) async fn keep(draft: &str, kept: Kept) -> bool {
    let Changes { set, dispute } = kept.changes;
    match serde_json::to_string(&PatchDraft { set, dispute, migration_seen: false }) {
        Ok(text) => vault_keep(draft, &format!("{} {text}", kept.base)).await.is_ok(),
        Err(_) => false,
    }
}

/// Everything is saved: nothing needs to be kept.
pub(super) async fn clear(draft: &str) {
    let _ = vault_drop(draft).await;
}

/// What tabs that are gone kept for a draft, oldest first.
pub(super) async fn adopt(draft: &str) -> Vec<Kept> {
    let kept = vault_adopt(draft).await.ok().and_then(|kept| kept.dyn_into::<js_sys::Array>().ok()).unwrap_or_default();
    let texts = kept.iter().filter_map(|text| text.as_string());
    let read = |text: String| {
        let (base, text) = text.split_once(' ')?;
        let PatchDraft { set, dispute, .. } = json::read(text)?;
        Some(Kept { base: base.parse().ok()?, changes: Changes { set, dispute } })
    };
    texts.filter_map(read).collect()
}

/// Forgets everything, the key too.
pub async fn wipe() {
    let _ = vault_wipe().await;
}
