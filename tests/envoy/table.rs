//! One table of requests and answers for every gateway, embedded or not. Where Envoy answers otherwise, the row says so, and why.

use serde_json::{Value, json};

use super::client::{self, Answer};
use super::tokens;
use super::upstream::Upstream;

/// Which gateway is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Embedded,
    Envoy,
}

/// A request, and what comes of it.
pub(crate) struct Row {
    line: &'static str,
    headers: Vec<(&'static str, String)>,
    body: &'static str,
    status: u16,
    envoy: Option<u16>,
    /// What the service was asked, where it was.
    sees: Option<&'static str>,
    told: Vec<(&'static str, Option<&'static str>)>,
    embedded_alone: Vec<&'static str>,
    seconds: Option<&'static str>,
    hits: Hits,
}

/// How often the service is asked.
enum Hits {
    /// Once where it is said what it sees, else not at all.
    AsSeen,
    Times(usize),
    /// Once where the request is let in.
    UnlessRefused,
}

fn row(line: &'static str, status: u16) -> Row {
    Row {
        line,
        headers: Vec::new(),
        body: "",
        status,
        envoy: None,
        sees: None,
        told: Vec::new(),
        embedded_alone: Vec::new(),
        seconds: None,
        hits: Hits::AsSeen,
    }
}

impl Row {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn token(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// The service fails so often, with a status.
    fn fails(self, times: u32, status: u16) -> Self {
        self.with("x-fails", &times.to_string())
            .with("x-status", &status.to_string())
    }

    fn body(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    /// The service is asked this.
    fn sees(mut self, line: &'static str) -> Self {
        self.sees = Some(line);
        self
    }

    /// The service is asked so often.
    fn hits(mut self, times: usize) -> Self {
        self.hits = Hits::Times(times);
        self
    }

    fn hits_unless_refused(mut self) -> Self {
        self.hits = Hits::UnlessRefused;
        self
    }

    /// The answer has a header that is a number of seconds.
    fn tells_seconds(mut self, header: &'static str) -> Self {
        self.seconds = Some(header);
        self
    }

    fn tells(mut self, header: &'static str, value: &'static str) -> Self {
        self.told.push((header, Some(value)));
        self
    }

    /// The answer has this header, except Envoy's.
    fn tells_but_at_envoy(self, header: &'static str, value: &'static str, _why: &str) -> Self {
        let mut row = self.tells(header, value);
        row.embedded_alone.push(header);
        row
    }

    fn conceals(mut self, header: &'static str) -> Self {
        self.told.push((header, None));
        self
    }

    /// Envoy answers with another status.
    fn but_envoy(mut self, status: u16, _why: &str) -> Self {
        self.envoy = Some(status);
        self
    }

    /// Asks one gateway, and compares.
    pub(crate) fn check(&self, door: Door, port: u16, upstream: &Upstream, place: usize) {
        let case = format!("row {place}");
        let mut headers: Vec<(&str, &str)> = vec![("x-case", &case)];
        headers.extend(
            self.headers
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        let answer = client::ask(port, self.line, &headers, self.body);
        let told = format!("{} {:?}: {answer:?}", self.line, self.headers);
        let wanted = match (door, self.envoy) {
            (Door::Envoy, Some(status)) => status,
            _ => self.status,
        };
        assert_eq!(answer.status, wanted, "{told}");
        if let Some(line) = self.sees {
            assert_eq!(answer.json()["saw"], line, "{told}");
        }
        for (name, value) in &self.told {
            let absent = door == Door::Envoy && self.embedded_alone.contains(name);
            let wanted = value.filter(|_| !absent);
            match wanted {
                // Others may depend on further headers.
                Some(value) if *name == "vary" => {
                    let vary = answer.header(name).unwrap_or_default();
                    assert!(
                        vary.split(',').any(|one| one.trim() == value),
                        "{name} of {told}"
                    );
                }
                _ => assert_eq!(answer.header(name), wanted, "{name} of {told}"),
            }
        }
        if let Some(name) = self.seconds {
            let seconds = answer
                .header(name)
                .and_then(|value| value.parse::<u32>().ok());
            assert!(
                seconds.is_some_and(|seconds| seconds > 0),
                "{name} of {told}"
            );
        }
        let hits = match self.hits {
            Hits::AsSeen => usize::from(self.sees.is_some()),
            Hits::Times(times) => times,
            Hits::UnlessRefused => usize::from(wanted < 400),
        };
        assert_eq!(
            upstream.hits(&case),
            hits,
            "requests at the service: {told}"
        );
        if hits == 0 && wanted >= 400 {
            is_problem(&answer, &told);
        }
    }
}

fn is_problem(answer: &Answer, told: &str) {
    let said = answer.json();
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{told}"
    );
    assert_eq!(said["status"], answer.status, "{told}");
    assert_eq!(said["type"], "about:blank", "{told}");
    let title = said["title"].as_str().unwrap_or_default();
    let known = [
        "Bad Request",
        "Unauthorized",
        "Forbidden",
        "Not Found",
        "Method Not Allowed",
        "Too Many Requests",
        "Service Unavailable",
        "Gateway Timeout",
    ];
    assert!(known.contains(&title), "{told}");
    assert!(said["detail"].is_string(), "{told}");
}

/// Every row.
pub(crate) fn rows() -> Vec<Row> {
    [
        paths(),
        methods(),
        callers(),
        claims(),
        repeats(),
        pages(),
        limits(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn paths() -> Vec<Row> {
    vec![
        row("GET /api/things", 200).sees("GET /things"),
        row("GET /api/things?x=1", 200).sees("GET /things?x=1"),
        row("GET /api/things/7?x=a%20b", 200).sees("GET /things/7?x=a%20b"),
        row("GET /api/things/", 200).sees("GET /things/"),
        row("GET /api/things/7/8/9", 200).sees("GET /things/7/8/9"),
        row("GET /api/thingsX", 404),
        row("GET /api/things-old/7", 404),
        row("GET /api/Things", 404),
        row("GET /API/things", 404),
        row("GET /api", 404),
        row("GET /", 404),
        // A `{name}` is one segment; what has more goes to the shorter route below.
        row("GET /api/things/7/parts", 200).sees("GET /things/7"),
        row("GET /api/things/a%2Fb.c/parts?x=1", 200).sees("GET /things/a%2Fb.c?x=1"),
        row("GET /api/shelves/3/7", 200).sees("GET /things/7/on/3"),
        row("GET /api/shelves/3/7/", 200).sees("GET /things/7/on/3/"),
        row("GET /api/shelves/3/7/parts", 200).sees("GET /things/7/on/3/parts"),
        row("GET /api/any/7", 200).sees("GET /things"),
        row("GET /api/things/7/8/parts", 200).sees("GET /things/7/8/parts"),
        row("POST /api/things/7/parts", 200).sees("POST /things/7/parts"),
        row("GET /api/one/", 404),
        row("GET /api/one/more", 404),
        row("GET /api/bare", 200).sees("GET /"),
        row("GET /api/bare/7", 200).sees("GET /7"),
        row("GET /api/barefoot", 404),
        row("GET /things/7", 200).sees("GET /things/7"),
        // An encoded slash is no slash, and goes on as it came.
        row("GET /api/things/a%2Fb", 200).sees("GET /things/a%2Fb"),
        row("GET /api%2Fthings", 404),
        row("GET /api/things/a.b..c", 200).sees("GET /things/a.b..c"),
        row("GET /api//things", 400),
        row("GET //api/things", 400),
        row("GET /api/things//7", 400),
        row("GET /api/things/../known", 400),
        row("GET /api/things/..", 400),
        row("GET /api/./things", 400),
        row("GET /api/things/%2e%2e/known", 400),
        row("GET /api/things/%2E./known", 400),
        row("GET /api/things/.%2e", 400),
    ]
}

fn methods() -> Vec<Row> {
    vec![
        row("PUT /api/one", 200).sees("PUT /things"),
        row("POST /api/one", 200).sees("POST /things").body("{}"),
        row("DELETE /api/one", 405).tells("allow", "GET, PUT, POST"),
        row("PATCH /api/one", 405).tells("allow", "GET, PUT, POST"),
        row("POST /api/bare/7", 405).tells("allow", "GET"),
        row("OPTIONS /api/bare/7", 405).tells("allow", "GET"),
        row("DELETE /api/things/7", 200).sees("DELETE /things/7"),
        row("DELETE /nowhere", 404),
    ]
}

fn callers() -> Vec<Row> {
    let alice = tokens::signed("HS256", &tokens::claims("alice"), tokens::SECRET.as_bytes());
    let invalid = r#"Bearer error="invalid_token""#;
    let refused = |token: &str| {
        row("GET /api/known/7", 401)
            .token(token)
            .tells("www-authenticate", invalid)
    };
    let other = |algorithm| {
        tokens::signed(
            algorithm,
            &tokens::claims("alice"),
            tokens::SECRET.as_bytes(),
        )
    };
    let forged = tokens::signed(
        "HS256",
        &tokens::claims("alice"),
        b"another secret that is long enough, too",
    );
    vec![
        row("GET /api/known/7", 401).tells("www-authenticate", "Bearer"),
        row("GET /api/known/7", 401)
            .with("authorization", "Basic YTpi")
            .tells("www-authenticate", "Bearer"),
        row("GET /api/known/7?access_token=x", 401).tells("www-authenticate", "Bearer"),
        row("GET /api/known/7", 200)
            .token(&alice)
            .sees("GET /things/7"),
        row("GET /api/known/7", 200)
            .with("authorization", &format!("bearer {alice}"))
            .sees("GET /things/7"),
        row("GET /api/known/7", 200)
            .with("authorization", &format!("BEARER {alice}"))
            .sees("GET /things/7"),
        row("GET /api/known/7", 401)
            .with("authorization", "bearer nonsense")
            .tells("www-authenticate", invalid),
        row("GET /api/known/7", 200)
            .with("authorization", &format!("bEaReR {alice}"))
            .but_envoy(
                401,
                "Envoy knows the spellings `Bearer`, `bearer` and `BEARER` alone",
            )
            .hits_unless_refused(),
        refused("nonsense"),
        refused(&forged),
        refused(&other("none")),
        refused(&other("HS512")),
        refused(&other("RS256")),
        // A token that does not hold is refused where none is needed, too.
        row("GET /api/things/7", 401)
            .token("nonsense")
            .tells("www-authenticate", invalid),
        row("GET /api/things/7", 200)
            .token(&alice)
            .sees("GET /things/7"),
        row("GET /api/scoped/7", 200)
            .token(&alice)
            .sees("GET /things/7"),
        row("GET /api/scoped/7", 401).tells("www-authenticate", "Bearer"),
    ]
}

fn claims() -> Vec<Row> {
    let mut all = Vec::new();
    let mut says = |status, name: &str, value: Value| {
        all.push(row("GET /api/scoped/7", status).token(&tokens::with(name, value)));
    };
    says(401, "exp", json!(1_000_000_000));
    says(401, "exp", Value::Null);
    says(401, "nbf", json!(4_102_444_800_u64));
    says(401, "iss", json!("https://evil.example"));
    says(401, "aud", json!("another"));
    says(401, "sub", Value::Null);
    says(403, "scope", json!("things:reader things"));
    says(403, "scope", Value::Null);
    let listed = tokens::with("scope", json!(["other", "things:read"]));
    all.push(
        row("GET /api/scoped/7", 200)
            .token(&listed)
            .sees("GET /things/7"),
    );
    all
}

fn repeats() -> Vec<Row> {
    let post = |line| row(line, 503).fails(9, 503).body("{}");
    vec![
        row("GET /api/keyed/1", 503).fails(9, 503).hits(3),
        row("GET /api/keyed/1", 200)
            .fails(2, 503)
            .hits(3)
            .sees("GET /things/1"),
        row("GET /api/keyed/1", 502).fails(9, 502).hits(3),
        row("GET /api/keyed/1", 504).fails(9, 504).hits(3),
        row("GET /api/keyed/1", 500).fails(9, 500).hits(1),
        row("GET /api/keyed/1", 429).fails(9, 429).hits(1),
        row("PUT /api/keyed/1", 503).fails(9, 503).hits(3),
        post("POST /api/keyed/1").hits(1),
        post("POST /api/keyed/1")
            .with("idempotency-key", "k")
            .hits(3),
        post("PATCH /api/keyed/1")
            .with("idempotency-key", "k")
            .hits(3),
        row("GET /api/safe/1", 503).fails(9, 503).hits(3),
        row("PUT /api/safe/1", 503).fails(9, 503).hits(1),
        row("PUT /api/safe/1", 503)
            .fails(9, 503)
            .with("idempotency-key", "k")
            .hits(1),
        post("POST /api/safe/1").hits(1),
        post("POST /api/safe/1")
            .with("idempotency-key", "k")
            .hits(1),
        row("GET /api/things/1", 503).fails(9, 503).hits(1),
        // A caller cannot have a route repeat what it does not.
        row("GET /api/things/1", 503)
            .fails(9, 503)
            .with("x-envoy-retry-on", "5xx")
            .with("x-envoy-max-retries", "5")
            .hits(1),
        row("GET /api/slow/1", 504)
            .with("x-sleep-ms", "1500")
            .hits(1),
    ]
}

fn pages() -> Vec<Row> {
    let question = |origin| {
        row("OPTIONS /api/known/7", 204)
            .with("origin", origin)
            .with("access-control-request-method", "GET")
            .but_envoy(200, "Envoy answers such questions with 200")
    };
    vec![
        question("https://shop.example")
            .tells("access-control-allow-origin", "https://shop.example")
            .tells("access-control-allow-methods", "GET, POST")
            .tells("access-control-allow-headers", "content-type")
            .tells("access-control-max-age", "600")
            .tells("vary", "Origin"),
        question("https://evil.example").conceals("access-control-allow-origin"),
        row("GET /nowhere", 404)
            .with("origin", "https://shop.example")
            .tells_but_at_envoy(
                "access-control-allow-origin",
                "https://shop.example",
                "Envoy's filter passes over answers that a route gives by itself",
            ),
        row("GET /api/known/7", 401)
            .with("origin", "https://shop.example")
            .tells("access-control-allow-origin", "https://shop.example"),
        row("GET /api/things/7", 200)
            .with("origin", "https://shop.example")
            .tells("access-control-allow-origin", "https://shop.example")
            .tells(
                "access-control-expose-headers",
                "etag, location, retry-after",
            )
            .sees("GET /things/7"),
        row("GET /api/things/7", 200)
            .with("origin", "https://evil.example")
            .conceals("access-control-allow-origin")
            .sees("GET /things/7"),
    ]
}

/// Two an hour: by address, and by subject where there is one.
fn limits() -> Vec<Row> {
    let of = |subject: &str| {
        tokens::signed("HS256", &tokens::claims(subject), tokens::SECRET.as_bytes())
    };
    let limited = |line| row(line, 200).sees("GET /things/7");
    let counted = |subject: &str| limited("GET /api/counted/7").token(&of(subject));
    vec![
        limited("GET /api/limited/7"),
        limited("GET /api/limited/7").token(&of("alice")),
        row("GET /api/limited/7", 429).tells_seconds("retry-after"),
        row("GET /api/limited/7", 429).token(&of("bob")),
        counted("alice"),
        counted("alice"),
        row("GET /api/counted/7", 429).token(&of("alice")),
        counted("bob"),
        limited("GET /api/counted/7"),
        limited("GET /api/counted/7"),
        row("GET /api/counted/7", 429),
        // Nobody is counted less for what stands where a token might.
        row("GET /api/counted/7", 429).with("authorization", "Basic YTpi"),
        row("GET /api/counted/7", 429)
            .with("authorization", "Basic Bearer x")
            .but_envoy(
                401,
                "Envoy finds a token behind another scheme, and refuses it",
            ),
        counted("bob"),
        row("GET /api/counted/7", 429).token(&of("bob")),
    ]
}
