//! DOT, the language of Graphviz.

use crate::plan::diagram::{Diagram, Edge, Flow, Line, Node, Sequence, Shape};

/// The text of a picture, ending in a newline. A sequence becomes its messages, numbered, between its participants.
#[must_use]
pub fn print(diagram: &Diagram) -> String {
    match diagram {
        Diagram::Flow(flow) => of_flow(flow),
        Diagram::Sequence(sequence) => of_flow(&flattened(sequence)),
    }
}

fn of_flow(flow: &Flow) -> String {
    let direction = if flow.sideways { "LR" } else { "TB" };
    let mut text = format!(
        "digraph {} {{\n    rankdir={direction};\n    node [fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\", fontsize=10];\n",
        quoted(&flow.title)
    );
    for group in &flow.groups {
        text.push_str(&format!(
            "    subgraph {} {{\n        label={};\n",
            quoted(&format!("cluster_{}", group.id)),
            quoted(&group.label)
        ));
        group
            .nodes
            .iter()
            .for_each(|node| text.push_str(&format!("        {}\n", of_node(node))));
        text.push_str("    }\n");
    }
    flow.nodes
        .iter()
        .for_each(|node| text.push_str(&format!("    {}\n", of_node(node))));
    flow.edges
        .iter()
        .for_each(|edge| text.push_str(&format!("    {}\n", of_edge(edge))));
    text.push_str("}\n");
    text
}

fn of_node(node: &Node) -> String {
    let shape = match node.shape {
        Shape::Service => "box",
        Shape::External => "parallelogram",
        Shape::Store => "cylinder",
        Shape::Event => "ellipse",
        Shape::Gateway => "hexagon",
    };
    format!(
        "{} [label={}, shape={shape}];",
        quoted(&node.id),
        quoted(&node.label.join("\n"))
    )
}

fn of_edge(edge: &Edge) -> String {
    let style = if edge.dashed { ", style=dashed" } else { "" };
    format!(
        "{} -> {} [label={}{style}];",
        quoted(&edge.from),
        quoted(&edge.to),
        quoted(&edge.label)
    )
}

/// A string: quotes and backslashes escaped, lines kept, other control characters as blanks.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.trim().chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn flattened(sequence: &Sequence) -> Flow {
    let nodes = sequence.participants.iter().map(|(id, name)| Node {
        id: id.clone(),
        label: vec![name.clone()],
        shape: Shape::Service,
    });
    let mut edges = Vec::new();
    gather(&sequence.lines, "", &mut edges);
    Flow {
        title: sequence.title.clone(),
        sideways: true,
        groups: Vec::new(),
        nodes: nodes.collect(),
        edges,
    }
}

fn gather(lines: &[Line], case: &str, edges: &mut Vec<Edge>) {
    for line in lines {
        match line {
            Line::Message {
                from,
                to,
                text,
                answer: false,
            } => {
                let number = edges.len() + 1;
                let dashed = !case.is_empty();
                edges.push(Edge {
                    from: from.clone(),
                    to: to.clone(),
                    label: format!("{number}. {text}"),
                    dashed,
                });
            }
            Line::Message { .. } | Line::Note { .. } => {}
            Line::Cases(cases) => cases
                .iter()
                .for_each(|(case, inner)| gather(inner, case, edges)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_where_it_ends() {
        assert_eq!(quoted("a \"b\" \\ c\nd\u{7}"), r#""a \"b\" \\ c\nd ""#);
    }
}
