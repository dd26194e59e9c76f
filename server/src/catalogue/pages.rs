//! What anybody reads of the catalogue: texts that caches may keep and pages are made of at build time. A digest tells
//! whether such a text still says what the catalogue says.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use contract::catalogue::{Bundle, Material};
use contract::material::{ProofEntry, ProofsOf};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Catalogue;
use crate::http::extract::Language;

/// Of each text in each language, by its path below `/api/v1`.
pub(super) type Digests = BTreeMap<Language, BTreeMap<String, String>>;

impl Catalogue {
    /// The digest of a text (`home`, `bundles/<id>`, `proofs`, `rating-scale`) whatever the day is.
    #[must_use]
    pub fn digest(&self, language: Language, path: &str) -> Option<&str> {
        self.digests.get(&language)?.get(path).map(String::as_str)
    }

    /// The proofs still asked for, by errand.
    #[must_use]
    pub fn proofs(&self, language: Language) -> Vec<ProofsOf> {
        let entry = |material: &Material| {
            Some(ProofEntry {
                material: material.id.clone(),
                name: material.name.clone(),
                proof: material.proof.clone()?,
                declaration: material.declaration.is_some(),
            })
        };
        let of = |bundle: &Bundle| ProofsOf {
            bundle: bundle.id.clone(),
            name: bundle.name.clone(),
            proofs: bundle.materials.iter().filter_map(entry).collect(),
        };
        let texts = self.ids().filter_map(|id| self.text(id, language));
        texts.map(of).filter(|one| !one.proofs.is_empty()).collect()
    }

    /// Writes what pages are made of into a folder: `<language>/home.json`, `<language>/bundles/<id>.json`, each as the
    /// API answers it, and `digests.json`.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write_pages(&self, folder: &Path) -> io::Result<()> {
        let mut digests: BTreeMap<&str, BTreeMap<String, &str>> = BTreeMap::new();
        for language in self.languages() {
            let own = folder.join(language.tag());
            std::fs::create_dir_all(own.join("bundles"))?;
            for (path, text) in self.pages(language, true) {
                std::fs::write(own.join(format!("{path}.json")), text)?;
                let digest = self.digest(language, &path).unwrap_or_default();
                digests.entry(language.tag()).or_default().insert(path, digest);
            }
        }
        std::fs::write(folder.join("digests.json"), serde_json::to_string_pretty(&digests)? + "\n")
    }

    pub(super) fn digests(&self) -> Digests {
        let of = |text: &String| hex::encode(&Sha256::digest(text)[..8]);
        let all = |language| {
            let others = [("proofs", json(&self.proofs(language))), ("rating-scale", json(&self.scale(language)))];
            let others = others.map(|(path, text)| (path.to_owned(), text));
            let texts = self.pages(language, false).into_iter().chain(others);
            let digests: BTreeMap<_, _> = texts.map(|(path, text)| (path, of(&text))).collect();
            (language, digests)
        };
        self.languages().into_iter().map(all).collect()
    }

    /// The texts of pages by path; undated, they change with the catalogue alone.
    fn pages(&self, language: Language, dated: bool) -> Vec<(String, String)> {
        let home = self.home(language).map(|home| ("home".to_owned(), json(home)));
        let bundles = self.ids().filter_map(|id| {
            let mut view = self.view(id, language)?;
            if !dated {
                view.today.clear();
            }
            Some((format!("bundles/{id}"), json(&view)))
        });
        home.into_iter().chain(bundles).collect()
    }
}

fn json(text: &impl Serialize) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
