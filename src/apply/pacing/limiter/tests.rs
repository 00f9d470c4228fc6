//! Exact schedules, in virtual time.

use super::*;

fn stile(in_flight: u32, rates: &[(u32, u32)], patience: u64) -> Arc<TenantLimiter> {
    let rates: Vec<RateLimit> =
        rates.iter().map(|(requests, seconds)| RateLimit { requests: *requests, seconds: *seconds }).collect();
    Arc::new(TenantLimiter::new(in_flight, &rates, Arc::new(WaitBudget::new(Duration::from_secs(patience))), 1))
}

/// Starts requests that take a second each; when each of them went, in milliseconds, in the order of starting.
async fn went(stile: &Arc<TenantLimiter>, classes: &[RequestPriority]) -> Vec<Option<u64>> {
    let start = Instant::now();
    let tasks: Vec<_> = classes
        .iter()
        .map(|class| {
            let (stile, class) = (Arc::clone(stile), *class);
            tokio::spawn(async move {
                let mut turn = stile.acquire(class).await;
                turn.wait_for_token().await.ok()?;
                let at = start.elapsed().as_millis() as u64;
                tokio::time::sleep(Duration::from_secs(1)).await;
                Some(at)
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

const ORDINARY: [RequestPriority; 6] = [RequestPriority::Normal; 6];

#[tokio::test(start_paused = true)]
async fn no_more_are_in_flight_than_there_are_places_and_no_less() {
    let times = went(&stile(2, &[], 60), &ORDINARY).await;
    assert_eq!(times, [0, 0, 1000, 1000, 2000, 2000].map(Some));
}

#[tokio::test(start_paused = true)]
async fn whoever_closes_a_gap_goes_before_all_that_wait() {
    let classes =
        [RequestPriority::Normal, RequestPriority::Normal, RequestPriority::Normal, RequestPriority::ClosesGap];
    assert_eq!(went(&stile(1, &[], 60), &classes).await, [0, 2000, 3000, 1000].map(Some));
}

#[tokio::test(start_paused = true)]
async fn of_several_limits_each_holds() {
    // One in a second, and two in ten: 20 requests in 100 seconds are two at once and then one each 100/19 seconds.
    let times = went(&stile(9, &[(1, 1), (20, 100)], 60), &ORDINARY).await;
    assert_eq!(times.map_or_zero(), [0, 1000, 5264, 10527, 15790, 21053]);
}

#[tokio::test(start_paused = true)]
async fn a_pace_costs_no_patience_and_a_rest_does() {
    let slow = stile(1, &[(1, 30)], 60);
    assert_eq!(went(&slow, &ORDINARY[..4]).await, [0, 30_000, 60_000, 90_000].map(Some));
    let rests = stile(1, &[], 60);
    assert_eq!(rests.record_throttle(Some(Duration::from_secs(61))), Some((Duration::from_secs(61), 1)));
    assert_eq!(went(&rests, &ORDINARY[..1]).await, [None]);
    let rests = stile(1, &[], 60);
    rests.record_throttle(Some(Duration::from_secs(59)));
    assert_eq!(went(&rests, &ORDINARY[..1]).await, [Some(59_000)]);
}

#[tokio::test(start_paused = true)]
async fn after_a_rest_half_as_many_go_and_slowly_more() {
    let stile = stile(8, &[], 600);
    assert_eq!(stile.record_throttle(Some(Duration::from_secs(5))), Some((Duration::from_secs(5), 4)));
    assert_eq!(
        stile.record_throttle(Some(Duration::from_secs(5))),
        None,
        "what was in flight with it says nothing new"
    );
    assert_eq!(went(&stile, &ORDINARY).await, [5000, 5000, 5000, 5000, 6000, 6000].map(Some));
    while stile.slots() < 8 {
        stile.record_success();
    }
    assert_eq!(went(&stile, &ORDINARY).await, [0; 6].map(Some));
}

#[tokio::test(start_paused = true)]
async fn a_rest_without_a_word_gets_longer_and_is_spread() {
    let stile = stile(64, &[], 600);
    let mut rests = Vec::new();
    for _ in 0..4 {
        rests.push(stile.record_throttle(None).unwrap().0);
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    for (rest, whole) in rests.iter().zip([500, 1000, 2000, 4000]) {
        let whole = Duration::from_millis(whole);
        assert!(*rest >= whole / 2 && *rest < whole, "{rests:?}");
    }
    stile.record_success();
    assert!(stile.record_throttle(None).unwrap().0 < Duration::from_millis(500), "a good answer ends it");
}

#[tokio::test(start_paused = true)]
async fn a_lent_place_lets_another_in_and_is_got_back_first() {
    let stile = stile(8, &[], 60);
    let start = Instant::now();
    let lender = {
        let stile = Arc::clone(&stile);
        tokio::spawn(async move {
            let mut turn = stile.acquire(RequestPriority::Normal).await;
            tokio::task::yield_now().await;
            turn.release_while(tokio::time::sleep(Duration::from_millis(500))).await;
            let back = start.elapsed().as_millis();
            tokio::time::sleep(Duration::from_secs(1)).await;
            back
        })
    };
    tokio::task::yield_now().await;
    let times = went(&stile, &[RequestPriority::Normal; 9]).await;
    // Seven beside the lender, one in the lent place, and the last one after the lender came back.
    assert_eq!(times[..8], [Some(0); 8]);
    assert_eq!(lender.await.unwrap(), 1000);
    assert_eq!(times[8], Some(1000));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_makes_room() {
    let stile = stile(1, &[], 60);
    let first = stile.acquire(RequestPriority::Normal).await;
    let waiting = {
        let stile = Arc::clone(&stile);
        tokio::spawn(async move { stile.acquire(RequestPriority::Normal).await })
    };
    tokio::task::yield_now().await;
    waiting.abort();
    let _ = waiting.await;
    drop(first);
    assert_eq!(went(&stile, &ORDINARY[..1]).await, [Some(0)]);
}

/// Times of requests all of which went.
trait Went {
    fn map_or_zero(&self) -> Vec<u64>;
}

impl Went for Vec<Option<u64>> {
    fn map_or_zero(&self) -> Vec<u64> {
        self.iter().map(|at| at.expect("it went")).collect()
    }
}
