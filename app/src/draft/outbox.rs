//! What the network has not taken yet, sealed on this device, so that a killed tab or an offline
//! stretch loses nothing. The server's draft is primary; this holds only the difference.
//!
//! `public/vault.js` does the sealing: IndexedDB, and a key that cannot leave the browser.

use contract::draft::PatchDraft;
use engine::merge::Patch;
use wasm_bindgen::prelude::*;

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

/// Keeps what is not saved yet; `false` when this browser keeps nothing (denied, or full).
pub(super) async fn keep(draft: &str, unsaved: Patch) -> bool {
    let body = PatchDraft { set: unsaved, ..PatchDraft::default() };
    match serde_json::to_string(&body) {
        Ok(text) => vault_keep(draft, &text).await.is_ok(),
        Err(_) => false,
    }
}

/// Everything is saved: nothing needs to be kept.
pub(super) async fn clear(draft: &str) {
    let _ = vault_drop(draft).await;
}

/// What tabs that are gone kept for a draft, oldest first.
pub(super) async fn adopt(draft: &str) -> Vec<Patch> {
    let kept = vault_adopt(draft).await.ok().and_then(|kept| kept.dyn_into::<js_sys::Array>().ok()).unwrap_or_default();
    let texts = kept.iter().filter_map(|text| text.as_string());
    texts.filter_map(|text| json::read::<PatchDraft>(&text)).map(|body| body.set).collect()
}

/// Forgets everything, the key too.
pub async fn wipe() {
    let _ = vault_wipe().await;
}
