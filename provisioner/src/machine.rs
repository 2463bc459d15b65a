//! This machine and this process, as another run on the same machine knows them again.

use std::fs;

use engine::lease::Process;

/// The machine's name.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// This process; none where the system does not tell (it does on Linux).
pub(crate) fn process() -> Option<Process> {
    let pid = std::process::id();
    Some(Process { boot: boot()?, pid, started: started(pid)? })
}

/// Whether a process of this machine does not exist any more. What cannot be told from here may well exist.
pub(crate) fn is_gone(process: &Process) -> bool {
    boot().is_some_and(|boot| boot == process.boot) && started(process.pid) != Some(process.started)
}

/// The machine's start, and which processes are seen from here: containers share the first and not the second.
fn boot() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.display()))
}

/// When a living process started, in ticks since boot. See proc_pid_stat(5): the name, in parentheses, may hold anything.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    // Fields 3 (state) and 22 (starttime). A zombie sends nothing any more.
    let is_alive = !matches!(fields.next()?, "Z" | "X");
    fields.nth(18)?.parse().ok().filter(|_| is_alive)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_gone_once_it_ended_and_not_before() {
        let own = process().expect("Linux tells");
        assert!(!is_gone(&own));
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a process");
        let other = Process { pid: child.id(), started: started(child.id()).expect("it lives"), ..own.clone() };
        assert!(!is_gone(&other));
        child.kill().expect("it ends");
        child.wait().expect("it ended");
        assert!(is_gone(&other));
        assert!(!is_gone(&Process { boot: "another machine".to_owned(), ..other }));
        assert!(is_gone(&Process { started: own.started + 1, ..own }), "the number came again");
    }
}
