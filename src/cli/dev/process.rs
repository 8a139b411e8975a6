//! Child processes that end when we end, and the wish to stop.
//!
//! A child leads a process group of its own, so that its own children can be ended with it, and so that Ctrl-C reaches us
//! alone: we decide how it stops. The system's program also watches its standard input, which ends with us even when
//! we are killed.

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::error::DevError;

/// How often a child is looked at.
const PACE: Duration = Duration::from_millis(50);

/// The wish to stop: Ctrl-C, or a signal to end.
#[derive(Debug)]
pub(super) struct Stop(Receiver<()>);

impl Stop {
    /// Hears signals from now on.
    pub(super) fn install() -> Result<Self, DevError> {
        let (sender, receiver) = mpsc::channel();
        // Nobody hears any more once the command is over.
        ctrlc::set_handler(move || {
            let _ = sender.send(());
        })?;
        Ok(Self(receiver))
    }

    /// Waits for the wish, but not longer than this; true if it came.
    pub(super) fn wait(&self, time: Duration) -> bool {
        match self.0.recv_timeout(time) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(time);
                false
            }
        }
    }
}

/// How waiting for a child ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The child ended by itself.
    Itself(ExitStatus),
    /// We are to stop; the child still runs.
    Stopped,
}

/// A child process; it is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
}

impl Process {
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        Ok(Self {
            child: command.spawn()?,
        })
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(super) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits until it ends or we are to stop.
    pub(super) fn wait(&mut self, stop: &Stop) -> io::Result<Ended> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(Ended::Itself(status));
            }
            if stop.wait(PACE) {
                return Ok(Ended::Stopped);
            }
        }
    }

    /// Asks it to stop, and ends it when it has not done so after a while or when somebody asks again.
    pub(super) fn stop(mut self, stop: &Stop, grace: Duration) -> Result<(), DevError> {
        drop(self.child.stdin.take());
        self.signal(End::Ask);
        let begun = Instant::now();
        while begun.elapsed() < grace {
            match self.child.try_wait() {
                Ok(None) => {}
                // One that cannot be waited for is ended by the drop.
                Ok(Some(_)) | Err(_) => return Ok(()),
            }
            if stop.wait(PACE) {
                break;
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn signal(&self, end: End) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = match end {
            End::Ask => Signal::TERM,
            End::Force => Signal::KILL,
        };
        // A group that is gone already is what we want.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
    }

    #[cfg(not(unix))]
    fn signal(&mut self, end: End) {
        if matches!(end, End::Force) {
            let _ = self.child.kill();
        }
    }
}

/// How strongly a child is told to end.
#[derive(Debug, Clone, Copy)]
enum End {
    Ask,
    Force,
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal(End::Force);
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::process::Stdio;

    use super::*;

    fn shell(script: &str) -> Process {
        Process::start(
            Command::new("sh")
                .args(["-c", script])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped()),
        )
        .unwrap()
    }

    fn silent() -> (mpsc::Sender<()>, Stop) {
        let (sender, receiver) = mpsc::channel();
        (sender, Stop(receiver))
    }

    /// The process id that a child has printed.
    fn printed(process: &mut Process) -> i32 {
        use std::io::{BufRead, BufReader};
        let mut line = String::new();
        BufReader::new(process.child().stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        line.trim().parse().unwrap()
    }

    fn lives(pid: i32) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        status.is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[test]
    fn a_child_that_stops_when_asked_is_waited_for() {
        let (_sender, stop) = silent();
        let begun = Instant::now();
        shell("trap 'exit 0' TERM; while :; do sleep 0.1; done")
            .stop(&stop, Duration::from_secs(20))
            .unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_child_that_does_not_stop_is_ended_after_the_grace_with_its_own_children() {
        let (_sender, stop) = silent();
        let mut process = shell("trap '' TERM; sleep 60 & echo $!; wait; sleep 60");
        let grandchild = printed(&mut process);
        process.stop(&stop, Duration::from_millis(300)).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        assert!(!lives(grandchild));
    }

    #[test]
    fn a_second_wish_to_stop_ends_the_grace() {
        let (sender, stop) = silent();
        sender.send(()).unwrap();
        let begun = Instant::now();
        shell("trap '' TERM; sleep 60")
            .stop(&stop, Duration::from_secs(30))
            .unwrap();
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_child_dies_when_its_owner_forgets_it() {
        let mut process = shell("echo $$; sleep 60");
        let child = printed(&mut process);
        assert!(lives(child));
        drop(process);
        assert!(!lives(child));
    }

    #[test]
    fn a_wish_to_stop_is_told_from_an_end() {
        let (sender, stop) = silent();
        let mut short = shell("exit 3");
        assert!(
            matches!(short.wait(&stop).unwrap(), Ended::Itself(status) if status.code() == Some(3))
        );
        let mut long = shell("sleep 60");
        sender.send(()).unwrap();
        assert!(matches!(long.wait(&stop).unwrap(), Ended::Stopped));
    }
}
