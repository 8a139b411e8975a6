//! What a run costs: the least time and the least peak of memory among several, in turns with what it is compared to.

use std::time::{Duration, Instant};

use mimalloc::MiMalloc;
use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait as _};

/// The allocator of the command, for the floor too.
#[global_allocator]
static MEMORY: PeakMemAlloc<MiMalloc> = PeakMemAlloc::new(MiMalloc);

/// What a run costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Time on the clock.
    pub(super) time: Duration,
    /// Peak of memory, in bytes.
    pub(super) memory: usize,
}

impl Cost {
    const MOST: Self = Self {
        time: Duration::MAX,
        memory: usize::MAX,
    };

    fn of(run: impl FnOnce()) -> Self {
        MEMORY.reset_peak_memory();
        let start = Instant::now();
        run();
        Self {
            time: start.elapsed(),
            memory: MEMORY.get_peak_memory(),
        }
    }

    fn least(self, other: Self) -> Self {
        Self {
            time: self.time.min(other.time),
            memory: self.memory.min(other.memory),
        }
    }
}

/// The least that the floor and that we cost. They take turns, so that what else the machine does hits both; what `before` does
/// before each turn is not counted.
pub(super) fn interleaved(
    rounds: usize,
    mut before: impl FnMut(),
    mut floor: impl FnMut(),
    mut ours: impl FnMut(),
) -> [Cost; 2] {
    let mut least = [Cost::MOST; 2];
    for _ in 0..rounds {
        before();
        least[0] = least[0].least(Cost::of(&mut floor));
        least[1] = least[1].least(Cost::of(&mut ours));
    }
    least
}
