//! Renames in the architecture: what stands at the old path moves along.

use super::Planner;
use crate::emit::tree::{Kind, Move, is_under};
use crate::write::changes::Action;
use crate::write::error::WriteError;
use crate::write::folder::Found;

impl Planner<'_, '_> {
    /// What the architecture renamed moves along, with all that the user put there.
    pub(super) fn carry(&mut self, moved: &Move) -> Result<(), WriteError> {
        if !self.options.covers(&moved.to) {
            return Ok(());
        }
        let old: Vec<String> = self
            .known
            .keys()
            .filter(|path| is_under(path, &moved.from))
            .cloned()
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        let there = |path: &str| Ok(self.folder.look(path)? != Found::Nothing);
        match (there(&moved.from)?, there(&moved.to)?) {
            (true, true) => {
                return Err(WriteError::BothExist {
                    from: moved.from.clone(),
                    to: moved.to.clone(),
                });
            }
            (true, false) => {
                self.folder.pretend(moved.clone());
                self.push(
                    &moved.to,
                    Kind::Generated,
                    Action::Move {
                        from: moved.from.clone(),
                    },
                );
                self.prune_above(&moved.from);
                self.work.moves.push(moved.clone());
            }
            (false, _) => {}
        }
        self.moved_away.push(moved.from.clone());
        for path in old {
            let Some(known) = self.known.remove(&path) else {
                continue;
            };
            let path = format!("{}{}", moved.to, &path[moved.from.len()..]);
            self.known.entry(path.clone()).or_default().absorb(known);
            self.carried.insert(path);
        }
        Ok(())
    }
}
