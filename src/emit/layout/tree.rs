//! What the layout knows of Rust: enough to break a line where rustfmt breaks it. All else is kept as text.

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    /// A literal.
    Literal(String),
    /// A path, generic arguments included, and the number of its segments.
    Path(String, usize),
    /// `callee(arguments)`.
    Call(Box<Expr>, Vec<Expr>),
    /// A macro: its name with `!`, its bracket, its arguments if they are expressions, and its text.
    Macro(Macro),
    /// `root.link.link`.
    Chain(Box<Expr>, usize, Vec<Link>),
    /// `Path { field: value, ..rest }`.
    Struct(String, Vec<Field>, Option<Option<Box<Expr>>>),
    /// `[a, b]`.
    Array(Vec<Expr>),
    /// `[value; count]`.
    Repeat(Box<Expr>, Box<Expr>),
    /// `(a, b)`.
    Tuple(Vec<Expr>),
    /// `(a)`.
    Paren(Box<Expr>),
    /// `move |a, b| body`; whether the type of the result is told.
    Closure(String, bool, Box<Expr>),
    /// `async move { ... }`, with the words before it.
    Block(String, Vec<Entry>),
    /// `if`, `while`, `for`, `loop`: head, condition, body, and what follows `else`.
    Control(String, Option<Box<Expr>>, Vec<Entry>, Option<Box<Expr>>),
    /// `match subject { arms }`.
    Match(Box<Expr>, Vec<Entry>),
    /// `&mut value`.
    Unary(String, Box<Expr>),
    /// `left + right`.
    Binary(Box<Expr>, String, Box<Expr>),
    /// `value as Type`.
    Cast(Box<Expr>, String),
    /// `place = value`.
    Assign(Box<Expr>, String, Box<Expr>),
    /// `return value`.
    Jump(String, Option<Box<Expr>>),
    /// `let Pattern = value`, as a condition.
    Let(String, Box<Expr>),
    /// `base[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `from..to`.
    Range(Option<Box<Expr>>, String, Option<Box<Expr>>),
}

/// A macro's call.
#[derive(Clone, Debug)]
pub(super) struct Macro {
    pub(super) name: String,
    pub(super) bracket: char,
    pub(super) arguments: Option<Vec<Expr>>,
    /// Whether a comma ends them: not every macro takes one.
    pub(super) comma: bool,
    pub(super) text: String,
}

/// A step of a chain, and how many `?` follow it.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) kind: LinkKind,
    pub(super) tries: usize,
}

/// What a step of a chain is.
#[derive(Clone, Debug)]
pub(super) enum LinkKind {
    /// `.field` or `.await`.
    Field(String),
    /// `.method::<T>(arguments)`.
    Method(String, Vec<Expr>),
}

/// A field of a struct literal; without a value it is its name.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Option<Expr>,
}

/// A line, or several, of a block or a file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Whether a blank line stands before it.
    pub(super) blank: bool,
    /// Whether it follows on the line before it: a comment at its end.
    pub(super) trailing: bool,
    /// As it stands, for where no layout fits.
    pub(super) raw: String,
    pub(super) kind: EntryKind,
}

/// What an entry is.
#[derive(Clone, Debug)]
pub(super) enum EntryKind {
    /// A comment, or what the layout does not understand, as it stands.
    Text(String),
    /// `#[name(arguments)]`: what stands before the arguments, and the arguments.
    Attribute(String, Option<Vec<String>>),
    /// An expression, and whether a semicolon ends it.
    Expr(Expr, bool),
    /// `let pattern: Type = value else { ... };`, also `const` and `static`.
    Let(Let),
    /// `pattern if guard => body,`.
    Arm(String, Option<Expr>, Expr),
    /// `use path::{a, b};`: what stands before the braces, and what stands within.
    Use(String, Option<Vec<String>>),
    /// `mod name;`
    Module(String),
    /// A function.
    Function(Signature, Option<Vec<Entry>>),
    /// `impl`, `mod`, `struct`, `enum`: the head, the bounds, and the entries within braces.
    Braced(String, Vec<String>, Vec<Entry>),
    /// `name: Type,` of a struct, or a variant of an enum.
    Member(String, Option<String>),
}

/// A binding.
#[derive(Clone, Debug)]
pub(super) struct Let {
    /// `let pattern`.
    pub(super) head: String,
    pub(super) ty: Option<String>,
    pub(super) value: Option<Expr>,
    pub(super) otherwise: Option<Vec<Entry>>,
}

/// A function's head.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    /// All before the parameters.
    pub(super) head: String,
    pub(super) parameters: Vec<String>,
    /// `-> Type`, or nothing.
    pub(super) output: String,
    pub(super) bounds: Vec<String>,
}
