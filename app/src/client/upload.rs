//! Sends a file and tells how far it is. `fetch` does not tell, so this is an XMLHttpRequest.

use contract::draft::Document;
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ProgressEvent, XmlHttpRequest};

use contract::json;

use super::{Failure, address, key};

/// Uploads a file for a material; `progress` is set in per cent.
///
/// # Errors
/// When the network or the server does not take it.
pub async fn upload(file: &File, purpose: &str, progress: RwSignal<Option<u32>>) -> Result<Document, Failure> {
    let request = XmlHttpRequest::new().map_err(|_| Failure::Network)?;
    let started = request.open("POST", &address("/documents")).and_then(|()| {
        request.set_request_header("idempotency-key", &key())?;
        request.set_request_header("x-file-name", &String::from(js_sys::encode_uri_component(&file.name())))?;
        request.set_request_header("x-purpose", &String::from(js_sys::encode_uri_component(purpose)))
    });
    started.map_err(|_| Failure::Network)?;
    let told = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.total() > 0.0 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage")]
            let _ = progress.try_set(Some((event.loaded() * 100.0 / event.total()) as u32));
        }
    });
    if let Ok(upload) = request.upload() {
        upload.set_onprogress(Some(told.as_ref().unchecked_ref()));
    }
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    progress.set(Some(0));
    request.send_with_opt_blob(Some(file)).map_err(|_| Failure::Network)?;
    let _ = JsFuture::from(ended).await;
    let _ = progress.try_set(None);
    let text = request.response_text().ok().flatten().unwrap_or_default();
    match request.status() {
        Ok(200 | 201) => json::read(&text).ok_or(Failure::Network),
        Ok(status) if status >= 400 => {
            Err(json::read(&text).map_or(Failure::Network, |problem| Failure::Refused(Box::new(problem))))
        }
        _ => Err(Failure::Network),
    }
}
