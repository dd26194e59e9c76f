//! The simulated payment gateways as a program.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use onething_gateway::Simulator;
use tracing_subscriber::EnvFilter;

/// Plays WeChat Pay, Alipay, UnionPay and bank pay codes. No money moves.
#[derive(Parser)]
#[command(name = "onething-gateway", version)]
struct Arguments {
    /// Port to listen on.
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Folder of the made-up keys; made where there is none.
    #[arg(long, default_value = "data/gateway")]
    keys: PathBuf,
    /// Folder payment.yaml is written to; the keys' where none is named.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Where the service answers its public, for payment.yaml.
    #[arg(long, default_value = "http://127.0.0.1:8080/")]
    site: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    let Arguments { port, host, keys, config, site } = Arguments::parse();
    match Simulator::start(&keys, config.as_ref().unwrap_or(&keys), SocketAddr::new(host, port), &site).await {
        Ok(simulator) => {
            println!("ready at {}", simulator.base());
            // Whether it is asked to end or cannot be asked: it ends.
            let _ = tokio::signal::ctrl_c().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
