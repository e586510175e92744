//! The search: the one-container pod with three probes, crash and delete at any second, TERM ignored
//! or not, under the real rules with ideal timing, and with loops that tick, to the fixpoint with so
//! many faults. And the same pod as a toy, searched by stateright in the same process: how many states
//! a second an established checker visits where they are small.

#[path = "support/toy.rs"]
mod toy;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use podclock::explore::{Blind, Bounds, Builtin, Instants, Observer, Properties, Search};
use podclock::sim::{self, Scenario};
use stateright::{Checker, Model};
use std::hint::black_box;
use toy::Toy;

/// At most so many faults in one run.
const FAULTS: u32 = 3;

fn search<O: Observer>(model: &sim::Model, observer: &O, threads: usize) -> usize {
    let bounds = Bounds {
        faults: Some(FAULTS),
        ..Bounds::default()
    };
    let search = Search::new(model, observer.clone()).bounds(bounds);
    let explored = search
        .instants(Instants::EverySecond)
        .threads(threads)
        .run();
    assert!(explored.cut.is_complete_but_for_faults());
    explored.states
}

fn explore(criterion: &mut Criterion) {
    let text = include_str!("support/checked.yaml");
    let model = Scenario::parse(text).expect("a scenario").model;
    let builtins = Builtin::all().filter(|builtin| !builtin.is_beside());
    let held = Properties::new().with_builtins(builtins);
    let mut group = criterion.benchmark_group("worlds");
    group.sample_size(10);
    for threads in [1, 2] {
        group.throughput(Throughput::Elements(search(&model, &Blind, threads) as u64));
        group.bench_function(format!("{threads} threads"), |bencher| {
            bencher.iter(|| black_box(search(&model, &Blind, threads)));
        });
        group.throughput(Throughput::Elements(search(&model, &held, threads) as u64));
        group.bench_function(
            format!("held to properties, {threads} threads"),
            |bencher| {
                bencher.iter(|| black_box(search(&model, &held, threads)));
            },
        );
    }
    let ticking = Scenario::parse(&text.replace("timing: ideal", ""));
    let ticking = ticking.expect("a scenario").model;
    let search = || search(&ticking, &Blind, 1);
    group.throughput(Throughput::Elements(search() as u64));
    group.bench_function("loops that tick, 1 threads", |bencher| {
        bencher.iter(|| black_box(search()));
    });
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
