//! One HTTP client for every gateway: short waits, no redirects, and an end to simulators in production.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use reqwest::{Client, Request, redirect};

use super::Failure;

/// Whoever plays a gateway says so in each answer.
pub const SIMULATOR: &str = "onething-simulator";

/// Longest wait for an answer.
const WAIT: Duration = Duration::from_secs(8);

/// Largest answer, statements included.
const MOST: usize = 64 << 20;

/// What calls travel over.
#[derive(Clone)]
pub struct Wire {
    client: Client,
    simulator: bool,
}

/// An answer, read to its end.
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, byte for byte: signatures are over it.
    pub body: Bytes,
}

impl Wire {
    /// `simulator` lets simulated gateways answer.
    ///
    /// # Errors
    /// When the machine has no TLS for it.
    pub fn new(simulator: bool) -> Result<Self, String> {
        // Whoever was first has chosen the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(WAIT)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { client, simulator })
    }

    /// The client, to make requests with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request. A busy gateway (429) and one that fails (5xx) gave no sure answer.
    ///
    /// # Errors
    /// [`Failure::Unsure`] where no answer came that could be trusted to be one.
    pub async fn send(&self, request: Request) -> Result<Reply, Failure> {
        let mut response = self.client.execute(request).await.map_err(|_| Failure::Unsure("no answer"))?;
        if response.headers().contains_key(SIMULATOR) && !self.simulator {
            tracing::error!("a simulator answered where a payment gateway was expected");
            return Err(Failure::Unsure("a simulator"));
        }
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Failure::Unsure("not now"));
        }
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|_| Failure::Unsure("no answer"))? {
            if body.len() + piece.len() > MOST {
                return Err(Failure::Unsure("too much"));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Reply { status, headers, body: body.into() })
    }
}
