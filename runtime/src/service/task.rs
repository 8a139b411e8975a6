//! What a service's program is asked to do.

use super::Failure;

/// What a service's program is asked to do by its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Serve until it is stopped: no argument.
    Serve,
    /// Bring the tables up to date and end: `migrate`.
    Migrate,
}

impl Task {
    /// What the arguments of this process ask for.
    ///
    /// # Errors
    /// Arguments that ask for nothing that a service does.
    pub fn asked() -> Result<Self, Failure> {
        Self::of(std::env::args().skip(1))
    }

    fn of(arguments: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let arguments: Vec<String> = arguments.into_iter().collect();
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(Self::Serve),
            ["migrate"] => Ok(Self::Migrate),
            _ => Err(format!(
                "`{}`: the only argument is `migrate`; everything else is set by variables of the environment",
                arguments.join(" ")
            )
            .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[&str]) -> Result<Task, Failure> {
        Task::of(arguments.iter().map(ToString::to_string))
    }

    #[test]
    fn a_program_serves_unless_it_is_asked_to_migrate() {
        assert_eq!(asked(&[]).unwrap(), Task::Serve);
        assert_eq!(asked(&["migrate"]).unwrap(), Task::Migrate);
    }

    #[test]
    fn other_arguments_are_refused_by_name() {
        for arguments in [&["serve"][..], &["migrate", "--dry-run"]] {
            let told = asked(arguments).unwrap_err().to_string();
            assert!(told.contains(&arguments.join(" ")), "{told}");
        }
    }
}
