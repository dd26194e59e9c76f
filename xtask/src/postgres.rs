//! A PostgreSQL of one's own for the time of the tests: a fresh cluster on a free port.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell::{Command, command, root};

/// Where Debian keeps PostgreSQL's server programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> =
        versions.flatten().map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).collect();
    found.sort();
    found.pop()
}

/// A running cluster; it ends and is erased with this value.
pub(crate) struct Cluster {
    bin: PathBuf,
    folder: PathBuf,
    /// Where to connect.
    pub(crate) url: String,
}

impl Cluster {
    /// Starts one.
    pub(crate) fn start() -> Result<Self> {
        let bin =
            programs().context("PostgreSQL's server programs are missing; on Debian: apt-get install postgresql")?;
        // Not below the checkout: the user it runs as may not be able to read that.
        let folder = std::env::temp_dir().join(format!("onething-postgres-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
        let cluster = Self { bin, folder, url };
        if is_root() {
            command("chown").args(["postgres"]).arg(&cluster.folder).output()?;
        }
        let data = cluster.data();
        cluster
            .program("initdb")
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data)
            .output()?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=200",
            cluster.folder.display()
        );
        // pg_ctl's child keeps the pipe open: its output goes to a file.
        cluster
            .program("pg_ctl")
            .args(["-w", "-o", &options, "-l"])
            .arg(cluster.folder.join("log"))
            .arg("-D")
            .arg(&data)
            .arg("start")
            .quiet()?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// PostgreSQL refuses to run as root: then it runs as the user the package made.
    fn program(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        if is_root() {
            command("runuser").args(["-u", "postgres", "--"]).arg(program)
        } else {
            command(&program.display().to_string())
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.program("pg_ctl").args(["-m", "immediate", "-D"]).arg(self.data()).arg("stop").quiet();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

impl Command {
    /// Runs it with its output thrown away.
    fn quiet(self) -> Result<()> {
        anyhow::ensure!(self.works(), "PostgreSQL could not be started or stopped in {}", Path::new(&root()).display());
        Ok(())
    }
}
