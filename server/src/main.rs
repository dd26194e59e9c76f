//! `onething-server`: serves the API and the page, or checks the catalogue.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use onething_server::files::scan::{Clamd, Scanner, StandIn};
use onething_server::files::{Bucket, Files, MasterKey};
use onething_server::http::headers;
use onething_server::sim::departments;
use onething_server::sim::identity::SimulatedIdentity;
use onething_server::sim::people::People;
use onething_server::sim::registers::SimulatedRegisters;
use onething_server::sim::treasury::SimulatedTreasury;
use onething_server::store::Store;
use onething_server::{App, Settings, api, catalogue, housekeeping, papers, pay, till};

#[derive(Parser)]
#[command(about = "Reference backend of onething")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the page.
    Serve(Box<Serve>),
    /// Check the catalogue, write the schema its editors use, or the texts static pages are made of.
    Catalogue {
        #[arg(value_enum)]
        what: CatalogueCommand,
        /// Where the texts go.
        #[arg(long, required_if_eq("what", "pages"))]
        out: Option<PathBuf>,
        /// The catalogue's folder.
        #[arg(long, default_value = "catalogue")]
        catalogue: PathBuf,
    },
    /// Print the OpenAPI description.
    Openapi,
    /// Check that no line of the payment ledger was changed or taken out.
    Ledger {
        /// Where SQLite lies.
        #[arg(long, default_value = "data")]
        data: PathBuf,
        /// PostgreSQL instead of SQLite.
        #[arg(long)]
        database_url: Option<String>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum CatalogueCommand {
    Check,
    Schema,
    Pages,
}

#[derive(clap::Args)]
struct Serve {
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where SQLite and uploaded files lie.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[arg(long)]
    database_url: Option<String>,
    /// Who works in the departments.
    #[arg(long, value_enum, default_value = "auto")]
    departments: Departments,
    /// Milliseconds between two steps of the simulated departments.
    #[arg(long, default_value_t = 1500)]
    pace: u64,
    /// The catalogue's folder.
    #[arg(long, default_value = "catalogue")]
    catalogue: PathBuf,
    /// The built page.
    #[arg(long, default_value = "dist")]
    dist: PathBuf,
    /// Where the service lives on its host: `/`, or `/gov/sub/`.
    #[arg(long, default_value = "/")]
    base: String,
    /// Set when https ends in front of this server.
    #[arg(long)]
    secure: bool,
    /// An origin that may frame the page: `https://portal.example`.
    #[arg(long, value_parser = headers::framer)]
    framer: Vec<String>,
    /// Pages install no worker, and remove the one they have installed.
    #[arg(long)]
    no_worker: bool,
    /// Keeps files in this bucket of an S3-compatible store instead of the data folder; its keys come from
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    #[arg(long)]
    bucket: Option<String>,
    /// Where the store answers.
    #[arg(long, requires = "bucket")]
    bucket_endpoint: Option<String>,
    /// The store's region.
    #[arg(long, default_value = "us-east-1")]
    bucket_region: String,
    /// The key files are sealed with: 64 hexadecimal digits. Made in the data folder where none is named.
    #[arg(long)]
    files_key: Option<PathBuf>,
    /// ClamAV's daemon, `host:port` or the path of its socket; a stand-in that knows only the test file otherwise.
    #[arg(long)]
    clamd: Option<String>,
    /// The font papers are drawn with.
    #[arg(long, default_value = papers::USUAL)]
    paper_font: PathBuf,
    /// The payment gateways and where they find this server (docs/payment.md); nothing can be paid without.
    #[arg(long)]
    payment: Option<PathBuf>,
    /// How long a session lives without anything happening.
    #[arg(long, default_value_t = 1800)]
    session_seconds: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Departments {
    Auto,
    Manual,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,sqlx=warn".into()),
        )
        .with_target(false)
        .init();
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => tokio::runtime::Runtime::new()
            .map_err(|error| error.to_string())
            .and_then(|runtime| runtime.block_on(run(serve))),
        Command::Catalogue { what, out, catalogue } => match what {
            CatalogueCommand::Check => check(&catalogue),
            CatalogueCommand::Schema => write_schemas(&catalogue),
            CatalogueCommand::Pages => write_pages(&catalogue, &out.unwrap_or_default()),
        },
        Command::Openapi => print_openapi(),
        Command::Ledger { data, database_url } => tokio::runtime::Runtime::new()
            .map_err(|error| error.to_string())
            .and_then(|runtime| runtime.block_on(check_ledger(&data, database_url.as_deref()))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Box<Serve>) -> Result<(), String> {
    let catalogue = catalogue::load(&serve.catalogue).map_err(|complaints| listed(&complaints))?;
    let store = store(&serve.data, serve.database_url.as_deref()).await?;
    let base = format!("/{}/", serve.base.trim_matches('/')).replace("//", "/");
    let people = Arc::new(People::read()?);
    let catalogue = Arc::new(catalogue);
    let app = App {
        catalogue: catalogue.clone(),
        files: files(&serve)?,
        fonts: papers::Fonts::read(&serve.paper_font),
        identity: Arc::new(SimulatedIdentity(people.clone())),
        registers: Arc::new(SimulatedRegisters::new(people)),
        payments: payments(&serve, catalogue.region.demo)?,
        treasury: Arc::new(SimulatedTreasury::new(store.clone(), &catalogue.region.receipt_series)),
        store,
        compressed: Arc::default(),
        settings: Arc::new(Settings {
            dist: serve.dist,
            base: base.clone(),
            secure: serve.secure,
            framers: serve.framer,
            worker: !serve.no_worker,
            session_seconds: serve.session_seconds,
        }),
    };
    if serve.departments == Departments::Auto {
        tokio::spawn(departments::work(app.clone(), Duration::from_millis(serve.pace)));
    }
    api::drafts::record(&app).await.map_err(|error| error.to_string())?;
    api::documents::note_earlier_uses(&app).await.map_err(|error| error.to_string())?;
    till::adopt::adopt(&app).await.map_err(|error| error.to_string())?;
    tokio::spawn(till::settle::work(app.clone()));
    tokio::spawn(housekeeping::work(app.clone()));
    let address = SocketAddr::new(serve.host, serve.port);
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| format!("{address} cannot be used: {error}. Choose another with --port."))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tracing::info!("ready at http://{address}{base}");
    let service = api::service(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop()).await.map_err(|error| error.to_string())
}

async fn store(data: &Path, database_url: Option<&str>) -> Result<Store, String> {
    match database_url {
        Some(url) => {
            Store::postgres(url).await.map_err(|_| "PostgreSQL cannot be reached at the address given.".to_owned())
        }
        None => Store::sqlite(data)
            .await
            .map_err(|error| format!("The database in {} cannot be opened: {error}", data.display())),
    }
}

async fn check_ledger(data: &Path, database_url: Option<&str>) -> Result<(), String> {
    if database_url.is_none() && !data.join("onething.sqlite").exists() {
        return Err(format!("There is no database in {}.", data.display()));
    }
    let store = store(data, database_url).await?;
    let mut connection = store.reads().acquire().await.map_err(|error| error.to_string())?;
    let broken = till::ledger::broken(&mut connection).await.map_err(|error| error.to_string())?;
    if broken.is_empty() {
        println!("every line of the ledger follows from the one before");
        return Ok(());
    }
    let ids: Vec<String> = broken.iter().map(ToString::to_string).collect();
    Err(format!("The ledger was changed for: {}", ids.join(", ")))
}

/// The file store, its key and its scanner.
fn files(serve: &Serve) -> Result<Files, String> {
    if serve.files_key.is_none() && (serve.bucket.is_some() || serve.database_url.is_some()) {
        return Err(
            "Name the key files are sealed with (--files-key): every server of these data needs the same.".to_owned()
        );
    }
    let key = match &serve.files_key {
        Some(path) => MasterKey::read(path)?,
        None => MasterKey::read_or_make(&serve.data.join("files.key"))?,
    };
    let scanner: Arc<dyn Scanner> = match &serve.clamd {
        Some(address) => Arc::new(Clamd { address: address.clone() }),
        None => {
            tracing::warn!("no scanner for malware: a stand-in knows the test file only; name one with --clamd");
            Arc::new(StandIn)
        }
    };
    match &serve.bucket {
        Some(name) => {
            let secret =
                |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set: the bucket needs it"));
            let bucket = Bucket {
                name: name.clone(),
                endpoint: serve.bucket_endpoint.clone(),
                region: serve.bucket_region.clone(),
                access_key: secret("AWS_ACCESS_KEY_ID")?,
                secret_key: secret("AWS_SECRET_ACCESS_KEY")?,
            };
            Files::in_bucket(&bucket, key, scanner)
        }
        None => {
            let folder = serve.data.join("files");
            Files::on_disk(&folder, key, scanner).map_err(|error| format!("{}: {error}", folder.display()))
        }
    }
}

/// The gateways of the file named.
fn payments(serve: &Serve, demo: bool) -> Result<pay::config::Payments, String> {
    match &serve.payment {
        // Its receipts would be made up, and its payers made-up people.
        Some(_) if !demo => Err("Only simulated identities and receipts are built in: a city puts its own \
                                 IdentityProvider and Treasury here before it takes money."
            .to_owned()),
        Some(path) => pay::config::read(path, demo),
        None => {
            tracing::warn!("no payment gateway: nothing can be paid; name a file with --payment");
            Ok(pay::config::Payments::default())
        }
    }
}

/// Ends on Ctrl-C. Requests under way get a moment; live progress streams would never end by themselves.
async fn stop() {
    let _ = tokio::signal::ctrl_c().await;
    tokio::spawn(async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        std::process::exit(0);
    });
}

fn check(folder: &Path) -> Result<(), String> {
    let catalogue = catalogue::load(folder).map_err(|complaints| listed(&complaints))?;
    println!("{} bundles, nothing to complain about", catalogue.ids().count());
    for language in catalogue.languages() {
        let missing = catalogue.untranslated(language);
        if !missing.is_empty() {
            println!("{}: in Chinese only: {}", language.tag(), missing.join(", "));
        }
    }
    Ok(())
}

fn listed(complaints: &[catalogue::Complaint]) -> String {
    let lines: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    format!(
        "{}\nThe catalogue has {} faults; it is not served until they are mended.",
        lines.join("\n"),
        complaints.len()
    )
}

fn write_schemas(folder: &Path) -> Result<(), String> {
    for (name, schema) in catalogue::schemas() {
        let path = folder.join("schema").join(name);
        std::fs::create_dir_all(folder.join("schema"))
            .and_then(|()| std::fs::write(&path, schema))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn write_pages(folder: &Path, out: &Path) -> Result<(), String> {
    let catalogue = catalogue::load(folder).map_err(|complaints| listed(&complaints))?;
    catalogue.write_pages(out).map_err(|error| format!("{}: {error}", out.display()))
}

fn print_openapi() -> Result<(), String> {
    let (_, document) = api::routes();
    println!("{}", serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?);
    Ok(())
}
