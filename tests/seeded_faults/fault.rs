//! What a fault is.

/// A fault: what is replaced in a file of the generated workspace, and by what.
pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

pub(super) const fn fault(
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Fault {
    Fault {
        name,
        file,
        from,
        to,
    }
}
