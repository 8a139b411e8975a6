//! What is at hand where a value is written: the request, the event, earlier outputs, bound records.

use crate::model::Model;
use crate::model::effect::{Path, PathStep, Root};
use crate::model::name::Name;
use crate::model::types::{Definition, Fields, Type};
use crate::syntax::source::Span;

/// Something that values may be read from.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// The word that names it after the `$`.
    word: String,
    root: Root,
    content: Content,
    /// Whether its fields may be named without the word.
    open: bool,
    /// Further names of the field `id`: `order_id` for a record of `orders`.
    id_aliases: Vec<String>,
}

#[derive(Debug, Clone)]
enum Content {
    Record(Vec<PathStep>),
    Scalar(Type),
    /// Fields that could not be read: there may be any.
    Unknown,
}

impl Frame {
    /// A record named by a word.
    pub(super) fn record(word: impl Into<String>, root: Root, fields: Vec<PathStep>) -> Self {
        Self {
            word: word.into(),
            root,
            content: Content::Record(fields),
            open: false,
            id_aliases: Vec::new(),
        }
    }

    /// A single value named by a word.
    pub(super) fn scalar(word: impl Into<String>, root: Root, ty: Type) -> Self {
        Self {
            word: word.into(),
            root,
            content: Content::Scalar(ty),
            open: false,
            id_aliases: Vec::new(),
        }
    }

    /// Fields that could not be read, named by a word.
    pub(super) fn unknown(word: impl Into<String>, root: Root) -> Self {
        Self {
            word: word.into(),
            root,
            content: Content::Unknown,
            open: false,
            id_aliases: Vec::new(),
        }
    }

    /// Fields named by a word.
    pub(super) fn fields(word: impl Into<String>, root: Root, fields: &Fields) -> Self {
        if fields.unknown {
            return Self::unknown(word, root);
        }
        Self::record(word, root, fields.steps())
    }

    /// Lets the fields be named without the word.
    pub(super) fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Lets `id` be found as `<entity>_id` when fields are matched by name.
    pub(super) fn with_id_alias(mut self, alias: String) -> Self {
        self.id_aliases.push(alias);
        self
    }

    fn field(&self, name: &str) -> Option<&PathStep> {
        match &self.content {
            Content::Record(fields) => fields.iter().find(|step| step.field.snake() == name),
            Content::Scalar(_) | Content::Unknown => None,
        }
    }

    /// A way into fields that could not be read.
    fn unknown_path(&self, words: &[&str], span: Span) -> Path {
        Path {
            root: self.root.clone(),
            steps: words.iter().map(|word| unknown_step(word, span)).collect(),
            ty: Type::Unknown,
            required: true,
            span,
        }
    }

    fn is_open_to_anything(&self) -> bool {
        self.open && matches!(self.content, Content::Unknown)
    }
}

fn unknown_step(word: &str, span: Span) -> PathStep {
    PathStep {
        field: Name::new(word, span),
        ty: Type::Unknown,
        required: true,
    }
}

/// All that is at hand, the nearest last.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    frames: Vec<Frame>,
}

impl Scope {
    /// Adds something that hides what has the same word.
    pub(super) fn with(mut self, frame: Frame) -> Self {
        self.push(frame);
        self
    }

    /// Adds something that hides what has the same word.
    pub(super) fn push(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    /// Whether this is at hand where an operation is called.
    pub(super) fn of_call(&self) -> bool {
        self.frames
            .iter()
            .any(|frame| frame.root == Root::PathParameter)
    }

    /// Follows the words of a reference. The error says how far they led, and what would have been there.
    pub(super) fn resolve(
        &self,
        model: &Model,
        words: &[&str],
        span: Span,
    ) -> Result<Path, Missing> {
        let first = Name::snake_of(words[0]);
        if first == "steps" && words.len() > 1 {
            return self.resolve(model, &words[1..], span);
        }
        let named = self.frames.iter().rev().find(|frame| frame.word == first);
        // An output may be called as its step: alone, the name means the output.
        let output = |frame: &&Frame| {
            let own = matches!(frame.root, Root::Output { .. }) && words.len() == 1;
            !(own && frame.field(&first).is_some())
        };
        if let Some(frame) = named.filter(output) {
            return start(frame, model, &words[1..], span);
        }
        let holder = self
            .frames
            .iter()
            .rev()
            .filter(|frame| frame.open)
            .find_map(|frame| Some((frame, frame.field(&first)?)));
        let Some((frame, step)) = holder else {
            let mut frames = self.frames.iter().rev();
            if let Some(frame) = frames.find(|frame| frame.is_open_to_anything()) {
                return Ok(frame.unknown_path(words, span));
            }
            return Err(Missing {
                word: words[0].to_owned(),
                candidates: self.candidates(),
            });
        };
        walk(
            model,
            Path {
                root: frame.root.clone(),
                steps: vec![step.clone()],
                ty: step.ty.clone(),
                required: step.required,
                span,
            },
            &words[1..],
        )
    }

    /// The nearest value of a name, for fields that are filled by name.
    pub(super) fn by_name(&self, name: &Name) -> Option<Path> {
        self.all_by_name(name).next()
    }

    /// Every value of a name, the nearest first.
    pub(super) fn all_by_name<'s>(&'s self, name: &'s Name) -> impl Iterator<Item = Path> + 's {
        self.frames.iter().rev().filter_map(|frame| {
            let aliased = || frame.id_aliases.iter().any(|alias| alias == name.snake());
            let step = frame
                .field(name.snake())
                .or_else(|| aliased().then(|| frame.field("id")).flatten());
            let (steps, ty, required) = match (step, &frame.content) {
                (Some(step), _) => (vec![step.clone()], step.ty.clone(), step.required),
                (None, Content::Scalar(ty)) if frame.word == name.snake() => {
                    (Vec::new(), ty.clone(), true)
                }
                (None, Content::Unknown) if frame.open => {
                    return Some(frame.unknown_path(&[name.as_str()], name.span()));
                }
                _ => return None,
            };
            Some(Path {
                root: frame.root.clone(),
                steps,
                ty,
                required,
                span: name.span(),
            })
        })
    }

    fn candidates(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .frames
            .iter()
            .map(|frame| format!("${}", frame.word))
            .collect();
        for frame in self.frames.iter().filter(|frame| frame.open) {
            if let Content::Record(fields) = &frame.content {
                names.extend(fields.iter().map(|step| format!("${}", step.field)));
            }
        }
        names.sort();
        names.dedup();
        names
    }
}

/// A word of a reference that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// The word.
    pub(super) word: String,
    /// What would have been found.
    pub(super) candidates: Vec<String>,
}

fn start(frame: &Frame, model: &Model, rest: &[&str], span: Span) -> Result<Path, Missing> {
    match (&frame.content, rest) {
        (Content::Scalar(ty), _) => walk(
            model,
            Path {
                root: frame.root.clone(),
                steps: Vec::new(),
                ty: ty.clone(),
                required: true,
                span,
            },
            rest,
        ),
        (Content::Unknown, rest) => Ok(frame.unknown_path(rest, span)),
        (Content::Record(_), []) => Ok(Path {
            root: frame.root.clone(),
            steps: Vec::new(),
            ty: Type::Json,
            required: true,
            span,
        }),
        (Content::Record(fields), [word, rest @ ..]) => {
            let Some(step) = frame.field(&Name::snake_of(word)) else {
                return Err(missing(
                    word,
                    fields.iter().map(|step| step.field.to_string()),
                ));
            };
            let path = Path {
                root: frame.root.clone(),
                steps: vec![step.clone()],
                ty: step.ty.clone(),
                required: step.required,
                span,
            };
            walk(model, path, rest)
        }
    }
}

fn walk(model: &Model, mut path: Path, rest: &[&str]) -> Result<Path, Missing> {
    for word in rest {
        if *model.resolved(&path.ty) == Type::Unknown {
            path.steps.push(unknown_step(word, path.span));
            continue;
        }
        let fields = model.fields_of(&path.ty);
        let wanted = Name::snake_of(word);
        let Some(step) = fields.iter().find(|step| step.field.snake() == wanted) else {
            return Err(missing(
                word,
                fields.iter().map(|step| step.field.to_string()),
            ));
        };
        path.ty = step.ty.clone();
        path.required &= step.required;
        path.steps.push(step.clone());
    }
    Ok(path)
}

fn missing(word: &str, candidates: impl Iterator<Item = String>) -> Missing {
    Missing {
        word: word.to_owned(),
        candidates: candidates.collect(),
    }
}

impl Model {
    /// The fields below a value of a type; none where it is no record.
    pub fn fields_of(&self, ty: &Type) -> Vec<PathStep> {
        let Type::Named(id) = ty else {
            return Vec::new();
        };
        match &self.types[*id].definition {
            Definition::Record(record) => record.steps(),
            Definition::Alias(alias) => self.fields_of(alias),
        }
    }
}
