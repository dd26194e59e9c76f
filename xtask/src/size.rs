//! Bytes on the wire per route, brotli, every file counted, against `size-budget.json`.

use std::collections::{BTreeMap, BTreeSet};
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
    /// The document it arrives with, below `dist`; none where the program is there already.
    page: Option<String>,
    /// Files of the program, by part; none where the build drew the page, or a small program draws it at first sight.
    part: Option<String>,
    /// Parts whose files are there already.
    #[serde(default)]
    after: Vec<String>,
    /// Scripts beside the program that it loads before it can be used.
    #[serde(default)]
    scripts: Vec<String>,
    /// Answers of the API it waits for.
    #[serde(default)]
    api: Vec<String>,
}

/// Prints the table and fails when a route is over its budget.
pub(crate) fn check() -> Result<()> {
    let budget: Budget =
        serde_json::from_str(&std::fs::read_to_string(root().join("size-budget.json"))?).context("size-budget.json")?;
    step("Build the server", || {
        command("cargo").args(["build", "--quiet", "--locked", "-p", "onething-server"]).run()
    })?;
    let dist = root().join("dist");
    let shell = std::fs::read_to_string(dist.join("shell.html"))?;
    println!("{:>9}  file (brotli)", "bytes");
    for (name, bytes) in all(&dist)? {
        println!("{bytes:>9}  {name}");
    }
    let server = Server::start()?;
    let mut over = Vec::new();
    println!("\n{:>9}  {:>9}  route", "bytes", "budget");
    for (name, route) in &budget.routes {
        let mut sum = 0;
        for file in route.files(&shell)? {
            sum += brotli(&std::fs::read(dist.join(&file)).with_context(|| file.clone())?)?.len();
        }
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

impl Route {
    /// Files it waits for.
    fn files(&self, shell: &str) -> Result<BTreeSet<String>> {
        let parts = between(shell, "data-parts=\"", "\"").context("the page names no parts")?;
        let of = |part: &str| -> Result<BTreeSet<String>> {
            let found = parts.split(';').find_map(|entry| entry.strip_prefix(part)?.strip_prefix(':'));
            let found = found.with_context(|| format!("no part is called {part}"))?;
            Ok(found.split(' ').map(str::to_owned).collect())
        };
        let mut files: BTreeSet<String> = self.scripts.iter().cloned().collect();
        if let Some(page) = &self.page {
            files.insert(page.clone());
            // Whatever its head asks for; pages that were drawn hold their style.
            let html = std::fs::read_to_string(root().join("dist").join(page)).with_context(|| page.clone())?;
            let named = |from: &str| -> Vec<String> {
                let addresses = html.split(from).skip(1).filter_map(|rest| rest.split(['"', '?']).next());
                addresses.map(|address| address.trim_start_matches(['.', '/']).to_owned()).collect()
            };
            let of_meta = |name: &str| -> Vec<String> {
                let meta = between(&html, &format!("<meta name=\"{name}\""), ">").unwrap_or_default();
                let values = ["content=\"", "data-wasm=\""].map(|before| between(meta, before, "\""));
                values.into_iter().flatten().map(|address| address.trim_start_matches(['.', '/']).to_owned()).collect()
            };
            files.extend(named("src=\"").into_iter().chain(named("<link rel=\"stylesheet\" href=\"")));
            let first = of_meta("glance");
            // What is seen first needs no program.
            if first.is_empty() || self.part.is_some() {
                files.extend(of_meta("program"));
            }
            files.extend(first);
        }
        if let Some(part) = &self.part {
            files.extend(of(part)?);
        }
        for part in &self.after {
            let there = of(part)?;
            files.retain(|file| !there.contains(file));
        }
        Ok(files)
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// Everything the page may load. Texts of a second language come on top where one is spoken.
fn all(dist: &Path) -> Result<BTreeMap<String, usize>> {
    let mut list = BTreeMap::new();
    for ending in ["js", "css", "wasm", "svg"] {
        for path in files(dist, ending)? {
            let name = path.strip_prefix(dist)?.to_string_lossy().into_owned();
            list.insert(name, brotli(&std::fs::read(&path)?)?.len());
        }
    }
    for name in
        ["index.html", "shell.html", "form/index.html", "bundles/newborn/index.html", "en/bundles/newborn/index.html"]
    {
        list.insert(name.to_owned(), brotli(&std::fs::read(dist.join(name))?)?.len());
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
