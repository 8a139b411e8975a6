//! Shorter answers.

use serde_json::{Value, json};

use super::super::{extension, typed};

pub(super) fn filter() -> Value {
    extension(
        "envoy.filters.http.compressor",
        "envoy.extensions.filters.http.compressor.v3.Compressor",
        json!({
            "response_direction_config": {
                "common_config": {"min_content_length": 1024},
                "disable_on_etag_header": true,
            },
            "compressor_library": {
                "name": "gzip",
                "typed_config": typed("envoy.extensions.compression.gzip.compressor.v3.Gzip", json!({})),
            },
        }),
    )
}
