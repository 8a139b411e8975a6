//! The exporter's way to the collector: our own client, so that there is one HTTP stack and one TLS provider.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use opentelemetry_http::{HttpClient, HttpError};

use crate::client::HttpTransport;

/// The longest answer that is read.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// Sends batches.
pub(super) struct CollectorClient {
    pub(super) transport: HttpTransport,
    pub(super) patience: Duration,
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = async {
            let answer = self.transport.send(request.map(Body::from)).await?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_LIMIT).collect().await?.to_bytes();
            Ok(Response::from_parts(parts, body))
        };
        tokio::time::timeout(self.patience, sending).await?
    }
}

impl fmt::Debug for CollectorClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectorClient").finish_non_exhaustive()
    }
}
