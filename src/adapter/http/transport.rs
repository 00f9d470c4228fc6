//! TLS, proxies and timeouts of a client.
//!
//! The transport follows no redirects, because the library would send the key along.

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use reqwest::{Certificate, Proxy, redirect, retry};

use super::base_url::BaseUrl;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;

/// The largest file of certificates, in bytes.
const CA_MAX_BYTES: u64 = 1 << 20;

/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(30);

/// Installs the provider of cryptography for the process.
fn install_provider() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // Another library may have installed one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Creates the client for a base URL; it trusts the certificates in `ca` in addition to the system's.
pub(super) fn build_client(
    base: &BaseUrl,
    ca: Option<&Path>,
    proxy: Option<&str>,
    connect: Duration,
) -> Result<reqwest::Client, Box<Finding>> {
    install_provider();
    let certificates = ca.map(read_certificates).transpose()?.unwrap_or_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("reseat/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .pool_idle_timeout(IDLE)
        .connect_timeout(connect);
    builder = if base.is_encrypted() {
        builder.https_only(true).tls_certs_merge(certificates)
    } else {
        // Without TLS, the client works on machines without certificates.
        builder.tls_certs_only(certificates)
    };
    builder = match proxy {
        // A proxy cannot reach a server on this machine.
        _ if base.is_loopback() => builder.no_proxy(),
        Some(address) => builder.proxy(parse_proxy(address)?),
        // The library reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
        None => builder,
    };
    builder.build().map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        let help = "install the system's certificates, or set those of the vendor's authority as `ca`";
        Box::new(Finding::error(&codes::INVALID_CERTIFICATES, format!("TLS cannot be set up: {cause}")).help(help))
    })
}

fn parse_proxy(address: &str) -> Result<Proxy, Box<Finding>> {
    let wrong = |message: &str| {
        let help = "write `proxy: http://HOST:PORT`, without user information";
        Box::new(Finding::error(&codes::INVALID_PROXY, message).help(help))
    };
    let url = reqwest::Url::parse(address).map_err(|error| wrong(&format!("invalid proxy: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("the proxy's address contains user information"));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("the proxy's address is neither `http` nor `https`"));
    }
    Proxy::all(url).map_err(|_| wrong("the proxy cannot be used"))
}

/// Reads the certificates of a PEM file.
fn read_certificates(path: &Path) -> Result<Vec<Certificate>, Box<Finding>> {
    let wrong = |message: String| {
        let help = "use a PEM file with the certificates of the authority";
        Box::new(Finding::error(&codes::INVALID_CERTIFICATES, message).help(help))
    };
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| wrong(format!("`{shown}` cannot be read: {error}")))?;
    if !metadata.is_file() || metadata.len() > CA_MAX_BYTES {
        return Err(wrong(format!("`{shown}` is not a file of at most {} KiB", CA_MAX_BYTES >> 10)));
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("`{shown}` cannot be read: {error}")))?;
    match Certificate::from_pem_bundle(&bytes) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(wrong(format!("`{shown}` contains no certificate"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECT: Duration = Duration::from_secs(1);

    fn refused(ca: Option<&str>, proxy: Option<&str>) -> Box<Finding> {
        let base = BaseUrl::parse("https://vendor.example").unwrap();
        let file = ca.map(|text| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            file
        });
        build_client(&base, file.as_ref().map(tempfile::NamedTempFile::path), proxy, CONNECT).unwrap_err()
    }

    #[test]
    fn file_without_a_certificate_is_refused() {
        for text in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(refused(Some(text), None).code, codes::INVALID_CERTIFICATES.id, "{text}");
        }
        let base = BaseUrl::parse("https://vendor.example").unwrap();
        let missing = build_client(&base, Some(Path::new("no-such.pem")), None, CONNECT).unwrap_err();
        assert!(missing.message.starts_with("`no-such.pem` cannot be read"), "{}", missing.message);
    }

    #[test]
    fn invalid_proxy_is_refused_and_not_repeated() {
        for address in ["http://ana:s3cret@proxy.example:3128", "s3cret", "ftp://s3cret.example"] {
            let finding = refused(None, Some(address));
            assert_eq!(finding.code, codes::INVALID_PROXY.id, "{address}");
            assert!(!format!("{finding:?}").contains("s3cret"), "{finding:?}");
        }
    }
}
