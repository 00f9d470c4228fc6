//! The base URL of an API, and the URLs below it.
//!
//! Every URL has the scheme, host and port of the base URL. No segment or query leads out of the base path.

use std::net::IpAddr;

use reqwest::Url;

use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;

/// The longest URL, in bytes; servers refuse longer ones.
const URL_MAX_BYTES: usize = 8 * 1024;

#[derive(Clone, Debug)]
pub(super) struct BaseUrl {
    url: Url,
}

impl BaseUrl {
    /// Parses a base URL: `https` or `http`, without user information, query and fragment.
    pub(super) fn parse(text: &str) -> Result<Self, Box<Finding>> {
        // Messages do not repeat the text, because it may contain a password.
        let wrong = |message: &str, help: &str| Box::new(Finding::error(&codes::INVALID_BASE_URL, message).help(help));
        let url = Url::parse(text.trim()).map_err(|error| {
            let help = "write `base_url: https://HOST/PATH`, as the vendor's documentation says";
            wrong(&format!("invalid base URL: {error}"), help)
        })?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(wrong("the base URL is not an `https` address", "write `base_url: https://HOST/PATH`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let help = "remove the part before `@`, and give the key by reference: `key: { env: NAME }`";
            return Err(wrong("the base URL contains user information", help));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("the base URL contains a query or a fragment", "end it with the path"));
        }
        Ok(Self { url })
    }

    /// Returns the URL of a path below the base. Segments and query values are encoded.
    pub(super) fn join(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, AdapterError> {
        let wrong = |message: String| AdapterError::new(ErrorKind::Malformed, message);
        let mut url = self.url.clone();
        // The URL library would remove such a segment and address another resource.
        if let Some(segment) = segments.iter().find(|segment| matches!(**segment, "" | "." | "..")) {
            return Err(wrong(format!("invalid path segment `{segment}`")));
        }
        match url.path_segments_mut() {
            Ok(mut path) => {
                path.pop_if_empty().extend(segments);
            }
            Err(()) => return Err(wrong("the base URL has no path".to_owned())),
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        if url.as_str().len() > URL_MAX_BYTES {
            return Err(wrong(format!("the URL would exceed {URL_MAX_BYTES} bytes")));
        }
        Ok(url)
    }

    /// Whether a URL has the scheme, host and port of the base URL, and no user information.
    pub(super) fn is_same_origin(&self, url: &Url) -> bool {
        url.origin() == self.url.origin() && url.username().is_empty() && url.password().is_none()
    }

    /// Returns the host, for messages.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether requests are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the host is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.host();
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_base_url_is_refused_and_not_repeated() {
        for (text, message) in [
            ("https://ana:s3cret@vendor.example/api", "user information"),
            ("https://s3cret@vendor.example", "user information"),
            ("https://vendor.example/api?key=s3cret", "query"),
            ("https://vendor.example/#s3cret", "fragment"),
            ("ftp://vendor.example/s3cret", "not an `https` address"),
            ("file:///s3cret", "not an `https` address"),
            ("s3cret", "invalid"),
            ("https://[s3cret", "invalid"),
            ("", "invalid"),
        ] {
            let finding = BaseUrl::parse(text).unwrap_err();
            assert_eq!(finding.code, codes::INVALID_BASE_URL.id, "{text}");
            assert!(finding.message.contains(message), "{text}: {}", finding.message);
            assert!(!format!("{finding:?}").contains("s3cret"), "{finding:?}");
        }
    }

    #[test]
    fn segments_and_queries_do_not_leave_the_base_path() {
        let base = BaseUrl::parse("https://vendor.example/api/v1/").unwrap();
        let at = |segments: &[&str], query: &[(&str, &str)]| base.join(segments, query).map(|url| url.to_string());
        assert_eq!(at(&["users"], &[("n", "a&b=c d")]).unwrap(), "https://vendor.example/api/v1/users?n=a%26b%3Dc+d");
        assert_eq!(at(&["users", "../x"], &[]).unwrap(), "https://vendor.example/api/v1/users/..%2Fx");
        assert_eq!(at(&["users", "a/b?c#d"], &[]).unwrap(), "https://vendor.example/api/v1/users/a%2Fb%3Fc%23d");
        assert_eq!(at(&["users", "%2e%2e"], &[]).unwrap(), "https://vendor.example/api/v1/users/%252e%252e");
        for segment in ["", ".", ".."] {
            assert_eq!(at(&["users", segment], &[]).unwrap_err().kind, ErrorKind::Malformed, "{segment}");
        }
        assert_eq!(at(&["users", &"a".repeat(9000)], &[]).unwrap_err().kind, ErrorKind::Malformed);
    }

    #[test]
    fn same_origin_requires_scheme_host_port_and_no_user() {
        let base = BaseUrl::parse("https://vendor.example/api").unwrap();
        let is_home = |text: &str| base.is_same_origin(&Url::parse(text).unwrap());
        assert!(is_home("https://vendor.example/elsewhere") && is_home("https://VENDOR.example:443/"));
        for text in [
            "http://vendor.example/api",
            "https://vendor.example:444/api",
            "https://vendor.example.evil.example/api",
            "https://vendor.example@evil.example/",
            "https://ana@vendor.example/api",
        ] {
            assert!(!is_home(text), "{text}");
        }
    }

    #[test]
    fn loopback_is_distinguished_from_similar_names() {
        for text in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080", "http://127.9.9.9"] {
            assert!(BaseUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1"] {
            assert!(!BaseUrl::parse(text).unwrap().is_loopback(), "{text}");
        }
    }
}
