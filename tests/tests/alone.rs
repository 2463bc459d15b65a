//! A service's owner who may not enter the hub's account: everything of the service that is in its own account, and a list of
//! what waits for the hub's owner.

use std::{
    io::{self, BufReader, Write},
    net::TcpStream,
};

use tests::{
    Call, Folder, Platform, Run, inventory,
    relay::{Port, Request},
};

const WAITS: [&str; 2] = ["food/listener-rule/host", "food/record-set/host"];

#[tokio::test]
async fn a_service_goes_up_and_down_without_the_hubs_role() {
    let platform = Platform::new(Folder::small("alone", &["beverage", "food"]));
    let _ = platform.run("up --yes").exits(0);
    let secret = platform.output("consumer/secret/endpoint", "arn");
    let _ = platform.run("down food --yes").exits(0);
    let service = "microservice-accounts/food/service.toml";
    platform.write(service, &format!("hub_secret_arn = \"{secret}\"\n{}", platform.read(service)));
    let food = platform.account("food").await;
    let nothing = inventory(&food).await;

    let gate = gate(&platform, &platform.account_id("consumer"));
    let endpoint = format!("http://127.0.0.1:{}", gate.number());
    let alone = |arguments: &str| {
        let mut command = platform.command(arguments);
        Run::of(arguments, command.env("AWS_ENDPOINT_URL", &endpoint).output().expect("the program runs"))
    };
    let _ = alone("plan food").exits(2).says(WAITS[0]).says(WAITS[1]);
    let _ = alone("up food --yes").exits(3).says(WAITS[0]).says(WAITS[1]);
    let _ = alone("plan food").exits(3).says(WAITS[0]);
    // The hub's table lets it in to its own items.
    let told = alone("history food").exits(0).out;
    assert!(told.contains("up food  ok") && told.contains("up  ok"), "{told}");
    let _ = alone("status food").exits(3).says(WAITS[0]);
    let _ = alone("up food --prune --yes").exits(3);
    let refused = alone("up --yes").exits(1);
    assert!(refused.err.contains("consumer"), "who wants everything needs every role\n{}", refused.err);

    let _ = alone("down food --yes").exits(0);
    let left: Vec<String> = inventory(&food).await;
    assert_eq!(left.len(), nothing.len(), "{left:?}");
    let _ = alone("up food --yes").exits(3);
    let _ = platform.run("up --yes").exits(0);
    for host in ["food.internal.example", "beverage.internal.example"] {
        assert_eq!(platform.answer(&Call::get(host, "/orders")).status, 200, "{host}");
    }
}

/// The emulator, where nobody may enter this account.
fn gate(platform: &Platform, closed: &str) -> Port {
    let emulator = platform.endpoint().trim_start_matches("http://").to_owned();
    let role = format!("iam%3A%3A{closed}%3Arole");
    Port::serve(move |client| answer(client, &emulator, &role))
}

fn answer(mut client: TcpStream, emulator: &str, closed: &str) -> io::Result<()> {
    let request = Request::read(&mut BufReader::new(client.try_clone()?))?;
    match String::from_utf8_lossy(&request.body).contains(closed) {
        true => refuse(&mut client),
        false => request.pass_on(emulator, &mut client),
    }
}

fn refuse(client: &mut TcpStream) -> io::Result<()> {
    let why = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
               <Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>";
    let head = format!("HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: {}", why.len());
    client.write_all(format!("{head}\r\nconnection: close\r\n\r\n{why}").as_bytes())
}
