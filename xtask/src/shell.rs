//! Commands that say what they do, and fail in one sentence.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Says what is done and how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("▸ {name} …");
    let start = Instant::now();
    let outcome = work().with_context(|| format!("{name} failed"))?;
    eprintln!("  {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(outcome)
}

/// A command of the workspace.
pub(crate) struct Command(std::process::Command);

/// A command that runs in the workspace, with the project's own tools first on its path.
pub(crate) fn command(program: &str) -> Command {
    let root = root();
    let own = [root.join("target/tools/bin"), root.join("node_modules/.bin")];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = own.into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(all).unwrap_or(path.clone());
    let program = if program.contains('/') { root.join(program).into_os_string() } else { program.into() };
    let mut command = std::process::Command::new(program);
    command.current_dir(root).env("PATH", path);
    Command(command)
}

impl Command {
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.0.args(args);
        self
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(key, value);
        self
    }

    fn name(&self) -> String {
        let args: Vec<_> = self.0.get_args().map(|arg| arg.to_string_lossy()).collect();
        let program = Path::new(self.0.get_program()).file_name().unwrap_or_default().to_string_lossy();
        format!("{program} {}", args.join(" "))
    }

    /// Runs it; what it prints is seen.
    pub(crate) fn run(mut self) -> Result<()> {
        let name = self.name();
        let status = self.0.status().with_context(|| format!("`{name}` cannot be started: is it installed?"))?;
        if !status.success() {
            bail!("`{name}` ended with {status}");
        }
        Ok(())
    }

    /// Runs it and gives what it printed; seen only when it fails.
    pub(crate) fn output(mut self) -> Result<String> {
        let name = self.name();
        let output = self
            .0
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("`{name}` cannot be started: is it installed?"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("`{name}` ended with {}:\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(text)
    }

    /// Its errors are printed among its output.
    pub(crate) fn merged(self) -> Self {
        let inner = self.name_of_parts();
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", "exec \"$@\" 2>&1", "sh"]).args(inner);
        if let Some(folder) = self.0.get_current_dir() {
            shell.current_dir(folder);
        }
        shell.envs(self.0.get_envs().filter_map(|(key, value)| Some((key, value?))));
        Self(shell)
    }

    fn name_of_parts(&self) -> Vec<std::ffi::OsString> {
        std::iter::once(self.0.get_program()).chain(self.0.get_args()).map(OsStr::to_os_string).collect()
    }

    /// Runs it, shows what it prints and gives it too, whether it succeeds or not.
    pub(crate) fn tee(mut self) -> Result<(bool, String)> {
        use std::io::{BufRead, BufReader};
        let name = self.name();
        let mut child = self
            .0
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{name}` cannot be started: is it installed?"))?;
        let mut text = String::new();
        if let Some(out) = child.stdout.take() {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                println!("{line}");
                text.push_str(&line);
                text.push('\n');
            }
        }
        Ok((child.wait()?.success(), text))
    }

    pub(crate) fn spawn(mut self) -> Result<Child> {
        let name = self.name();
        self.0.spawn().with_context(|| format!("`{name}` cannot be started: is it installed?"))
    }

    /// Whether it runs and succeeds, quietly.
    pub(crate) fn works(mut self) -> bool {
        self.0
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}
