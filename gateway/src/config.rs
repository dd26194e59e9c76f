//! `payment.yaml`: what an operator would write for real gateways, written for the simulated ones.

use std::fs;
use std::path::{Path, PathBuf};

use crate::keys::Keys;
use crate::random;
use crate::{alipay, wechat};

/// Writes the file into a folder; whoever reads it meanwhile sees the old or the new one.
pub(crate) fn write(folder: &Path, keys: &Keys, base: &str, site: &str) -> Result<PathBuf, String> {
    let path = folder.join("payment.yaml");
    let said = |error: std::io::Error| format!("{}: {error}", path.display());
    let draft = folder.join(format!(".payment-{}.yaml", random::token(6)));
    fs::create_dir_all(folder).map_err(said)?;
    fs::write(&draft, text(keys, base, site)).map_err(said)?;
    fs::rename(&draft, &path).map_err(said)?;
    Ok(path)
}

fn text(keys: &Keys, base: &str, site: &str) -> String {
    let site = quoted(site);
    let [merchant_key, api_key, app_key, public_key, counter_key] = [
        keys.wechat_merchant_file(),
        keys.wechat_api_file(),
        keys.alipay_app_file(),
        keys.alipay_public_file(),
        keys.counter_file(),
    ]
    .map(|path| quoted(&path.to_string_lossy()));
    let (wechat_app, merchant, serial) = (wechat::APP, wechat::MERCHANT, wechat::MERCHANT_SERIAL);
    let (alipay_app, seller) = (alipay::APP, alipay::SELLER);
    format!(
        "# Written by the payment simulator: made-up merchants, no real money.
simulator: true
site: {site}
wechat:
  base: {base}
  app: {wechat_app}
  merchant: \"{merchant}\"
  serial: \"{serial}\"
  key: {merchant_key}
  api_key: {api_key}
alipay:
  gateway: {base}/gateway.do
  app: \"{alipay_app}\"
  seller: \"{seller}\"
  key: {app_key}
  public_key: {public_key}
counter:
  base: {base}/counter
  key: {counter_key}
"
    )
}

/// A YAML string, whatever is in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_names_every_gateway_and_key() {
        let keys = crate::keys::tests::keys();
        let text = text(&keys, "http://127.0.0.1:8090", "http://127.0.0.1:8080/");
        for line in [
            "simulator: true",
            "site: \"http://127.0.0.1:8080/\"",
            "  base: http://127.0.0.1:8090",
            "  app: wx0000000000000001",
            "  merchant: \"1900000001\"",
            "  gateway: http://127.0.0.1:8090/gateway.do",
            "  app: \"2021000000000001\"",
            "  seller: \"2088000000000001\"",
            "  base: http://127.0.0.1:8090/counter",
        ] {
            assert!(text.lines().any(|written| written == line), "{line}");
        }
        assert_eq!(text.matches("  key: \"").count(), 3);
        assert_eq!(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    }
}
