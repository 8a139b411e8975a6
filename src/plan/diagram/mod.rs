//! Pictures of an architecture, as what they show: boxes in groups with arrows between them, or a sequence of messages. How Mermaid and
//! Graphviz write them down is decided where text is made.

mod calls;
mod context;
mod data;
mod events;
mod nodes;
mod saga;

pub use calls::calls;
pub use context::context;
pub use data::data;
pub use events::events;
pub use saga::saga;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagram {
    /// Boxes and arrows.
    Flow(Flow),
    /// Messages in the order of time.
    Sequence(Sequence),
}

/// Boxes in groups, and arrows between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flow {
    /// What it shows.
    pub title: String,
    /// Whether it reads from left to right, or from top to bottom.
    pub sideways: bool,
    /// Frames around boxes.
    pub groups: Vec<Group>,
    /// Boxes outside of groups.
    pub nodes: Vec<Node>,
    /// Arrows.
    pub edges: Vec<Edge>,
}

/// A frame with a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Unique in the picture.
    pub id: String,
    /// Its heading.
    pub label: String,
    /// What it holds.
    pub nodes: Vec<Node>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Unique in the picture.
    pub id: String,
    /// Its lines.
    pub label: Vec<String>,
    /// Its outline.
    pub shape: Shape,
}

/// The outline of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A service.
    Service,
    /// What is not ours.
    External,
    /// Data.
    Store,
    /// An event.
    Event,
    /// The way in.
    Gateway,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The box where it begins.
    pub from: String,
    /// The box where it ends.
    pub to: String,
    /// What stands on it.
    pub label: String,
    /// Whether sender and receiver do not wait for each other.
    pub dashed: bool,
}

/// Messages in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequence {
    /// What it shows.
    pub title: String,
    /// Who takes part: id and label.
    pub participants: Vec<(String, String)>,
    /// What happens.
    pub lines: Vec<Line>,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A message.
    Message {
        /// Who sends.
        from: String,
        /// Who receives.
        to: String,
        /// What.
        text: String,
        /// Whether it answers.
        answer: bool,
    },
    /// A remark above a participant.
    Note {
        /// Whom it is about.
        over: String,
        /// What it says.
        text: String,
    },
    /// What happens in one case, and what in others.
    Cases(Vec<(String, Vec<Self>)>),
}

/// A duration as the file writes it.
#[must_use]
pub fn spelt(duration: std::time::Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0 => "0s".to_owned(),
        _ if ms.is_multiple_of(86_400_000) => format!("{}d", ms / 86_400_000),
        _ if ms.is_multiple_of(3_600_000) => format!("{}h", ms / 3_600_000),
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1000) => format!("{}s", ms / 1000),
        _ => format!("{ms}ms"),
    }
}
