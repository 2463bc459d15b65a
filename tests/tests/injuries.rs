//! Whatever goes wrong, and at whichever call: a sample. All of it: `cargo injure`, and `docs/reliability.md`.

use std::{
    io::{self, BufReader, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tests::{
    Folder, Platform,
    injury::{Campaign, Mode, Results, Scenario, campaign},
    inventory,
    relay::{Port, Request},
};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_hurt_is_whole_after_the_next_run() {
    let all = Scenario::ALL.to_vec();
    try_all(&Campaign { every: 80, every_move: 60, random: 1, late: vec![5], streams: 2, ..only("", all) }, 10).await;
}

/// The next run does not know the old subnets' associations any more: they go with the subnets, and let the route table go.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_whose_replacement_was_interrupted_goes_all_the_same() {
    let cut = only("ec2:DisassociateRouteTable", vec![Scenario::Move]);
    try_all(&Campaign { modes: vec![Mode::KillBefore], every_move: 3, ..cut }, 1).await;
}

fn only(calls: &str, scenarios: Vec<Scenario>) -> Campaign {
    let modes = Mode::ALL[..4].to_vec();
    let only = calls.to_owned();
    Campaign { scenarios, modes, only, every: 1, every_move: 1, random: 0, late: Vec::new(), streams: 1 }
}

async fn try_all(wanted: &Campaign, at_least: usize) {
    let results = Results::new();
    campaign(wanted, &results, |_| ()).await;
    let all = results.all();
    let failed: Vec<_> = all.iter().filter(|(_, found)| !found.converged()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let met = all.values().filter(|found| found.met).count();
    assert!(met >= at_least, "{met} of {} calls came", all.len());
}

/// Whoever could not remove it died with its lease, and left nothing else.
#[tokio::test]
async fn a_table_of_leases_that_stayed_goes_with_the_next_down() {
    let platform = Platform::new(Folder::small("staying", &["food"]));
    let _ = platform.run("up --yes").exits(0);
    let (emulator, stays) = (platform.endpoint(), Arc::new(AtomicBool::new(true)));
    let emulator = emulator.trim_start_matches("http://").to_owned();
    let passing = stays.clone();
    let denying = Port::serve(move |mut client: TcpStream| -> io::Result<()> {
        let request = Request::read(&mut BufReader::new(client.try_clone()?))?;
        let removes = request.head.to_lowercase().contains("deletetable");
        let leases = String::from_utf8_lossy(&request.body).contains("-leases");
        match removes && leases && passing.swap(false, Ordering::SeqCst) {
            true => client.write_all(DENIED),
            false => request.pass_on(&emulator, &mut client),
        }
    });
    platform.stand_in(denying.number());
    let _ = platform.run("down --all --yes").exits(1);
    let hub = platform.account("consumer").await;
    let table = "table demo-local-consumer-leases".to_owned();
    assert!(!stays.load(Ordering::SeqCst) && inventory(&hub).await.contains(&table));
    let _ = platform.run("down --all --yes").exits(0);
    assert!(!inventory(&hub).await.contains(&table));
}

const DENIED: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 34\r\n\r\n\
                        {\"__type\":\"AccessDeniedException\"}";

/// Nothing waits before the accounts are entered but the SDK itself.
#[test]
fn an_account_is_entered_even_if_the_way_in_is_shut_at_first() {
    let platform = Platform::new(Folder::small("entering", &["food"]));
    let (emulator, asked) = (platform.endpoint(), Arc::new(AtomicUsize::new(0)));
    let emulator = emulator.trim_start_matches("http://").to_owned();
    let shut = Port::serve(move |mut client: TcpStream| -> io::Result<()> {
        let request = Request::read(&mut BufReader::new(client.try_clone()?))?;
        let enters = String::from_utf8_lossy(&request.body).contains("Action=AssumeRole");
        match enters.then(|| asked.fetch_add(1, Ordering::SeqCst)) {
            Some(0) => Ok(()),
            Some(1) => client.write_all(b"HTTP/1.1 503 Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
            _ => request.pass_on(&emulator, &mut client),
        }
    });
    platform.stand_in(shut.number());
    let _ = platform.run("plan").exits(2);
}
