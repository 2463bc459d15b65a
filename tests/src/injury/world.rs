//! One emulator, one folder, one proxy between: a world in which one thing after the other goes wrong.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::process::Command;

use super::{Call, Found, Injury, Mode, Proxy, Scenario, Trial, Trouble};
use crate::{Account, Folder, Platform, inventory, normal};

/// No run takes so long, whatever is done to it; one that does is killed and counts as failed.
const LIMIT: Duration = Duration::from_secs(240);
/// How often the program may be run after it was hurt.
const RUNS: usize = 3;
const TARGETS: [&str; 3] = ["consumer", "food", "beverage"];
/// The hub's networks, before and after a move.
const NETWORKS: [&str; 2] = ["\"10.0.", "\"10.200."];
const HUB: &str = "consumer-account/account.toml";

/// Whoever hangs is given up soon, and whoever was killed is soon taken over from.
const LEASE: &str =
    "\n[environments.local.lease]\nduration_seconds = 12\ncall_timeout_seconds = 5\nsettle_seconds = 1\n";

/// Lines of an inventory, with how many there are of each.
type Inventory = BTreeMap<String, usize>;

/// What stands in the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Nothing,
    /// What `up` makes.
    Clean,
    /// What `down` leaves.
    Down,
    /// A trial ended badly.
    Unknown,
}

/// How a run of the program ended.
struct Ended {
    /// None if it was killed.
    code: Option<i32>,
    said: String,
}

pub struct World {
    platform: Platform,
    accounts: [(&'static str, String); 3],
    proxy: Proxy,
    standing: Standing,
    clean: Inventory,
    down: Inventory,
    calls: BTreeMap<Scenario, Vec<Call>>,
}

impl World {
    /// With the repository's hub and services; runs the program unhurt through every scenario, to know what is clean.
    ///
    /// # Panics
    /// If that fails.
    pub async fn new(name: &str) -> Self {
        let folder = Folder::own(name).with_tiny_code();
        folder.write("platform.toml", &(folder.read("platform.toml") + LEASE));
        let platform = Platform::new(folder);
        let accounts = TARGETS.map(|target| (target, platform.account_id(target)));
        let proxy = Proxy::start(&platform.endpoint()).await;
        platform.stand_in(proxy.port());
        let (clean, down, calls) = Default::default();
        let mut world = Self { platform, accounts, proxy, standing: Standing::Nothing, clean, down, calls };
        world.learn().await;
        world
    }

    /// The calls of an unhurt run, in the order in which they came.
    #[must_use]
    pub fn calls(&self, scenario: Scenario) -> &[Call] {
        &self.calls[&scenario]
    }

    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    async fn learn(&mut self) {
        for scenario in [Scenario::Up, Scenario::Down, Scenario::Again, Scenario::Move] {
            self.set_out(scenario);
            let ended = self.run(command(scenario), Trouble::None).await;
            assert_eq!(ended.code, Some(0), "unhurt `{}`:\n{}", scenario.name(), ended.said);
            self.calls.insert(scenario, self.proxy.calls());
            match scenario {
                Scenario::Up => self.clean = self.look().await,
                Scenario::Down => self.down = self.look().await,
                Scenario::Again | Scenario::Move => {
                    let mut found = Found::default();
                    found.compare(&self.clean, &self.look().await);
                    assert!(found.converged(), "unhurt `{}`: {found:#?}", scenario.name());
                }
            }
            self.standing = if scenario == Scenario::Down { Standing::Down } else { Standing::Clean };
        }
    }

    pub(crate) async fn attempt(&mut self, trial: &Trial) -> Found {
        let began = Instant::now();
        let mut found = Found::default();
        let done = match trial {
            Trial::Injury(injury) => self.suffer(injury, &mut found).await,
            Trial::Random { failures, resets, seed } => {
                let trouble = |seed| Trouble::Random { failures: *failures, resets: *resets, seed };
                self.live([trouble(*seed), trouble(seed + 1000)], &mut found).await
            }
            Trial::Late(requests) => self.live([Trouble::Late(*requests), Trouble::None], &mut found).await,
        };
        found.wrong.extend(done.err());
        found.seconds = began.elapsed().as_secs_f64();
        if !found.converged() {
            self.standing = Standing::Unknown;
        }
        found
    }

    /// Hurts the program once, and sees to what that left.
    async fn suffer(&mut self, injury: &Injury, found: &mut Found) -> Result<(), String> {
        self.prepare(injury.scenario).await?;
        let end = if injury.scenario == Scenario::Down { Standing::Down } else { Standing::Clean };
        self.set_out(injury.scenario);
        self.standing = Standing::Unknown;
        let trouble = Trouble::At(injury.call.clone(), injury.mode);
        let mut ended = self.run(command(injury.scenario), trouble).await;
        found.met = self.proxy.has_met();
        (found.runs, found.at_once) = (1, ended.code == Some(0));
        // After a kill on the way down, one goes up again or on down, by turns.
        let goes_up = injury.call.nth.is_multiple_of(2) == (injury.mode == Mode::KillBefore);
        if injury.scenario == Scenario::Down && ended.code.is_none() && goes_up {
            self.run(command(Scenario::Up), Trouble::None).await.must_end_well("up after down")?;
            found.compare(&self.clean, &self.look().await);
        }
        while ended.code != Some(0) && found.runs < RUNS {
            found.runs += 1;
            ended = self.run(command(injury.scenario), Trouble::None).await;
        }
        ended.must_end_well(injury.scenario.name())?;
        self.check(end, found).await
    }

    /// `up` and `down` from nothing to nothing with something wrong all the time; each must end well at once.
    async fn live(&mut self, troubles: [Trouble; 2], found: &mut Found) -> Result<(), String> {
        self.prepare(Scenario::Up).await?;
        self.standing = Standing::Unknown;
        found.met = true;
        for (trouble, scenario) in troubles.into_iter().zip([Scenario::Up, Scenario::Down]) {
            found.runs += 1;
            self.run(command(scenario), trouble).await.must_end_well(scenario.name())?;
            let end = if scenario == Scenario::Down { Standing::Down } else { Standing::Clean };
            self.check(end, found).await?;
        }
        found.at_once = true;
        Ok(())
    }

    /// Compares with what a clean run leaves; after `up` the plan must be empty, too.
    async fn check(&mut self, end: Standing, found: &mut Found) -> Result<(), String> {
        let clean = if end == Standing::Down { &self.down } else { &self.clean };
        found.compare(clean, &self.look().await);
        if end == Standing::Clean {
            self.run("plan --prune", Trouble::None).await.must_end_well("plan --prune")?;
        }
        self.standing = end;
        Ok(())
    }

    /// Makes what the scenario begins with.
    async fn prepare(&mut self, scenario: Scenario) -> Result<(), String> {
        let stands = self.standing;
        let wanted = match scenario {
            Scenario::Up => Standing::Nothing,
            Scenario::Down | Scenario::Move => Standing::Clean,
            Scenario::Again => Standing::Down,
        };
        if stands == wanted {
            return Ok(());
        }
        if wanted == Standing::Nothing || stands == Standing::Unknown {
            self.reset().await;
        }
        if wanted != Standing::Nothing && self.standing != Standing::Clean {
            self.run(command(Scenario::Up), Trouble::None).await.must_end_well("up to begin with")?;
        }
        if wanted == Standing::Down {
            self.run(command(Scenario::Down), Trouble::None).await.must_end_well("down to begin with")?;
        }
        self.standing = wanted;
        Ok(())
    }

    /// The emulator forgets everything.
    async fn reset(&mut self) {
        let url = format!("{}/moto-api/reset", self.platform.endpoint());
        let done = Command::new("curl").args(["-sf", "-X", "POST", &url]).stdout(Stdio::null()).status().await;
        assert!(done.expect("curl runs").success(), "the emulator is reset");
        self.standing = Standing::Nothing;
    }

    /// Writes what the scenario wants: for a move, other networks than before.
    fn set_out(&self, scenario: Scenario) {
        if scenario == Scenario::Move {
            let text = self.platform.read(HUB);
            let [from, to] = if text.contains(NETWORKS[0]) { NETWORKS } else { [NETWORKS[1], NETWORKS[0]] };
            self.platform.write(HUB, &text.replace(from, to));
        }
    }

    /// Runs the program with something wrong, until it ends or is killed.
    async fn run(&self, arguments: &str, trouble: Trouble) -> Ended {
        self.proxy.arm(trouble);
        let said = self.platform.path().join("said.txt");
        let output = File::create(&said).expect("a file");
        let mut command = Command::from(self.platform.command(arguments));
        command.stdout(output.try_clone().expect("the same file")).stderr(output).kill_on_drop(true);
        let mut program = command.spawn().expect("the program starts");
        let ended = tokio::select! {
            ended = program.wait() => ended.ok().and_then(|status| status.code()),
            () = self.proxy.struck() => None,
            () = tokio::time::sleep(LIMIT) => None,
        };
        if ended.is_none() {
            program.kill().await.expect("it is ours to kill");
        }
        self.proxy.quiet().await;
        Ended { code: ended, said: fs::read_to_string(said).expect("what it said") }
    }

    /// Everything in all accounts, told without ids.
    async fn look(&self) -> Inventory {
        let mut found = Inventory::new();
        for (target, id) in &self.accounts {
            let account = Account::enter(&self.platform.endpoint(), id).await;
            for line in inventory(&account).await {
                *found.entry(format!("{target}: {}", normal(&line))).or_default() += 1;
            }
        }
        found
    }
}

impl Ended {
    fn must_end_well(&self, what: &str) -> Result<(), String> {
        match self.code {
            Some(0) => Ok(()),
            code => Err(format!("`{what}` ended with {code:?}:\n{}", tail(&self.said))),
        }
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

fn command(scenario: Scenario) -> &'static str {
    if scenario == Scenario::Down { "down --all --yes" } else { "up --all --yes" }
}
