//! Headers on their way through: what belongs to one hop stays there, what tells about the caller is added.

use std::net::IpAddr;

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// RFC 9110, 7.6.1, and the older ones that are still met.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Takes away what belongs to one connection only, and what its `Connection` header names besides.
pub(super) fn end_of_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    named.into_iter().for_each(|name| {
        headers.remove(name);
    });
    HOP_BY_HOP.into_iter().for_each(|name| {
        headers.remove(name);
    });
}

/// Says where the request came from. What the caller itself says about that is not believed: this is the outer door.
pub(super) fn forwarded(headers: &mut HeaderMap, peer: Option<IpAddr>) {
    let host = headers.remove(header::HOST);
    [
        FORWARDED_FOR,
        FORWARDED_HOST,
        FORWARDED_PROTO,
        header::FORWARDED,
    ]
    .into_iter()
    .for_each(|name| {
        headers.remove(name);
    });
    if let Some(value) = peer.and_then(|peer| HeaderValue::from_str(&peer.to_string()).ok()) {
        headers.insert(FORWARDED_FOR, value);
    }
    if let Some(host) = host {
        headers.insert(FORWARDED_HOST, host);
    }
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_hop_do_not_go_further() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-private"),
            ("x-private", "1"),
            ("te", "trailers"),
            ("x-kept", "1"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        end_of_hop(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-kept"]);
    }

    #[test]
    fn what_a_caller_says_about_its_address_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("1.2.3.4"));
        forwarded(&mut headers, Some(IpAddr::from([127, 0, 0, 1])));
        assert_eq!(headers[FORWARDED_FOR], "127.0.0.1");
    }
}
