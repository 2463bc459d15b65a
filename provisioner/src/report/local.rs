//! What `local` says.

use std::path::Path;

use local::daemon::Record;
use serde_json::json;

use super::Printer;

impl Printer {
    pub(crate) fn local(&self, emulator: Option<&str>, door: Option<&Record>, answers: bool) {
        if self.json {
            let door = door.map(|record| json!({"port": record.port, "pid": record.pid, "answers": answers}));
            return self.document("local", &json!({"emulator": emulator, "door": door}));
        }
        let mark = |good: bool| if good { self.out.green("✓") } else { self.out.dim("·") };
        self.data(&format!("{} emulator  {}", mark(emulator.is_some()), emulator.unwrap_or("not running")));
        let door = door.map_or_else(|| "closed".to_owned(), |record| format!("https on 127.0.0.1:{}", record.port));
        self.data(&format!("{} door      {door}", mark(answers)));
    }

    pub(crate) fn stopped(&self, door: bool, emulator: bool) {
        if self.json {
            return self.document("local", &json!({"door_stopped": door, "emulator_stopped": emulator}));
        }
        let words = |stopped| if stopped { "stopped" } else { "was not running" };
        self.data(&format!("door {}, emulator {}", words(door), words(emulator)));
    }

    pub(crate) fn log(&self, path: &Path, lines: &[&str]) {
        if self.json {
            return self.document("log", &json!({"path": path.display().to_string(), "lines": lines}));
        }
        self.data(&self.out.bold(&path.display().to_string()));
        lines.iter().for_each(|line| self.data(&format!("  {line}")));
    }

    /// Lines for a shell to evaluate, and as comments the calls to try.
    pub(crate) fn environment(&self, region: &str, endpoint: &str, door: &Record, authority: &Path, hosts: &[String]) {
        let authority = authority.display();
        let connect = |host: &str| format!("{host}:443:127.0.0.1:{}", door.port);
        if self.json {
            let connect: Vec<String> = hosts.iter().map(|host| connect(host)).collect();
            let body =
                json!({"endpoint": endpoint, "region": region, "ca": authority.to_string(), "connect_to": connect});
            return self.document("environment", &body);
        }
        self.data(&format!("export AWS_ENDPOINT_URL={endpoint}"));
        self.data(&format!(
            "export AWS_REGION={region} AWS_ACCESS_KEY_ID=provisioner AWS_SECRET_ACCESS_KEY=provisioner"
        ));
        for host in hosts {
            self.data(&format!("# curl --cacert {authority} --connect-to {} https://{host}/…", connect(host)));
        }
    }
}
