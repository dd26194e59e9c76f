//! What every line of a checklist needs: how materials are met, the person's store, and whom to tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::catalogue::MaterialId;
use contract::material::{Document, DocumentId, Paper, Provided, Requirements, UploadLimits};
use leptos::prelude::*;

use super::element_id;
use crate::locale::texts as t;
use crate::screens::steps;

/// How materials are met.
pub(in crate::screens) type Given = BTreeMap<MaterialId, Provided>;

/// One sentence about what did not work.
pub(in crate::screens) type Failed = RwSignal<Option<&'static str>>;

/// Sends how a material is met: what, and the digest of what was read before.
type Send = Arc<dyn Fn(MaterialId, Option<Provided>, Option<String>, Failed) + std::marker::Send + Sync>;

/// What every line of a checklist needs.
#[derive(Clone)]
pub(in crate::screens) struct Checklist {
    /// The errand.
    pub bundle: String,
    /// The draft or application the documents are for.
    pub of: String,
    /// The person's store, as far as it serves here.
    pub documents: RwSignal<Vec<Document>>,
    /// How materials are met.
    pub provided: RwSignal<Given>,
    /// What is read before stored documents serve this errand.
    pub notice: StoredValue<Paper>,
    /// Files still on their way.
    pub under_way: RwSignal<Vec<String>>,
    /// What is taken.
    pub limits: UploadLimits,
    /// Where papers are read before they are signed; nowhere after the submission.
    pub papers: Option<String>,
    send: Send,
}

impl Checklist {
    /// A checklist over what the server says is needed.
    pub(in crate::screens) fn new(
        bundle: String,
        of: String,
        requirements: &Requirements,
        provided: RwSignal<Given>,
        papers: Option<String>,
        send: impl Fn(MaterialId, Option<Provided>, Option<String>, Failed) + std::marker::Send + Sync + 'static,
    ) -> Self {
        Self {
            bundle,
            of,
            documents: RwSignal::new(requirements.documents.clone()),
            provided,
            notice: StoredValue::new(requirements.notice.clone()),
            under_way: RwSignal::new(Vec::new()),
            limits: requirements.limits,
            papers,
            send: Arc::new(send),
        }
    }

    /// Whether files are still on their way; says so, and leads there.
    pub(in crate::screens) fn waits_for_files(&self, failed: Failed) -> bool {
        let waits = self.under_way.with_untracked(|ids| !ids.is_empty());
        failed.set(waits.then(t::materials_still_sending));
        waits
    }

    /// What is taken, told before anything is chosen.
    pub(in crate::screens) fn hint(&self) -> impl IntoView + use<> {
        let (megabytes, pages) = (self.limits.most_bytes / 1_048_576, self.limits.most_pages);
        view! { <p class="quiet" id="upload-hint">{t::materials_upload_hint(&megabytes.to_string(), &pages.to_string())}</p> }
    }

    /// Meets a material, or takes that back.
    pub(super) fn give(
        &self,
        material: &MaterialId,
        provided: Option<Provided>,
        signed: Option<String>,
        failed: Failed,
    ) {
        failed.set(None);
        (self.send)(material.clone(), provided, signed, failed);
    }

    /// The same by a button of its line, which goes: the line has the focus then.
    pub(super) fn give_here(
        &self,
        material: &MaterialId,
        provided: Option<Provided>,
        signed: Option<String>,
        failed: Failed,
    ) {
        self.give(material, provided, signed, failed);
        let line = element_id(material);
        request_animation_frame(move || steps::focus(&line));
    }

    /// Meets a material with documents of the store; the purpose notice stands beside the button.
    pub(super) fn reuse(&self, material: &MaterialId, documents: Vec<DocumentId>, failed: Failed) {
        let signed = self.notice.with_value(|notice| notice.digest.clone());
        self.give_here(material, Some(Provided::Documents { documents }), Some(signed), failed);
    }

    /// A document of the store.
    pub(super) fn document(&self, id: &DocumentId) -> Option<Document> {
        self.documents.with(|documents| documents.iter().find(|document| document.id == *id).cloned())
    }
}

/// Shows at once what was chosen; the server's word follows.
pub(in crate::screens) fn put(given: RwSignal<Given>, material: &MaterialId, provided: Option<Provided>) {
    let _ = given.try_update(|given| match provided {
        Some(provided) => given.insert(material.clone(), provided),
        None => given.remove(material),
    });
}
