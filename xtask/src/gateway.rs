//! The payment simulator, a process of its own beside the server.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::Run;
use crate::shell::{command, root};

/// A running simulator; it ends with this value.
pub(crate) struct Gateway {
    child: Child,
    /// What the server reads about it.
    pub(crate) config: PathBuf,
}

impl Gateway {
    /// Starts it on the port ten above the server's. Its made-up keys lie in the data folder.
    pub(crate) fn start(profile: &str, run: &Run) -> Result<Self> {
        let folder = root().join(&run.data).join("gateway");
        let config = folder.join("payment.yaml");
        let _ = std::fs::remove_file(&config);
        let port = run.port.checked_add(10).unwrap_or(8090);
        let base = run.base.trim_matches('/');
        let site = format!("http://{}:{}/{base}", run.host, run.port);
        let child = command(&format!("target/{profile}/onething-gateway"))
            .args(["--host", &run.host.to_string(), "--port", &port.to_string(), "--site", &site])
            .arg("--keys")
            .arg(&folder)
            .spawn()?;
        let gateway = Self { child, config };
        gateway.wait()?;
        Ok(gateway)
    }

    /// Its keys are made once, which takes a moment.
    fn wait(&self) -> Result<()> {
        let start = Instant::now();
        while !Path::new(&self.config).exists() {
            if start.elapsed() > Duration::from_secs(60) {
                bail!("the payment simulator did not start");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
