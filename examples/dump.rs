#![allow(missing_docs, clippy::print_stdout)]
use podclock::{runtime::Nominal, sim::Scenario, timeline::recorded};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let s = Scenario::parse(&std::fs::read_to_string(&a[1]).unwrap()).unwrap();
    let run = s.model.run(&mut Nominal, s.until);
    println!(
        "{}",
        serde_json::to_string(&recorded(&run.timeline, &s.model.names())).unwrap()
    );
}
