//! The search: the one-container pod with three probes, crash and delete at any second, TERM ignored
//! or not, under the real rules with ideal timing.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use podclock::explore::{Blind, Bounds, Instants, Search};
use podclock::sim::Scenario;

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

criterion_group!(benches, explore);
criterion_main!(benches);
