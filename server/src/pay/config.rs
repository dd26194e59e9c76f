//! What an operator says about gateways: one YAML file, keys in files beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::alipay::{Alipay, AlipayConfig};
use super::counter::{Counter, CounterConfig};
use super::wechat::{Wechat, WechatConfig};
use super::wire::Wire;
use super::{Gateways, PaymentGateway};

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentFile {
    /// The gateways are simulated. Production refuses it.
    #[serde(default)]
    pub simulator: bool,
    /// Where this service answers the public: cashiers send people back there, gateways their notifications.
    pub site: String,
    /// WeChat Pay.
    #[serde(default)]
    pub wechat: Option<WechatConfig>,
    /// Alipay.
    #[serde(default)]
    pub alipay: Option<AlipayConfig>,
    /// The simulated counter.
    #[serde(default)]
    pub counter: Option<CounterConfig>,
}

/// Gateways, and where they find us.
#[derive(Clone, Default)]
pub struct Payments {
    /// The gateways; none where nobody configured one.
    pub gateways: Gateways,
    /// Where this service answers the public, without the slash at the end.
    pub site: String,
}

/// Reads the file and the keys it names. `demo` allows simulators.
///
/// # Errors
/// What is wrong, by file.
pub fn read(path: &Path, demo: bool) -> Result<Payments, String> {
    let said = |why: String| format!("{}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| said(error.to_string()))?;
    let file: PaymentFile = serde_saphyr::from_str(&text).map_err(|error| said(error.to_string()))?;
    let addresses = [
        Some(&file.site),
        file.wechat.as_ref().map(|one| &one.base),
        file.alipay.as_ref().map(|one| &one.gateway),
        file.counter.as_ref().map(|one| &one.base),
    ];
    if !demo {
        if file.simulator || file.counter.is_some() {
            return Err(said("a simulated gateway takes no real money: only a demonstration may name one".to_owned()));
        }
        if addresses.into_iter().flatten().any(|address| !address.starts_with("https://")) {
            return Err(said("every address must begin with https://".to_owned()));
        }
    }
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    let wire = Wire::new(file.simulator)?;
    let mut gateways: Vec<Arc<dyn PaymentGateway>> = Vec::new();
    if let Some(config) = &file.wechat {
        gateways.push(Arc::new(Wechat::new(config, &folder, wire.clone())?));
    }
    if let Some(config) = &file.alipay {
        gateways.push(Arc::new(Alipay::new(config, &folder, wire.clone())?));
    }
    if let Some(config) = &file.counter {
        gateways.push(Arc::new(Counter::new(config, &folder, wire)?));
    }
    Ok(Payments { gateways: Gateways(gateways), site: file.site.trim_end_matches('/').to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let path = std::env::temp_dir().join(format!("onething-payment-{}.yaml", crate::random::id()));
        std::fs::write(&path, text).unwrap();
        let outcome = read(&path, false);
        let _ = std::fs::remove_file(&path);
        outcome.err().unwrap_or_default()
    }

    #[test]
    fn production_takes_no_simulator_and_no_plain_http() {
        assert!(refused("simulator: true\nsite: https://city.example/\n").contains("only a demonstration"));
        let counter = "site: https://city.example/\ncounter: {base: 'https://x.example', key: x}\n";
        assert!(refused(counter).contains("only a demonstration"));
        assert!(refused("site: http://city.example/\n").contains("https://"));
        assert_eq!(refused("site: https://city.example/\n"), "");
        assert!(!refused("site: https://city.example/\nunknown: 1\n").is_empty());
    }
}
