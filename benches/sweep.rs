//! Whole lives of a pod of two minutes, with probes and a hook, as a sweep runs them.

mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use podclock::measure::{Tally, Watch};
use podclock::runtime::{Apps, Faults, Seeded};
use podclock::sim::{Action, Model};
use podclock::timeline::{Timeline, invariant};
use podclock::{Profile, manifest};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const LIFE: Duration = Duration::from_secs(120);

fn model() -> Model {
    let profile = Profile::default();
    let checked = manifest::parse(support::MANIFEST, &profile);
    let workload = checked.into_result().expect("a manifest");
    let pod = Arc::clone(&workload.pods[0].spec);
    let faults = Faults::usual(Apps::new(&pod), &pod);
    Model::new(pod, profile.rules(), faults).at(Duration::from_secs(80), Action::DELETE)
}

fn sweep(criterion: &mut Criterion) {
    let model = model();
    let mut group = criterion.benchmark_group("a life of two minutes");
    group.throughput(Throughput::Elements(1));
    let mut seed = 0;
    group.bench_function("nothing seen", |bencher| {
        bencher.iter(|| {
            seed += 1;
            black_box(model.run_into(&mut Seeded(seed), LIFE, Timeline::discard()));
        });
    });
    let (mut seed, mut tally) = (0, Tally::new());
    group.bench_function("measured", |bencher| {
        bencher.iter(|| {
            seed += 1;
            let (mut watch, mut samples) = (Watch::new(), Vec::new());
            let _ = model.run_seeing(&mut Seeded(seed), LIFE, &mut |entry, names| {
                samples.extend(watch.see(entry, names));
            });
            tally.add(&samples);
        });
    });
    let (mut seed, mut tally) = (0, Tally::new());
    group.bench_function("measured and held to the invariants", |bencher| {
        bencher.iter(|| {
            seed += 1;
            let (mut watch, mut samples) = (Watch::new(), Vec::new());
            let mut invariants = invariant::Watch::new();
            let _ = model.run_seeing(&mut Seeded(seed), LIFE, &mut |entry, names| {
                samples.extend(watch.see(entry, names));
                black_box(invariants.see(entry, names));
            });
            tally.add(&samples);
        });
    });
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
