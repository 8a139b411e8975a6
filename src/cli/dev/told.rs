//! What is said when everything runs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::DevError;
use super::place::Place;
use super::ready::Noted;
use super::request::{Request, requests, scopes};
use super::unique::{NOW, SECONDS};
use crate::cli::shell::{quoted, word};
use crate::model::Model;

/// Where everything is, with requests to paste.
pub(super) fn welcome(
    program: &Path,
    place: &Place,
    model: &Model,
    running: &Noted,
) -> Result<String, DevError> {
    let mut mint = vec![
        "token".to_owned(),
        "--data".to_owned(),
        place.data.display().to_string(),
    ];
    mint.extend(["--subject".to_owned(), "alice".to_owned()]);
    for scope in scopes(model) {
        mint.extend(["--scope".to_owned(), scope.to_owned()]);
    }
    // Without an authentication nobody reads tokens.
    let token = match model.authentication() {
        Some(_) => Some(token(program, &mint)?),
        None => None,
    };
    let mut text = format!("\n{} runs\n", model.system.name);
    let mut line = |what: &str, value: &str| {
        let _ = writeln!(text, "  {what:<9} {value}");
    };
    line("gateway", &running.gateway);
    line(
        "admin",
        &format!("{}   what runs where, and how it is", running.admin),
    );
    line(
        "data",
        &format!("{}   --fresh removes it", place.data.display()),
    );
    line(
        "logic",
        &format!(
            "{}   one file per operation, consumer and saga step: yours",
            logic(&place.out).display()
        ),
    );
    if token.is_some() {
        line(
            "token",
            &format!("{} {}", quoted(&short(program)), shell(&mint)),
        );
    }
    let requests = requests(model);
    if !requests.is_empty() {
        text.push_str("\ntry\n");
    }
    for request in &requests {
        let _ = writeln!(text, "  {}", curl(request, running, token.as_deref()));
        if let Some(field) = &request.once {
            let _ = writeln!(
                text,
                "  (no two may share `{field}`: change it to send this again)"
            );
        }
    }
    text.push_str("\nCtrl-C stops it\n");
    Ok(text)
}

/// Where the user's code goes.
fn logic(out: &Path) -> PathBuf {
    let handlers = Path::new("services/*/src/handlers");
    if out == Path::new(".") {
        handlers.to_owned()
    } else {
        out.join(handlers)
    }
}

fn token(program: &Path, arguments: &[String]) -> Result<String, DevError> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(DevError::start(program))?;
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !token.is_empty() {
        return Ok(token);
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(DevError::Token {
        program: program.to_owned(),
        said,
    })
}

/// The command line of a request, as a shell takes it.
fn curl(request: &Request, running: &Noted, token: Option<&str>) -> String {
    let direct = request
        .service
        .as_ref()
        .and_then(|service| running.services.get(service));
    let base = direct.unwrap_or(&running.gateway);
    let mut line = String::from("curl -i");
    if let Some(body) = &request.body {
        // curl sends a body as POST.
        if request.method.as_str() != "POST" {
            let _ = write!(line, " -X {}", request.method.as_str());
        }
        let body = body.to_string().replace('\'', "'\\''");
        // The quotes end where the shell is to put something in.
        let body = body.replace(NOW, &format!("'{SECONDS}'"));
        let _ = write!(line, " -H 'content-type: application/json' -d '{body}'");
    } else if request.method.as_str() != "GET" {
        let _ = write!(line, " -X {}", request.method.as_str());
    }
    if request.keyed {
        line.push_str(" -H \"idempotency-key: try-$(date +%s)\"");
    }
    if let Some(token) = token.filter(|_| !request.open) {
        let _ = write!(line, " -H 'authorization: Bearer {token}'");
    }
    let _ = write!(line, " '{base}{}'", request.path);
    line
}

fn shell(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|text| word(text)).collect();
    words.join(" ")
}

/// A path as seen from the current folder, where that is shorter.
fn short(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = here
        .ok()
        .and_then(|here| Some(path.strip_prefix(here).ok()?.to_owned()));
    below.unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::endpoint::Method;

    fn running() -> Noted {
        serde_json::from_value(json!({
            "pid": 1, "gateway": "http://127.0.0.1:8080", "admin": "http://127.0.0.1:8081",
            "services": {"orders": "http://127.0.0.1:4001"},
        }))
        .unwrap()
    }

    fn request(method: Method, body: Option<serde_json::Value>) -> Request {
        Request {
            method,
            path: "/api/orders".to_owned(),
            service: None,
            body,
            once: None,
            keyed: false,
            open: false,
        }
    }

    #[test]
    fn a_request_is_written_so_that_a_shell_takes_it() {
        let read = curl(&request(Method::Get, None), &running(), Some("t.t.t"));
        assert_eq!(
            read,
            "curl -i -H 'authorization: Bearer t.t.t' 'http://127.0.0.1:8080/api/orders'"
        );
        let create = curl(
            &request(Method::Post, Some(json!({"note": "it's"}))),
            &running(),
            Some("t"),
        );
        assert!(create.contains(r#"-d '{"note":"it'\''s"}'"#), "{create}");
        let keyed = Request {
            keyed: true,
            ..request(Method::Put, Some(json!({})))
        };
        let put = curl(&keyed, &running(), Some("t"));
        assert!(
            put.contains("-X PUT") && put.contains("idempotency-key"),
            "{put}"
        );
    }

    #[test]
    fn a_service_without_a_route_is_asked_directly() {
        let direct = Request {
            service: Some("orders".to_owned()),
            ..request(Method::Get, None)
        };
        assert!(curl(&direct, &running(), Some("t")).contains("http://127.0.0.1:4001/api/orders"));
    }

    #[test]
    fn what_has_to_be_unique_is_filled_in_by_the_shell() {
        let body = json!({"email": format!("a-{NOW}@b.example")});
        let create = curl(&request(Method::Post, Some(body)), &running(), None);
        assert!(
            create.contains(r#"-d '{"email":"a-'$(date +%s)'@b.example"}'"#),
            "{create}"
        );
    }

    #[test]
    fn a_token_is_told_where_somebody_reads_it() {
        let bare = "curl -i 'http://127.0.0.1:8080/api/orders'";
        let read = request(Method::Get, None);
        assert_eq!(curl(&read, &running(), None), bare);
        let open = Request { open: true, ..read };
        assert_eq!(curl(&open, &running(), Some("t")), bare);
    }
}
