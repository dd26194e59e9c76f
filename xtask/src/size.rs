//! Bytes on the wire per route, brotli, every file counted, against `size-budget.json`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::page::{brotli, files};
use crate::shell::{command, root, step};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    /// Route → what it may cost and what it fetches.
    routes: BTreeMap<String, Route>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    /// Bytes, brotli.
    most: usize,
    /// Which of the page's programs holds it.
    program: String,
    /// Answers of the API it waits for.
    api: Vec<String>,
}

/// Prints the table and fails when a route is over its budget.
pub(crate) fn check() -> Result<()> {
    let budget: Budget =
        serde_json::from_str(&std::fs::read_to_string(root().join("size-budget.json"))?).context("size-budget.json")?;
    step("Build the server", || {
        command("cargo").args(["build", "--quiet", "--locked", "-p", "onething-server"]).run()
    })?;
    let shell = shell_files(&root().join("dist"))?;
    println!("{:>9}  file (brotli)", "bytes");
    for (name, bytes) in &shell {
        println!("{bytes:>9}  {name}");
    }
    let server = Server::start()?;
    let mut over = Vec::new();
    println!("\n{:>9}  {:>9}  route", "bytes", "budget");
    for (name, route) in &budget.routes {
        let needed = shell.iter().filter(|(name, _)| is_loaded(name, &route.program));
        let mut sum: usize = needed.map(|(_, bytes)| bytes).sum();
        for path in &route.api {
            sum += brotli(&server.get(path)?)?.len();
        }
        println!("{sum:>9}  {:>9}  {name}", route.most);
        if sum > route.most {
            over.push(format!("{name} is {} bytes over its budget", sum - route.most));
        }
    }
    if over.is_empty() { Ok(()) } else { bail!("{}", over.join("; ")) }
}

/// Whether a screen of a program loads a file: its own program's, and what is there for sending files
/// only where files are chosen. A wallet is only asked after a press.
fn is_loaded(name: &str, program: &str) -> bool {
    let of_a_program =
        ["reading-", "filling-", "finishing-", "following-", "paying-"].iter().any(|one| name.starts_with(one));
    let sends_files = ["upload.js", "photo.js"].contains(&name);
    let chooses_files = ["finishing", "following"].contains(&program);
    if name == "pay.js" {
        return false;
    }
    if of_a_program { name.starts_with(program) } else { !sends_files || chooses_files }
}

/// The page's files. Texts of a second language come on top where one is spoken.
fn shell_files(dist: &Path) -> Result<BTreeMap<String, usize>> {
    let mut list = BTreeMap::new();
    for ending in ["html", "js", "css", "wasm", "svg"] {
        for path in files(dist, ending)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            list.insert(name, brotli(&std::fs::read(&path)?)?.len());
        }
    }
    Ok(list)
}

struct Server {
    child: std::process::Child,
    port: u16,
    data: std::path::PathBuf,
}

impl Server {
    fn start() -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let data = std::env::temp_dir().join(format!("onething-size-{}", std::process::id()));
        let child = command("target/debug/onething-server")
            .args(["serve", "--departments", "manual", "--port", &port.to_string(), "--data"])
            .arg(&data)
            .env("RUST_LOG", "error")
            .spawn()?;
        let server = Self { child, port, data };
        for _ in 0..100 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("the server does not answer")
    }

    fn get(&self, path: &str) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        anyhow::ensure!(answer.starts_with(b"HTTP/1.0 200"), "{path} was not answered");
        let body = answer.windows(4).position(|window| window == b"\r\n\r\n").context("no body")?;
        Ok(answer.split_off(body + 4))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.data);
    }
}
