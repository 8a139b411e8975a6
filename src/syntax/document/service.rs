//! Services, teams, operations, calls, aggregates, and what is not ours.

use indexmap::IndexMap;

use super::texts::{Quantity, WebAddress, Words};
use super::{
    Bulkhead, CircuitBreaker, Effect, Emission, Entity, FieldsDecl, NameOr, Retry, Store, Values,
};
use crate::syntax::decode::{
    Bounded, Checked, Cx, Duration, Int, Named, OneOrMany, Ratio, choice, record, report_repeated,
};
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::source::Spanned;
use crate::syntax::yaml::{Entry, Map, Node, Scalar, Style, Value};

record! {
    /// A team.
    pub struct Team {
        /// How many people. Six to ten do well.
        size: Option<Spanned<Bounded<1, 10_000>>>,
        /// What it does.
        description: Option<String>,
        /// How to reach it.
        contact: Option<String>,
    }
}

record! {
    /// A system that is not ours.
    #[parts(true)]
    pub struct External {
        /// What it does.
        description: Option<String>,
        /// Where it is reached: an address; each `${VARIABLE}` in it is read from the environment.
        url: Option<Spanned<Checked<WebAddress>>>,
        /// Its availability: `99.9%` or `0.999`.
        availability: Option<Ratio>,
        /// Operations that we use.
        endpoints: Named<Endpoint>,
    }
}

record! {
    /// A service: a boundary with data, operations and an owner.
    #[check(distinct)]
    #[parts(true)]
    pub struct Service {
        /// What it is for.
        description: Option<String>,
        /// Business domain.
        domain: Option<Spanned<Checked<Words>>>,
        /// Part of the domain.
        subdomain: Option<Spanned<Checked<Words>>>,
        /// Bounded context.
        bounded_context: Option<Spanned<Checked<Words>>>,
        /// What it can do for the business; one is best.
        business_capabilities: OneOrMany<Spanned<Checked<Words>>>,
        /// The team that owns it.
        #[also("team")]
        team_ownership: Option<Spanned<String>>,
        /// Data that it alone owns: names, or name → fields.
        data_ownership: Named<Entity>,
        /// Where its data lies. May stand under `data_management` instead.
        store: Option<Store>,
        /// Its public operations. An item may be the text `GET /customers/{id}`.
        endpoints: Named<Endpoint>,
        /// Synchronous calls that it makes.
        calls: Vec<Call>,
        /// Its event-sourced aggregates.
        aggregates: IndexMap<Spanned<String>, Aggregate>,
        /// The port that it listens on where it is deployed.
        port: Option<Spanned<Bounded<1, 65_535>>>,
        /// Whether the gateway leaves it alone.
        internal: Option<bool>,
        /// How many copies run where it is deployed.
        replicas: Option<Bounded<1, 10_000>>,
        /// Its own availability: `99.9%` or `0.999`.
        availability: Option<Ratio>,
        /// Lines of code, as counted elsewhere.
        loc: Option<Spanned<Int>>,
        /// Whether events of the service that runs today leave through an outbox; generated services always use one. Default true.
        outbox: Option<Spanned<bool>>,
        /// CPU and memory asked for.
        resources: Option<Resources>,
        /// Services that it waits for when it starts.
        depends_on: OneOrMany<Spanned<String>>,
        /// Libraries with domain types that it shares with others.
        libraries: OneOrMany<Spanned<String>>,
        /// What it is released together with.
        release_unit: Option<Spanned<String>>,
        /// Tables of others that it touches directly.
        access: Vec<Access>,
        /// What it was called before; its crates move along, with all that was written into them, and so do its migrations. Data of local runs does not.
        renamed_from: Option<Spanned<String>>,
    }
}

fn distinct(service: &Service, cx: &mut Cx) {
    service
        .data_ownership
        .report_duplicates("entities of one service", cx);
    service
        .endpoints
        .report_duplicates("endpoints of one service", cx);
    let all = service
        .calls
        .iter()
        .filter(|call| call.operations.is_empty());
    report_repeated(all.map(|call| &call.to), "calls of all operations", cx);
}

record! {
    /// CPU and memory, as Kubernetes writes them.
    pub struct Resources {
        /// `500m`.
        cpu: Option<Checked<Quantity>>,
        /// `512Mi`.
        memory: Option<Checked<Quantity>>,
    }
}

choice! {
    /// What is done to a table.
    pub enum AccessMode {
        /// Reading.
        Read = "read",
        /// Writing.
        Write = "write",
    }
}

record! {
    /// Direct access to a table of another service.
    pub struct Access {
        /// The table's owner.
        service: Option<Spanned<String>>,
        /// The database.
        database: Option<Spanned<String>>,
        /// The table.
        table: Spanned<String>,
        /// Reading or writing. Default read.
        mode: Option<AccessMode>,
    }
}

choice! {
    /// An HTTP method.
    pub enum MethodWord {
        /// Reads.
        Get = "GET",
        /// Reads the headers.
        Head = "HEAD",
        /// Creates, or runs a command.
        Post = "POST",
        /// Replaces.
        Put = "PUT",
        /// Changes in part.
        Patch = "PATCH",
        /// Removes.
        Delete = "DELETE",
    }
}

choice! {
    /// What an operation does with the data behind it.
    pub enum ActionWord {
        /// Adds a record.
        Create = "create",
        /// Reads one record.
        Read = "read",
        /// Reads a page of records.
        List = "list",
        /// Changes one record.
        Update = "update",
        /// Removes one record.
        Delete = "delete",
        /// Runs effects, an aggregate's command, or the owner's code.
        Command = "command",
    }
}

choice! {
    /// Whether an operation changes anything.
    pub enum EffectWord {
        /// Changes nothing.
        Read = "read",
        /// Changes something.
        Write = "write",
    }
}

choice! {
    /// Whether an operation honours an `Idempotency-Key`.
    pub enum IdempotencyWord {
        /// A request without one is refused.
        Required = "required",
        /// It is honoured when sent.
        Optional = "optional",
        /// It is ignored.
        None = "none",
    }
}

record! {
    /// A public operation: `GET /customers/{id}` alone, or its method and path and more.
    #[bare(endpoint_name)]
    #[short(method_and_path)]
    pub struct Endpoint {
        /// What it is for.
        description: Option<String>,
        /// GET, POST, PUT, PATCH, DELETE or HEAD.
        method: Option<Spanned<MethodWord>>,
        /// Its path: `/customers/{id}`. Its parameters are identifiers (UUID).
        path: Option<Spanned<String>>,
        /// The owned data behind it. Default: the data named by the path's first segment.
        entity: Option<Spanned<String>>,
        /// What it does with that data. Default: by method and path.
        action: Option<Spanned<ActionWord>>,
        /// The aggregate command that it runs.
        command: Option<Spanned<String>>,
        /// The aggregate. Default: the one that has the command.
        aggregate: Option<Spanned<String>>,
        /// What is sent: fields or a type. Default: the fields of the record that is created or changed, the input of the aggregate command
        /// that is run, or else nothing.
        request: Option<FieldsDecl>,
        /// What comes back: fields, a type or owned data. Default: the record.
        response: Option<FieldsDecl>,
        /// Where fields of the answer come from that is no record. Default: what is at hand under their names; what is not is left to
        /// the handler's code.
        values: Values,
        /// What it does to owned data beside its action.
        effects: Vec<Effect>,
        /// Events that it publishes.
        emits: OneOrMany<NameOr<Emission>>,
        /// The scope that the caller's token needs.
        scope: Option<Spanned<String>>,
        /// Whether no token is needed.
        public: Option<bool>,
        /// Whether it changes anything. Default: by method.
        effect: Option<Spanned<EffectWord>>,
        /// How long it may take.
        timeout: Option<Spanned<Duration>>,
        /// Whether a repeated request is recognised. Default: optional for POST.
        idempotency_key: Option<IdempotencyWord>,
        /// Fields by which a list can be filtered. Default: enums, uuids and unique fields, but for `limit` and `cursor`.
        filters: Option<Vec<Spanned<String>>>,
        /// The cache that answers first.
        cache: Option<Spanned<String>>,
    }
}

/// The two words of `GET /customers/{id}`.
fn split_endpoint(text: &str) -> Option<(&str, &str)> {
    let (method, path) = text.trim().split_once(char::is_whitespace)?;
    let path = path.trim_start();
    (path.starts_with('/') && MethodWord::from_word(method).is_some()).then_some((method, path))
}

/// `GET /customers/{id}` is `get_customers_by_id`, and `GET /` is `get_root`.
fn endpoint_name(text: &str) -> Option<String> {
    let (method, path) = split_endpoint(text)?;
    let mut name = method.to_ascii_lowercase();
    if path == "/" {
        name.push_str("_root");
    }
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        name.push('_');
        match segment
            .strip_prefix('{')
            .and_then(|segment| segment.strip_suffix('}'))
        {
            Some(parameter) => {
                name.push_str("by_");
                name.push_str(parameter);
            }
            None => name.push_str(segment),
        }
    }
    Some(name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
}

/// The map that `GET /customers/{id}` is short for.
fn method_and_path(node: Node, cx: &mut Cx) -> Option<Node> {
    let text = node.as_str().unwrap_or_default();
    let Some((method, path)) = split_endpoint(text) else {
        let finding = Finding::error(
            fault::INVALID_VALUE,
            node.span,
            "an endpoint needs a method and a path",
        )
        .help("write it as `GET /customers/{id}`, or as a map with `method:` and `path:`");
        cx.push(finding);
        return None;
    };
    let entry = |key: &str, text: &str| {
        let scalar = Scalar {
            text: text.into(),
            style: Style::Plain,
        };
        Entry {
            key: Spanned::new(key.into(), node.span),
            value: Node {
                span: node.span,
                value: Value::Scalar(scalar),
            },
        }
    };
    let entries = vec![entry("method", method), entry("path", path)];
    Some(Node {
        span: node.span,
        value: Value::Map(Map { entries }),
    })
}

choice! {
    /// Whether the caller can do without.
    pub enum Dependency {
        /// It cannot.
        Hard = "hard",
        /// It can.
        Soft = "soft",
    }
}

record! {
    /// A synchronous call to a service or an external system.
    #[check(one_count)]
    pub struct Call {
        /// Who is called.
        to: Spanned<String>,
        /// Operations used. Default: all.
        #[also("ops")]
        operations: OneOrMany<Spanned<String>>,
        /// How long one try may take.
        timeout: Option<Spanned<Duration>>,
        /// A retry policy, by name or in place.
        retry: Option<NameOr<Retry>>,
        /// Tries after the first; short for a retry policy with one more in all.
        retries: Option<Spanned<Bounded<0, 99>>>,
        /// A circuit breaker, by name or in place.
        circuit_breaker: Option<NameOr<CircuitBreaker>>,
        /// A bulkhead, by name or in place.
        bulkhead: Option<NameOr<Bulkhead>>,
        /// Whether the caller can do without. Default hard.
        dependency: Option<Dependency>,
        /// What stands in when it fails, in words.
        fallback: Option<String>,
        /// Whether requests carry an `Idempotency-Key`, so that unsafe methods may be tried again.
        idempotency_key: Option<bool>,
        /// Calls of one group run side by side.
        parallel: Option<String>,
    }
}

/// `retries` stands for the count of the policy that a call names; beside a count of the call's own it contradicts it.
fn one_count(call: &Call, cx: &mut Cx) {
    let Some(NameOr::Here(policy)) = &call.retry else {
        return;
    };
    if let (Some(retries), Some(_)) = (&call.retries, &policy.max_attempts) {
        let message = "`retries` and `max_attempts` both say how often this call is tried";
        let finding = Finding::error(fault::DUPLICATE_KEY, retries.span, message)
            .here("tries after the first")
            .label(policy.span, "tries in all")
            .help("keep one of them");
        cx.push(finding);
    }
}

record! {
    /// An event-sourced aggregate: its events are the truth, a record shows its state.
    pub struct Aggregate {
        /// The owned data that shows its state.
        entity: Spanned<String>,
        /// The field of that data that holds the state. Default: `status`, where there is one.
        status: Option<Spanned<String>>,
        /// Events between two snapshots.
        snapshot_every: Option<Bounded<1, 1_000_000>>,
        /// The events that it applies, in order of life.
        #[also("applies")]
        events: Named<AggregateEvent>,
        /// Its commands.
        commands: Named<AggregateCommand>,
    }
}

record! {
    /// What an event means for an aggregate.
    pub struct AggregateEvent {
        /// Fields of the data that it sets: field → literal or `$event.x`. Fields of equal name are set by themselves.
        set: Values,
        /// The state that it leads to.
        status: Option<Spanned<String>>,
        /// Its payload, where it is not declared under `events`.
        schema: Option<FieldsDecl>,
        /// Whether others learn of it. Default: where it is declared under `events`.
        publish: Option<bool>,
    }
}

record! {
    /// A command of an aggregate: a transition.
    pub struct AggregateCommand {
        /// What it needs.
        input: Option<FieldsDecl>,
        /// States in which it is allowed; without them it begins the aggregate's life.
        from: OneOrMany<Spanned<String>>,
        /// Events that it raises.
        raises: OneOrMany<Spanned<String>>,
        /// Event field → literal, `$input.x` or `$state.x`. Fields of equal name are found by themselves.
        values: Values,
    }
}
