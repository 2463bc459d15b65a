//! Who waits, and who comes in next. Pure: told the time, and tells when to look again.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use model::AccountId;
use tokio::{sync::oneshot, time::Instant};

use super::{AtOnce, Permit, Rates, bucket::Bucket};

/// How long an operation pauses after AWS said that it was called too often, and did not say for how long; and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// In the order of their turns: the heaviest first, then who came first.
type Place = (Reverse<u64>, u64);

pub(super) type LaneId = usize;

pub(super) struct Door {
    rates: Rates,
    /// Calls that may still begin at once, over all accounts and in each one.
    free: AtOnce,
    crowds: HashMap<AccountId, Crowd>,
    arrivals: u64,
    ids: HashMap<(AccountId, String), LaneId>,
    lanes: Vec<Lane>,
    buckets: Vec<Bucket>,
    bucket_ids: HashMap<(AccountId, String), usize>,
    /// Lanes whose first one waits for nothing but its turn, by that one's place.
    awake: BTreeMap<Place, LaneId>,
    /// Lanes that wait for a token.
    asleep: BTreeSet<(Instant, LaneId)>,
}

/// The calls under way in one account.
struct Crowd {
    free: usize,
    /// Lanes that wait until there are fewer.
    waiting: BTreeMap<Place, LaneId>,
}

/// All who wait to make one operation's call in one account.
struct Lane {
    account: AccountId,
    buckets: Vec<usize>,
    line: BTreeMap<Place, Waiter>,
    state: State,
    /// AWS asked not to be called before.
    paused: Option<Instant>,
    pause: Duration,
}

enum State {
    Empty,
    Awake(Place),
    Asleep,
}

struct Waiter {
    call: oneshot::Sender<Permit>,
    /// Would also wait for a token.
    is_patient: bool,
}

/// What opening the door came to.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) called: Vec<(oneshot::Sender<Permit>, LaneId)>,
    /// When to open it again.
    pub(super) again: Vec<Instant>,
}

impl Door {
    pub(super) fn new(rates: Rates, at_once: AtOnce) -> Self {
        Self {
            rates,
            free: at_once,
            crowds: HashMap::new(),
            arrivals: 0,
            ids: HashMap::new(),
            lanes: Vec::new(),
            buckets: Vec::new(),
            bucket_ids: HashMap::new(),
            awake: BTreeMap::new(),
            asleep: BTreeSet::new(),
        }
    }

    pub(super) fn lane(&mut self, account: &AccountId, operation: &str, now: Instant) -> LaneId {
        let key = (account.clone(), operation.to_owned());
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let rates: Vec<_> = self.rates.of(operation).map(|(name, rate)| (name.to_owned(), rate)).collect();
        let mut buckets = Vec::new();
        for (name, rate) in rates {
            let next = self.buckets.len();
            let id = *self.bucket_ids.entry((account.clone(), name)).or_insert(next);
            if id == next {
                self.buckets.push(Bucket::full(rate, now));
            }
            buckets.push(id);
        }
        let crowd = || Crowd { free: self.free.each, waiting: BTreeMap::new() };
        self.crowds.entry(account.clone()).or_insert_with(crowd);
        let (account, line) = (account.clone(), BTreeMap::new());
        self.lanes.push(Lane { account, buckets, line, state: State::Empty, paused: None, pause: PAUSE.0 });
        self.ids.insert(key, self.lanes.len() - 1);
        self.lanes.len() - 1
    }

    /// Somebody joins the line. Who would not wait for a token is sent away when that comes up.
    pub(super) fn join(&mut self, id: LaneId, weight: u64, is_patient: bool) -> oneshot::Receiver<Permit> {
        let (call, called) = oneshot::channel();
        self.arrivals += 1;
        let lane = &mut self.lanes[id];
        if is_patient || !matches!(lane.state, State::Asleep) {
            lane.line.insert((Reverse(weight), self.arrivals), Waiter { call, is_patient });
        }
        if !matches!(lane.state, State::Asleep) {
            self.wake(id);
        }
        called
    }

    /// Calls in as many as may come.
    pub(super) fn open(&mut self, now: Instant) -> Opened {
        while let Some((at, id)) = self.asleep.first().copied().filter(|(at, _)| *at <= now) {
            self.asleep.remove(&(at, id));
            self.wake(id);
        }
        let mut opened = Opened::default();
        while self.free.all > 0
            && let Some((place, id)) = self.awake.pop_first()
        {
            match self.opens(id, now) {
                _ if self.crowd(id).free == 0 => drop(self.crowd(id).waiting.insert(place, id)),
                Some(at) => {
                    self.sleep(id, at);
                    opened.again.push(at);
                }
                None => opened.called.extend(self.call(id, now).map(|call| (call, id))),
            }
        }
        opened
    }

    /// A call is over: there is room for one more in its account.
    pub(super) fn leave(&mut self, id: LaneId) {
        self.free.all += 1;
        let crowd = self.crowd(id);
        crowd.free += 1;
        let waiting = std::mem::take(&mut crowd.waiting);
        self.awake.extend(waiting);
    }

    fn crowd(&mut self, id: LaneId) -> &mut Crowd {
        self.crowds.get_mut(&self.lanes[id].account).expect("it came with its first lane")
    }

    /// AWS said that it was called too often: nobody makes this call for a while.
    pub(super) fn pause(&mut self, id: LaneId, asked: Option<Duration>, now: Instant) {
        let lane = &mut self.lanes[id];
        let until = now + asked.unwrap_or(lane.pause);
        lane.paused = lane.paused.max(Some(until));
        lane.pause = (lane.pause * 2).min(PAUSE.1);
    }

    /// A call went through.
    pub(super) fn resume(&mut self, id: LaneId) {
        self.lanes[id].pause = PAUSE.0;
    }

    /// When the lane's next call may be made; none: now.
    fn opens(&self, id: LaneId, now: Instant) -> Option<Instant> {
        let lane = &self.lanes[id];
        let tokens = lane.buckets.iter().filter_map(|bucket| self.buckets[*bucket].opens(now));
        tokens.chain(lane.paused.filter(|until| *until > now)).max()
    }

    /// Whose turn it is in a lane, if anybody is still there.
    fn call(&mut self, id: LaneId, now: Instant) -> Option<oneshot::Sender<Permit>> {
        let mut next = None;
        while next.is_none()
            && let Some((_, waiter)) = self.lanes[id].line.pop_first()
        {
            next = Some(waiter.call).filter(|call| !call.is_closed());
        }
        if next.is_some() {
            self.free.all -= 1;
            self.crowd(id).free -= 1;
            self.lanes[id].buckets.iter().for_each(|bucket| self.buckets[*bucket].take(now));
        }
        self.wake(id);
        next
    }

    fn wake(&mut self, id: LaneId) {
        if let State::Awake(place) = self.lanes[id].state {
            self.awake.remove(&place);
            self.crowd(id).waiting.remove(&place);
        }
        let lane = &mut self.lanes[id];
        let first = lane.line.first_key_value().map(|(place, _)| *place);
        lane.state = first.map_or(State::Empty, State::Awake);
        self.awake.extend(first.map(|place| (place, id)));
    }

    fn sleep(&mut self, id: LaneId, until: Instant) {
        self.asleep.insert((until, id));
        let lane = &mut self.lanes[id];
        lane.state = State::Asleep;
        lane.line.retain(|_, waiter| waiter.is_patient);
    }
}
