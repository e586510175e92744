//! The search: the one-container pod with three probes, crash and delete at any second, TERM ignored
//! or not, under the real rules with ideal timing. And the same pod as a toy, searched by stateright
//! in the same process: how many states a second an established checker visits where they are small.

#[path = "support/toy.rs"]
mod toy;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use podclock::explore::{Blind, Bounds, Instants, Search};
use podclock::sim::Scenario;
use stateright::{Checker, Model};
use toy::Toy;

/// Where the search stops.
const STATES: usize = 100_000;

fn explore(criterion: &mut Criterion) {
    let text = include_str!("support/checked.yaml");
    let model = Scenario::parse(text).expect("a scenario").model;
    let mut group = criterion.benchmark_group("worlds");
    group.sample_size(10);
    for threads in [1, 2] {
        let search = || {
            Search::new(&model, Blind)
                .instants(Instants::EverySecond)
                .bounds(Bounds {
                    states: Some(STATES),
                    ..Bounds::default()
                })
                .threads(threads)
                .run()
        };
        group.throughput(Throughput::Elements(search().states as u64));
        group.bench_function(format!("{threads} threads"), |bencher| bencher.iter(search));
    }
    group.finish();
}

/// Toys with and without free phases and resets, and how many states each has.
const TOYS: [(&str, Toy, usize); 3] = [
    ("plain", Toy::new(false, false), 2600),
    ("free phases", Toy::new(true, false), 17_573),
    ("resets", Toy::new(false, true), 65_005),
];

fn toys(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("toys in stateright");
    group.sample_size(10);
    for (name, toy, states) in TOYS {
        let bfs = || toy.checker().spawn_bfs().join().unique_state_count();
        let dfs = || toy.checker().spawn_dfs().join().unique_state_count();
        assert_eq!([bfs(), dfs()], [states; 2], "{name}");
        group.throughput(Throughput::Elements(states as u64));
        group.bench_function(format!("{name}, breadth first"), |bencher| {
            bencher.iter(bfs)
        });
        group.bench_function(format!("{name}, depth first"), |bencher| bencher.iter(dfs));
    }
    group.finish();
}

criterion_group!(benches, explore, toys);
criterion_main!(benches);
