//! Calls of WeChat Pay's API v3: every request is signed, every answer verified.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use reqwest::{Method, Url};
use serde_json::Value;

use super::certificates::{Certificates, Keys};
use super::seal::ApiKey;
use super::sign::{Signed, Signer};
use crate::pay::wire::{Reply, Wire};
use crate::pay::{Failure, Rejected};

/// WeChat Pay, and what we talk to it with.
pub(super) struct Api {
    /// Where it is; may have a path, which is signed with the rest.
    pub(super) base: Url,
    /// Signs what we send.
    pub(super) signer: Signer,
    /// Opens what it seals.
    pub(super) key: ApiKey,
    /// Verifies what it signs.
    pub(super) certificates: Certificates,
    /// Carries it.
    pub(super) wire: Wire,
}

/// An answer whose signature was verified.
pub(super) struct Answer {
    /// Its status.
    pub(super) status: StatusCode,
    /// Its body, byte for byte.
    pub(super) body: Bytes,
}

impl Api {
    /// Asks. `path` begins with `/v3/`.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.call(Method::GET, path, String::new()).await
    }

    /// Tells.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.call(Method::POST, path, body.to_string()).await
    }

    /// Fetches a file made for us. Such an answer carries no signature (下载账单), so whoever asks
    /// must know the file's hash from an answer that did. Our signature goes nowhere else.
    pub(super) async fn download(&self, address: &str) -> Result<Bytes, Failure> {
        let url = Url::parse(address).ok().filter(|url| url.origin() == self.base.origin());
        let reply = self.send(Method::GET, url.ok_or(Failure::Unsure("elsewhere"))?, String::new()).await?;
        if reply.status == StatusCode::OK { Ok(reply.body) } else { Err(Failure::Unsure("no file")) }
    }

    /// Whether WeChat Pay said this, and now. Answers and notifications are signed alike.
    pub(super) async fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Rejected> {
        let signed = Signed::read(headers).ok_or(Rejected::Signature)?;
        if !signed.timely(Timestamp::now().as_second()) {
            return Err(Rejected::Time);
        }
        let key = self.certificates.key(signed.serial, self.fetch()).await.map_err(|_| Rejected::Unavailable)?;
        if key.is_some_and(|key| signed.by(&key, body)) { Ok(()) } else { Err(Rejected::Signature) }
    }

    async fn call(&self, method: Method, path: &str, body: String) -> Result<Answer, Failure> {
        let reply = self.send(method, self.address(path)?, body).await?;
        // What is not signed may come from anybody, and a 401 never is: WeChat Pay signs nothing
        // for somebody whose own signature it does not accept.
        self.verify(&reply.headers, &reply.body).await.map_err(|why| {
            tracing::error!(status = reply.status.as_u16(), %why, "an answer of WeChat Pay's was not verified");
            Failure::Unsure("unverified")
        })?;
        Ok(Answer { status: reply.status, body: reply.body })
    }

    /// Fetches the certificates; [`Certificates::accept`] verifies them, since their key may be among them.
    async fn fetch(&self) -> Result<Keys, Failure> {
        let reply = self.send(Method::GET, self.address("/v3/certificates")?, String::new()).await?;
        let accept = || {
            let now = Timestamp::now().as_second();
            self.certificates.accept(&self.key, &reply.headers, &reply.body, now)
        };
        let keys = if reply.status == StatusCode::OK { accept() } else { None };
        keys.ok_or_else(|| {
            tracing::error!(status = reply.status.as_u16(), "WeChat Pay's certificates could not be taken");
            Failure::Unsure("no certificates")
        })
    }

    fn address(&self, path: &str) -> Result<Url, Failure> {
        let base = self.base.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).map_err(|_| Failure::Unsure("no address"))
    }

    async fn send(&self, method: Method, url: Url, body: String) -> Result<Reply, Failure> {
        let at = Timestamp::now().as_second();
        let authorization =
            self.signer.authorization(method.as_str(), &signed_part(&url), &body, at, &crate::random::id())?;
        let mut request = self
            .wire
            .client()
            .request(method, url)
            .header(header::AUTHORIZATION, authorization)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "onething");
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        self.wire.send(request.build().map_err(|_| Failure::Unsure("no request"))?).await
    }
}

/// What of an address is signed: all that follows the host.
fn signed_part(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_host_is_signed() {
        for (address, signed) in [
            ("https://api.mch.weixin.qq.com/v3/certificates", "/v3/certificates"),
            ("https://api.mch.weixin.qq.com/v3/x?mchid=1&y=%E4%BD%A0", "/v3/x?mchid=1&y=%E4%BD%A0"),
            ("http://127.0.0.1:8080/sim/wechat/v3/x?mchid=1", "/sim/wechat/v3/x?mchid=1"),
        ] {
            assert_eq!(signed_part(&Url::parse(address).unwrap()), signed);
        }
    }
}
