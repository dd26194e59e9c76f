//! Looks for malware: ClamAV over its own protocol, or a labelled stand-in.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a scanner found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Clean,
    /// Something.
    Infected,
    /// It did not answer: nobody knows.
    Unknown,
}

/// Looks for malware in a file.
pub trait Scanner: Send + Sync {
    /// Looks at a whole file.
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> BoxFuture<'a, Verdict>;
}

/// Stands in where no scanner is configured: it knows the test file of the European Institute for
/// Computer Antivirus Research (EICAR) and nothing else. The server says so when it starts.
pub struct StandIn;

/// What EICAR's test file begins with; in two halves, so that scanners leave this source alone.
const EICAR: [&str; 2] = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EIC", "AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

impl Scanner for StandIn {
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> BoxFuture<'a, Verdict> {
        let test = EICAR.concat();
        let found = bytes.windows(test.len()).any(|window| window == test.as_bytes());
        Box::pin(async move { if found { Verdict::Infected } else { Verdict::Clean } })
    }
}

/// A ClamAV daemon, asked by its `INSTREAM` command.
pub struct Clamd {
    /// `host:port`, or the path of its socket.
    pub address: String,
}

/// A scan takes longer than this only where something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes sent at a time.
const CHUNK: usize = 64 * 1024;

impl Scanner for Clamd {
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let outcome = tokio::time::timeout(PATIENCE, self.ask(bytes)).await;
            match outcome {
                Ok(Ok(verdict)) => verdict,
                Ok(Err(error)) => {
                    tracing::error!(%error, "the scanner does not answer");
                    Verdict::Unknown
                }
                Err(_) => Verdict::Unknown,
            }
        })
    }
}

impl Clamd {
    async fn ask(&self, bytes: &[u8]) -> std::io::Result<Verdict> {
        #[cfg(unix)]
        if self.address.starts_with('/') {
            return talk(tokio::net::UnixStream::connect(&self.address).await?, bytes).await;
        }
        talk(TcpStream::connect(&self.address).await?, bytes).await
    }
}

/// `zINSTREAM`, then chunks behind their length in network order, then an empty one.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> std::io::Result<Verdict> {
    stream.write_all(b"zINSTREAM\0").await?;
    for chunk in bytes.chunks(CHUNK) {
        stream.write_u32(u32::try_from(chunk.len()).unwrap_or(0)).await?;
        stream.write_all(chunk).await?;
    }
    stream.write_u32(0).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(verdict(&answer))
}

/// `stream: OK`, `stream: <name> FOUND`, or an error.
fn verdict(answer: &[u8]) -> Verdict {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim_end_matches(['\0', '\n', '\r']);
    if text.ends_with(" FOUND") {
        Verdict::Infected
    } else if text.ends_with(": OK") {
        Verdict::Clean
    } else {
        Verdict::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_stand_in_knows_the_test_file_only() {
        let test = EICAR.concat();
        assert_eq!(StandIn.scan(test.as_bytes()).await, Verdict::Infected);
        assert_eq!(StandIn.scan(b"%PDF-1.7").await, Verdict::Clean);
    }

    /// A peer that speaks the daemon's side, and says what it was sent.
    async fn daemon(answer: &'static [u8]) -> (Clamd, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut command = [0; 10];
            stream.read_exact(&mut command).await.unwrap();
            assert_eq!(&command, b"zINSTREAM\0");
            let mut whole = Vec::new();
            loop {
                let length = stream.read_u32().await.unwrap() as usize;
                if length == 0 {
                    break;
                }
                let start = whole.len();
                whole.resize(start + length, 0);
                stream.read_exact(&mut whole[start..]).await.unwrap();
            }
            stream.write_all(answer).await.unwrap();
            whole
        });
        (Clamd { address }, heard)
    }

    #[tokio::test]
    async fn the_daemon_is_understood() {
        let file = vec![7; CHUNK * 2 + 5];
        for (answer, verdict) in [
            (&b"stream: OK\0"[..], Verdict::Clean),
            (b"stream: Eicar-Test-Signature FOUND\0", Verdict::Infected),
            (b"INSTREAM size limit exceeded. ERROR\0", Verdict::Unknown),
            (b"", Verdict::Unknown),
        ] {
            let (clamd, heard) = daemon(answer).await;
            assert_eq!(clamd.scan(&file).await, verdict);
            assert_eq!(heard.await.unwrap(), file);
        }
        let nobody = Clamd { address: "127.0.0.1:1".to_owned() };
        assert_eq!(nobody.scan(b"x").await, Verdict::Unknown);
    }
}
