//! What the path of a route may become.

use super::{only, pointed, silent, told};

/// A service with one of everything behind a route of a path and a rewrite.
fn route(path: &str, rewrite: &str) -> String {
    format!(
        "services:
  a:
    data_ownership: [things]
    endpoints: [GET /things, 'GET /things/{{id}}']
gateway:
  routes: [{{path: '{path}', method: GET, service: a, rewrite: '{rewrite}', timeout: 5s, public: true}}]
"
    )
}

#[test]
fn a_rewrite_passes_on_what_its_path_has() {
    for (path, rewrite) in [
        ("/api/things/{id}", "/things/{id}"),
        ("/api/things/{number}", "/things/{number}"),
        ("/api/things/*", "/things"),
        ("/api/things/*", "/things/*"),
        ("/api/things", "/things/"),
    ] {
        silent(&route(path, rewrite));
    }
}

#[test]
fn a_rewrite_that_its_path_cannot_become_is_told_once_with_what_to_write() {
    for (path, rewrite, message, help) in [
        (
            "/api/things",
            "things",
            "`things` is no path that route /api/things can lead to",
            "write `/things`",
        ),
        (
            "/api/things",
            "",
            "`` is no path that route /api/things can lead to",
            "write `/`",
        ),
        (
            "/api/things/{id}",
            "/things/*",
            "the rewrite of route /api/things/{id} ends with `/*`, and its path does not",
            "write what follows, by its name in the path if it has one there, or take `/api/things/{id}/*` for the path",
        ),
        (
            "/api/things/{id}",
            "/things/{key}",
            "the rewrite of route /api/things/{id} names `{key}`, which its path does not",
            "write a name that the path has: `{id}`",
        ),
        (
            "/api/things",
            "/things/{id}",
            "the rewrite of route /api/things names `{id}`, which its path does not",
            "write `{id}` in the path too, or take it out of the rewrite",
        ),
    ] {
        let file = route(path, rewrite);
        only(&file, &format!("malformed-route error: {message}"));
        assert_eq!(pointed(&file)[0].1, help);
    }
}

#[test]
fn a_parameter_that_is_not_passed_on_is_told_where_a_request_arrives() {
    only(
        &route("/api/things/{id}", "/things"),
        "lost-parameter warn: route /api/things/{id} becomes /things, without its `{id}`",
    );
    // Where nothing is known of the service, the rewrite says enough.
    let unknown = route("/api/{shop}/things/{id}", "/things")
        .replace("    endpoints: [GET /things, 'GET /things/{id}']\n", "");
    assert_eq!(
        pointed(&unknown)[0].1,
        "name `{shop}` in the rewrite too, or take it out of the path"
    );
    // Where none arrives, that is the fault.
    assert_eq!(told(&route("/api/things/{id}", "/nowhere")).len(), 1);
}
