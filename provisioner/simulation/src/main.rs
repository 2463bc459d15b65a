//! placeholder
use simulation::{measure, size::Size};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size: Size = arguments[1].parse().unwrap();
    if arguments[0] == "up" {
        println!("{:?}", measure::up(size).await);
    } else {
        println!("{:?}", measure::planned(size).await);
    }
}
