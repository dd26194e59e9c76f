//! Sends files. `public/upload.js` does the work, off the main thread where it is heavy: photos are made
//! small, what is under way is sealed on the device, and an upload goes on at the byte it stopped at.

use contract::json;
use contract::material::Document;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::File;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["onething", "upload"], catch, js_name = start)]
    async fn js_start(file: &JsValue, options: &JsValue, tell: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "upload"], catch, js_name = turn)]
    async fn js_turn(address: &str, name: &str, options: &JsValue, tell: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "upload"], catch, js_name = waiting)]
    async fn js_waiting(place: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "upload"], catch, js_name = resume)]
    async fn js_resume(id: &str, tell: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "upload"], catch, js_name = cancel)]
    async fn js_cancel(id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "upload"], catch, js_name = acknowledge)]
    async fn js_acknowledge(id: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["onething", "upload"], catch, js_name = leave)]
    async fn js_leave(prefix: &str) -> Result<JsValue, JsValue>;
}

/// What a file is for.
#[derive(Clone)]
pub struct Target {
    /// The draft or application it is for.
    pub of: String,
    /// The errand.
    pub bundle: String,
    /// The material.
    pub material: String,
    /// The document it is a newer version of.
    pub replaces: Option<String>,
    /// Bytes allowed after it was made small.
    pub most: i64,
}

/// How far a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Names the upload.
    pub id: String,
    /// What the file is called.
    pub name: String,
    /// Where it stands.
    pub phase: Phase,
    /// Per cent sent.
    pub percent: u32,
    /// The document it replaces.
    pub replaces: Option<String>,
}

/// Where a file stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is made small.
    Preparing,
    /// Something does not carry it now, the network, the server or its store; it goes on by itself.
    Waiting(String),
    /// It is sent.
    Sending,
    /// The server looks at it.
    Checking,
    /// It is in the store.
    Done(Box<Document>),
    /// It is not taken, and why.
    Failed(String),
}

/// Hears how far files are.
pub type Tell = std::sync::Arc<dyn Fn(Progress) + Send + Sync>;

/// Sends a file.
pub async fn start(file: &File, target: &Target, tell: Tell) {
    let _ = js_start(file, &options(target, 0), &heard(tell)).await;
}

/// Turns a stored picture to the right, as a new version of it.
pub async fn turn(address: &str, name: &str, target: &Target, tell: Tell) {
    let _ = js_turn(address, name, &options(target, 90), &heard(tell)).await;
}

/// Goes on with what another tab, now gone, had begun to send to this place.
pub async fn take_up(place: &str, tell: Tell) {
    let found = js_waiting(place).await.ok().and_then(|found| found.dyn_into::<Array>().ok()).unwrap_or_default();
    for one in found.iter() {
        if let Some(id) = text(&one, "id") {
            let _ = js_resume(&id, &heard(tell.clone())).await;
        }
    }
}

impl Target {
    /// Where it belongs, so that another screen or tab finds it again.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}", self.of, self.material)
    }
}

/// Goes on with one that failed and is still sealed.
pub async fn retry(id: &str, tell: Tell) {
    let _ = js_resume(id, &heard(tell)).await;
}

/// What arrived is where it belongs: nothing of it is kept on the device any more.
pub async fn acknowledge(id: &str) {
    let _ = js_acknowledge(id).await;
}

/// What was for this draft is sent: nothing for it is kept on the device any more.
pub async fn leave(of: &str) {
    let _ = js_leave(&format!("{of}/")).await;
}

/// Gives an upload up.
pub async fn cancel(id: &str) {
    let _ = js_cancel(id).await;
}

fn options(target: &Target, turn: u32) -> JsValue {
    let options = Object::new();
    let set = |name: &str, value: JsValue| {
        let _ = Reflect::set(&options, &name.into(), &value);
    };
    let api = super::address("");
    set("api", api.trim_end_matches('/').into());
    set("place", target.place().into());
    set("for", target.of.as_str().into());
    set("bundle", target.bundle.as_str().into());
    set("material", target.material.as_str().into());
    #[expect(clippy::cast_precision_loss, reason = "a size far below 2^53")]
    set("most", (target.most as f64).into());
    set("turn", turn.into());
    if let Some(replaces) = &target.replaces {
        set("replaces", replaces.as_str().into());
    }
    options.into()
}

fn heard(tell: Tell) -> JsValue {
    Closure::<dyn Fn(JsValue)>::new(move |state: JsValue| {
        if let Some(progress) = read(&state) {
            tell(progress);
        }
    })
    .into_js_value()
}

fn read(state: &JsValue) -> Option<Progress> {
    let phase = match text(state, "phase")?.as_str() {
        "preparing" => Phase::Preparing,
        "waiting" => Phase::Waiting(text(state, "problem").unwrap_or_default()),
        "uploading" => Phase::Sending,
        "checking" => Phase::Checking,
        "done" => Phase::Done(Box::new(json::read(&text(state, "document")?)?)),
        _ => Phase::Failed(text(state, "problem").unwrap_or_default()),
    };
    let percent = Reflect::get(state, &"percent".into()).ok().and_then(|percent| percent.as_f64()).unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage")]
    let percent = percent as u32;
    Some(Progress {
        id: text(state, "id")?,
        name: text(state, "name").unwrap_or_default(),
        phase,
        percent,
        replaces: text(state, "replaces"),
    })
}

fn text(of: &JsValue, name: &str) -> Option<String> {
    Reflect::get(of, &name.into()).ok()?.as_string()
}
