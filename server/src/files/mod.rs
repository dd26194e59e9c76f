//! Files people give: judged by content, sealed, kept on disk or in an S3-compatible store.
//!
//! The database knows a file by its SHA-256 (`blobs`); what lies in the store is an object of random
//! name, sealed with a key of its own, which the database holds wrapped in the operator's key. A file
//! is gone for good once its row is: no copy of the store can be read without the key in it.

pub mod blobs;
pub mod inspect;
pub mod scan;
mod seal;

use std::path::Path;
use std::sync::Arc;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Place;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use tokio::sync::Semaphore;

use crate::http::Refusal;
use scan::Scanner;
pub use seal::{DataKey, MasterKey};

/// Where sealed objects lie, and what looks at files before they are kept.
#[derive(Clone)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
    master: MasterKey,
    /// Looks for malware.
    pub scanner: Arc<dyn Scanner>,
    /// Whoever looks into a file takes a turn: so many at once.
    pub inspecting: Arc<Semaphore>,
}

/// Files looked into at once.
const AT_ONCE: usize = 2;

/// An S3-compatible store.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it answers, `https://s3.example.com`; absent means Amazon's own.
    pub endpoint: Option<String>,
    /// Its region, as the store calls it.
    pub region: String,
    /// Who asks.
    pub access_key: String,
    /// The secret its requests are signed with.
    pub secret_key: String,
}

impl Files {
    /// Files in a folder, made where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn on_disk(folder: &Path, master: MasterKey, scanner: Arc<dyn Scanner>) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(std::io::Error::other)?;
        let objects = objects.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { objects: Arc::new(objects), master, scanner, inspecting: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// Files in an S3-compatible store.
    ///
    /// # Errors
    /// When the settings make no sense.
    pub fn in_bucket(bucket: &Bucket, master: MasterKey, scanner: Arc<dyn Scanner>) -> Result<Self, String> {
        // The HTTP client asks for a provider of cryptography before its first connection.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(&bucket.region)
            .with_access_key_id(&bucket.access_key)
            .with_secret_access_key(&bucket.secret_key)
            // Not every compatible store deletes many at once.
            .with_disable_bulk_delete(true);
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let objects = builder.build().map_err(|error| error.to_string())?;
        Ok(Self { objects: Arc::new(objects), master, scanner, inspecting: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// A fresh key, and what the database keeps of it.
    ///
    /// # Errors
    /// When it cannot be wrapped.
    pub fn fresh_key(&self) -> Result<(DataKey, String), Refusal> {
        let key = DataKey::fresh();
        let wrapped = self.master.wrap(&key)?;
        Ok((key, wrapped))
    }

    /// The key the database holds wrapped.
    ///
    /// # Errors
    /// When it was wrapped by another master key.
    pub fn key(&self, wrapped: &str) -> Result<DataKey, Refusal> {
        self.master.unwrap(wrapped)
    }

    /// Seals bytes under a name; durable when it returns. A key never seals two things under one name.
    ///
    /// # Errors
    /// When the store does not take them.
    pub async fn put(&self, name: &str, key: &DataKey, bytes: &[u8]) -> Result<(), Refusal> {
        let sealed = key.seal(name, bytes)?;
        self.objects.put(&Place::from(name), PutPayload::from(sealed)).await.map_err(|error| full(&error))?;
        Ok(())
    }

    /// Opens what lies under a name.
    ///
    /// # Errors
    /// When it is not there, or not what was put there.
    pub async fn get(&self, name: &str, key: &DataKey) -> Result<Vec<u8>, Refusal> {
        let found = self.objects.get(&Place::from(name)).await.map_err(|error| refused(&error))?;
        key.open(name, &found.bytes().await.map_err(|error| refused(&error))?)
    }

    /// What lies under a name, as it is: files of the first release were not sealed.
    ///
    /// # Errors
    /// When it is not there.
    pub async fn get_unsealed(&self, name: &str) -> Result<Vec<u8>, Refusal> {
        let found = self.objects.get(&Place::from(name)).await.map_err(|error| refused(&error))?;
        Ok(found.bytes().await.map_err(|error| refused(&error))?.to_vec())
    }

    /// Erases what lies under a name; what is not there is erased.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn erase(&self, name: &str) -> Result<(), Refusal> {
        match self.objects.delete(&Place::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }
}

fn full(error: &object_store::Error) -> Refusal {
    tracing::error!(%error, "the file store takes nothing");
    Refusal::StorageFull
}

fn refused(error: &object_store::Error) -> Refusal {
    tracing::error!(%error, "the file store does not answer");
    Refusal::Unavailable
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use axum::Router;
    use axum::body::Bytes;
    use axum::extract::{Path as Key, State};
    use axum::http::{HeaderMap, StatusCode, header};
    use axum::response::IntoResponse;
    use axum::routing::get;

    use super::*;
    use crate::files::scan::StandIn;

    type Objects = Arc<Mutex<BTreeMap<String, Bytes>>>;

    fn is_signed(headers: &HeaderMap) -> bool {
        let signature = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        signature.starts_with("AWS4-HMAC-SHA256 Credential=key/") && signature.contains("Signature=")
    }

    /// As much of an S3-compatible store as files need; it refuses what is not signed.
    async fn bucket() -> (String, Objects) {
        let objects = Objects::default();
        let put = |State(all): State<Objects>, Key(key): Key<String>, headers: HeaderMap, bytes: Bytes| async move {
            if !is_signed(&headers) {
                return StatusCode::FORBIDDEN.into_response();
            }
            all.lock().unwrap().insert(key, bytes);
            ([(header::ETAG, "\"1\"")], "").into_response()
        };
        let read = |State(all): State<Objects>, Key(key): Key<String>, headers: HeaderMap| async move {
            let found = all.lock().unwrap().get(&key).cloned().filter(|_| is_signed(&headers));
            let modified = (header::LAST_MODIFIED, "Sun, 22 Nov 2026 08:00:00 GMT");
            found.map_or(StatusCode::NOT_FOUND.into_response(), |bytes| {
                ([(header::ETAG, "\"1\""), modified], bytes).into_response()
            })
        };
        let delete = |State(all): State<Objects>, Key(key): Key<String>| async move {
            all.lock().unwrap().remove(&key);
            StatusCode::NO_CONTENT
        };
        let routes =
            Router::new().route("/papers/{*key}", get(read).put(put).delete(delete)).with_state(objects.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (endpoint, objects)
    }

    #[tokio::test]
    async fn files_lie_sealed_in_a_bucket() {
        let (endpoint, objects) = bucket().await;
        let folder = std::env::temp_dir().join(format!("onething-key-{}", crate::random::id()));
        let master = MasterKey::read_or_make(&folder.join("files.key")).unwrap();
        let settings = Bucket {
            name: "papers".into(),
            endpoint: Some(endpoint),
            region: "us-east-1".into(),
            access_key: "key".into(),
            secret_key: "secret".into(),
        };
        let files = Files::in_bucket(&settings, master, Arc::new(StandIn)).unwrap();
        let (key, wrapped) = files.fresh_key().unwrap();
        files.put("files/a", &key, b"the paper").await.unwrap();
        let lies = objects.lock().unwrap().get("files/a").cloned().unwrap();
        assert!(!lies.windows(5).any(|window| window == b"paper"));
        assert_eq!(files.get("files/a", &files.key(&wrapped).unwrap()).await.unwrap(), b"the paper");
        files.erase("files/a").await.unwrap();
        files.erase("files/a").await.unwrap();
        assert!(objects.lock().unwrap().is_empty());
        assert!(matches!(files.get("files/a", &key).await, Err(Refusal::Unavailable)));
        let _ = std::fs::remove_dir_all(folder);
    }
}
