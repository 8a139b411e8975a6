//! Valid architectures that nobody wrote: every seed gives one, always the same.
//!
//! They are drawn so that no rule of level error can fire: calls lead to earlier services only and wait less the deeper they are, every
//! consumer's data mirrors the event that feeds it, every saga binds its inputs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A small generator (splitmix64, Steele, Lea and Flood 2014): the same numbers on every machine.
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below a usize")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const WORDS: [&str; 40] = [
    "amber", "basalt", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "indigo", "jasper",
    "krill", "lagoon", "maple", "nectar", "opal", "prairie", "quartz", "raven", "saffron",
    "tundra", "umber", "velvet", "willow", "xenon", "yarrow", "zephyr", "anchor", "beacon",
    "cobalt", "drift", "echo", "flint", "glacier", "hollow", "iris", "juniper", "kelp", "lantern",
    "meadow", "nimbus",
];

/// Field names with a twist: camel case, keywords of Rust, digits, long ones.
const FIELDS: [&str; 16] = [
    "label",
    "amount",
    "dueDate",
    "type",
    "match",
    "weight2",
    "isOpen",
    "note",
    "ref",
    "happenedAt",
    "async",
    "payload",
    "aRatherLongFieldNameThatGoesOnAndOn",
    "count",
    "externalId",
    "score",
];

const TYPES: [&str; 9] = [
    "uuid", "string", "integer", "number", "decimal", "boolean", "date", "ISO8601", "json",
];

struct Field {
    name: &'static str,
    ty: String,
}

struct Drawing {
    random: Random,
    taken: BTreeSet<String>,
    text: String,
}

struct Service {
    name: String,
    entity: String,
    fields: Vec<Field>,
    event: String,
    /// Whether its data has numbers that a saga may move.
    counted: bool,
}

/// The architecture of a seed.
pub(crate) fn architecture(seed: u64) -> String {
    let mut drawing = Drawing {
        random: Random::new(seed),
        taken: BTreeSet::new(),
        text: String::new(),
    };
    drawing.draw();
    drawing.text
}

impl Drawing {
    fn draw(&mut self) {
        let system = self.name(2);
        let count = 2 + self.random.below(3);
        let services: Vec<Service> = (0..count).map(|_| self.service()).collect();
        let enum_name = self.pascal(1);
        let record = self.pascal(2);
        self.line(&format!(
            "msarch: 1\nname: {system}\nteams:\n  core_team: {{size: {}}}",
            6 + self.random.0 % 5
        ));
        self.line(&format!(
            "types:\n  {enum_name}: small | large | extra-large"
        ));
        self.line(&format!("  {record}:\n    size: {enum_name}\n    price: {{type: decimal, min: 0}}\n    tags: string[]\n    comment: string?"));
        self.line("services:");
        for index in 0..services.len() {
            self.write_service(&services, index, &enum_name, &record);
        }
        self.line("events:");
        for index in 0..services.len() {
            self.write_event(&services, index);
        }
        if services[1..].iter().any(|service| service.counted) {
            self.write_saga(&services);
        }
        self.line("gateway:\n  routes:");
        for service in &services {
            self.line(&format!(
                "    - {{path: \"/api/{0}/*\", method: [GET, POST, PUT, DELETE], service: {1}, rewrite: /{0}, timeout: 20s}}",
                service.entity, service.name
            ));
        }
        self.line("  middleware: [tracing, metrics, logging, rate_limiting, authentication]");
        self.line("  authentication: {type: JWT, algorithms: [EdDSA], jwks: \"https://id.example/jwks.json\", issuer: \"https://id.example\", audience: all}");
        self.line("  rate_limit: {window: 1m, max_requests: 100000, strategy: sliding_window}");
        self.line("  monitoring: {metrics: true}");
    }

    fn service(&mut self) -> Service {
        let words = if self.random.chance(20) { 5 } else { 2 };
        let name = self.name(words);
        let entity = self.entity();
        let mut fields: Vec<Field> = Vec::new();
        for _ in 0..1 + self.random.below(6) {
            let name = *self.random.pick(&FIELDS);
            if fields.iter().all(|field| field.name != name) {
                let optional = if self.random.chance(30) { "?" } else { "" };
                fields.push(Field {
                    name,
                    ty: format!("{}{optional}", self.random.pick(&TYPES)),
                });
            }
        }
        let event = self.pascal(3);
        Service {
            name,
            entity: entity.replace("ss", "s"),
            fields,
            event,
            counted: self.random.chance(70),
        }
    }

    fn write_service(&mut self, services: &[Service], index: usize, enum_name: &str, record: &str) {
        let name = &services[index].name;
        self.line(&format!(
            "  {name}:\n    domain: Drawn\n    bounded_context: Context{index}\n    business_capabilities: capability_{index}\n    team_ownership: core_team"
        ));
        self.write_data(services, index, enum_name, record);
        self.write_endpoints(&services[index]);
        for number in 0..self.random.below(4) {
            self.write_answer(&services[index].entity, number, enum_name, record);
        }
        if index > 0 && self.random.chance(70) {
            let callee = &services[self.random.below(index)].name;
            let timeout = 100 << (2 * index);
            self.line(&format!(
                "    calls:\n      - {{to: {callee}, operations: [get_it], timeout: {timeout}ms, retries: 0, circuit_breaker: {{failure_threshold: 3, recovery_timeout: 5s, monitor_window: 10s, success_threshold: 2}}}}"
            ));
        }
    }

    fn write_data(&mut self, services: &[Service], index: usize, enum_name: &str, record: &str) {
        let Service {
            entity,
            fields,
            counted,
            ..
        } = &services[index];
        self.line(&format!(
            "    data_ownership:\n      {entity}:\n        fields:"
        ));
        for field in fields {
            self.line(&format!("          {}: \"{}\"", field.name, field.ty));
        }
        self.line(&format!(
            "          size_of_it: {{type: {enum_name}, default: small}}"
        ));
        self.line(&format!("          parts: \"{record}[]?\""));
        self.line("          mood: {type: calm | wild, default: calm}");
        if *counted {
            self.line("          free: {type: integer, default: 10, min: 0}\n          held: {type: integer, default: 0, min: 0}");
            self.line(&format!("      holds_{index}:\n        fields:\n          subject_id: uuid\n          state: held | released"));
        }
        for other in services
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index && Self::listens(index, *other))
        {
            self.line(&format!("      seen_{}_{index}:\n        fields:\n          about: uuid\n          seen_at: ISO8601", other.0));
        }
        if self.random.chance(40) {
            self.line(&format!("      loose_{index}: {{}}"));
        }
    }

    fn write_endpoints(&mut self, service: &Service) {
        let Service {
            entity,
            event,
            counted,
            ..
        } = service;
        self.line("    endpoints:");
        let emits = format!("{{event: {event}, values: {{aboutId: $record.id}}}}");
        self.line(&format!(
            "      create_it: {{method: POST, path: /{entity}, emits: {emits}}}"
        ));
        self.line(&format!(
            "      list_them: {{method: GET, path: /{entity}}}"
        ));
        self.line(&format!(
            "      get_it: {{method: GET, path: \"/{entity}/{{id}}\"}}"
        ));
        if self.random.chance(70) {
            self.line(&format!(
                "      change_it: {{method: PUT, path: \"/{entity}/{{id}}\"}}"
            ));
        }
        if self.random.chance(70) {
            self.line(&format!(
                "      drop_it: {{method: DELETE, path: \"/{entity}/{{id}}\"}}"
            ));
        }
        if *counted {
            self.line(&format!(
                "      take_some:\n        method: POST\n        path: /{entity}/{{id}}/takings\n        request: {{quantity: {{type: integer, min: 1}}}}\n        effects:\n          - {{adjust: {entity}, where: {{id: $path.id}}, by: {{free: -$request.quantity, held: $request.quantity}}, floor: {{free: 0}}}}"
            ));
        }
    }

    /// An operation whose answer is no record: made by its handler, or of what is at hand.
    fn write_answer(&mut self, entity: &str, number: usize, enum_name: &str, record: &str) {
        let ty = self.ty(enum_name, record);
        // Two cannot answer one method and path.
        let operation = match self.random.below(if number == 0 { 6 } else { 5 }) {
            0 => {
                let fields = self.fields(enum_name, record);
                format!(
                    "{{method: GET, path: \"/{entity}/{{id}}/answer-{number}\", response: {fields}}}"
                )
            }
            1 => format!("{{method: GET, path: /answers-{number}, response: \"{ty}\"}}"),
            2 => {
                let fields = [
                    self.fields(enum_name, record),
                    self.fields(enum_name, record),
                ];
                format!(
                    "{{method: POST, path: /answers-{number}, request: {}, response: {}}}",
                    fields[0], fields[1]
                )
            }
            3 => format!(
                "{{method: POST, path: /answers-{number}, request: {{given: \"{ty}\"}}, response: {{taken: \"{ty}\", at: ISO8601}}, values: {{taken: $request.given}}}}"
            ),
            4 => format!(
                "{{method: GET, path: \"/{entity}/{{id}}/answer-{number}\", action: read, entity: {entity}, response: {{is: uuid, feels: calm | wild}}, values: {{is: $record.id, feels: $record.mood}}}}"
            ),
            _ => {
                let fields = self.fields(enum_name, record);
                format!("{{method: PATCH, path: \"/{entity}/{{id}}\", response: {fields}}}")
            }
        };
        self.line(&format!("      answer_{number}: {operation}"));
    }

    /// Fields of their own: `{dueDate: date?, type: "string[]"}`.
    fn fields(&mut self, enum_name: &str, record: &str) -> String {
        let mut fields: Vec<(&str, String)> = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let name = *self.random.pick(&FIELDS);
            if fields.iter().all(|(taken, _)| *taken != name) {
                fields.push((name, self.ty(enum_name, record)));
            }
        }
        let spelt = fields.iter().map(|(name, ty)| format!("{name}: \"{ty}\""));
        format!("{{{}}}", spelt.collect::<Vec<_>>().join(", "))
    }

    fn ty(&mut self, enum_name: &str, record: &str) -> String {
        let ty = match self.random.below(4) {
            0 => enum_name,
            1 => record,
            _ => *self.random.pick(&TYPES),
        };
        let many = if self.random.chance(25) { "[]" } else { "" };
        format!("{ty}{many}")
    }

    /// Who receives whose event: the next one, and the one after it.
    fn listens(consumer: usize, producer: usize) -> bool {
        (consumer + 3 - producer % 3) % 3 == 1
    }

    fn write_event(&mut self, services: &[Service], index: usize) {
        let producer = &services[index];
        self.line(&format!(
            "  {}:\n    schema:\n      aboutId: uuid\n      mood: calm | wild\n      timestamp: ISO8601\n    producers: [{}]",
            producer.event, producer.name
        ));
        let consumers: Vec<usize> = (0..services.len())
            .filter(|other| *other != index && Self::listens(*other, index))
            .collect();
        if consumers.is_empty() {
            self.line("    public: true");
            return;
        }
        self.line("    consumers:");
        for consumer in consumers {
            self.line(&format!(
                "      - service: {}\n        effects:\n          - {{create: seen_{index}_{consumer}, values: {{about: $event.aboutId, seen_at: $event.timestamp}}}}",
                services[consumer].name
            ));
        }
    }

    fn write_saga(&mut self, services: &[Service]) {
        let name = self.pascal(2);
        self.line(&format!(
            "sagas:\n  {name}Saga:\n    coordinator: {}\n    trigger: {}\n    timeout: 2m\n    steps:",
            services[0].name, services[0].event
        ));
        for (index, service) in services
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, service)| service.counted)
        {
            self.line(&format!(
                "      - service: {}\n        action: hold_at_{index}\n        input: {{subject: $trigger.aboutId}}\n        output: {{hold_{index}_id: $hold.id}}\n        effects:\n          - {{create: holds_{index}, as: hold, values: {{subject_id: $subject, state: held}}}}\n        compensation: release_at_{index}",
                service.name
            ));
        }
        let last = services
            .iter()
            .rposition(|service| service.counted)
            .unwrap_or(0);
        self.line(&format!(
            "      - {{service: {}, action: settle, kind: pivot, input: {{subject: $trigger.aboutId, hold: $hold_{last}_id}}}}",
            services[last].name
        ));
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}");
    }

    fn word(&mut self) -> &'static str {
        self.random.pick::<&str>(&WORDS)
    }

    /// A name of some words that is not taken yet, at most 40 characters long.
    fn name(&mut self, words: usize) -> String {
        loop {
            let mut name = self.word().to_owned();
            for _ in 1..words {
                let longer = format!("{name}-{}", self.word());
                if longer.len() <= 34 {
                    name = longer;
                }
            }
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    /// The name of data, which is no service's name.
    fn entity(&mut self) -> String {
        loop {
            let (first, last) = (self.word(), self.word());
            if self.taken.insert(format!("{first}-{last}")) {
                return format!("{first}_{last}s");
            }
        }
    }

    fn pascal(&mut self, words: usize) -> String {
        let name = self.name(words);
        name.split('-')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect()
    }
}

/// The seed of a run that draws its own: `MSARCH_SEED`, or another one each time.
pub(crate) fn seed() -> u64 {
    let given = std::env::var("MSARCH_SEED").ok();
    given.and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |time| u64::from(time.subsec_nanos()))
    })
}
