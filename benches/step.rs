//! One step of the machine: the answer to a probe of a running pod.

mod support;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use podclock::kubelet::{Input, Output, Verb};
use podclock::runtime::Nominal;
use podclock::sim::World;
use podclock::timeline::Timeline;
use std::hint::black_box;

/// The running pod just before a probe is answered, a minute or more into its life.
fn awaiting_probe(model: &podclock::sim::Model) -> World {
    let mut world = model.world();
    let mut log = Timeline::discard();
    model.create(&mut world, &mut Nominal, &mut log);
    loop {
        model.advance(&mut world, &mut Nominal, &mut log);
        let answer = world.events.first();
        let probed = answer.is_some_and(|answer| matches!(answer.token.verb, Verb::Probe(_)));
        if probed && world.now.as_millis() > 60_000 {
            return world;
        }
    }
}

fn step(criterion: &mut Criterion) {
    let model = support::model();
    let world = awaiting_probe(&model);
    let answer = *world.events.first().expect("an answer under way");
    let input = Input::Replied(answer.token, answer.outcome);
    let machine = model.pod();
    let mut out = Output::default();
    criterion.bench_function("step/probe reply", |bencher| {
        bencher.iter_batched_ref(
            || world.pod.clone(),
            |pod| {
                out.clear();
                machine.step(pod, answer.at, black_box(input), &mut out);
            },
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("step/clone of the state", |bencher| {
        bencher.iter(|| black_box(&world.pod).clone());
    });
}

criterion_group!(benches, step);
criterion_main!(benches);
