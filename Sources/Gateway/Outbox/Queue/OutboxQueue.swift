package import MailTypes

/// A mail as it is due to one destination.
package struct QueuedMail: Hashable, Sendable {
    package var submission: SubmissionID
    /// The recipients' domain; empty where one relay takes everything.
    package var destination: String
    package init(submission: SubmissionID, destination: String) {
        (self.submission, self.destination) = (submission, destination)
    }
}

/// Which mail is tried next: destinations take turns, each with as much at a time as it has shown to bear. A destination
/// that is out of reach waits, and what is due to it waits with it, so that it holds up nobody else. Destinations that were
/// reached, that nobody has tried yet, that failed, and that fell silent in the midst of it have limits of their own: however
/// many are silent, and however long, mail to the others goes on. Pure: the database says what is due, time enters as an
/// argument.
///
///     queue.add(mail)
///     while let step = queue.next(at: now) { … }      // deliver, or postpone
///     queue.finished(mail, .reached, at: now)
package struct OutboxQueue: Sendable {
    /// The bounds of the queue.
    package struct Limits: Sendable {
        /// Deliveries on the wire at a time to destinations that are there.
        package var deliveries: Int
        /// Of these to one destination, once it has shown that it is there.
        package var perDestination: Int
        /// Of these to one destination that has not shown it yet.
        package var firstPerDestination: Int
        /// Beside these, to destinations of which nothing is known yet: little more than a connection each.
        package var untried: Int
        /// Beside these, to destinations that could not be reached last time.
        package var unreached: Int
        /// Beside these, to destinations that were there and from which nothing has come for a while.
        package var silent: Int
        /// How long nothing may come from a destination before its deliveries no longer count among those that go well.
        package var silence: Duration
        /// How long a destination that has nothing to do counts as one that is there.
        package var proofLasts: Duration
        /// Deliveries begun in a minute to one destination; `nil`: as many as go.
        package var perMinute: Int?
        /// Mails held in memory: of one destination, and of all.
        package var waitingPerDestination: Int
        /// Of one destination that has not shown that it is there.
        package var waitingUnproven: Int
        package var waiting: Int
        /// Mails that are postponed in one step.
        package var postponedAtOnce: Int
        /// The pause after the second failure in a row to reach a destination, after the third and so on.
        package var pauses: [Duration]

        package init(
            deliveries: Int = 100, perDestination: Int = 10, firstPerDestination: Int = 1, untried: Int? = nil,
            unreached: Int? = nil, silent: Int? = nil, silence: Duration = .seconds(20),
            proofLasts: Duration = .seconds(600), perMinute: Int? = nil, waitingPerDestination: Int = 200, waitingUnproven: Int = 20,
            waiting: Int = 10_000, postponedAtOnce: Int = 100,
            pauses: [Duration] = [.seconds(300), .seconds(900), .seconds(1800)]
        ) {
            precondition(!pauses.isEmpty, "a destination that is out of reach needs a pause")
            self.deliveries = max(1, deliveries)
            (self.perDestination, self.firstPerDestination) = (max(1, perDestination), max(1, firstPerDestination))
            self.untried = max(1, untried ?? 4 * self.deliveries)
            self.unreached = max(1, unreached ?? self.deliveries)
            self.silent = max(1, silent ?? 4 * self.deliveries)
            (self.silence, self.proofLasts) = (silence, proofLasts)
            self.perMinute = perMinute.map { max(1, $0) }
            (self.waitingPerDestination, self.waiting) = (max(1, waitingPerDestination), max(1, waiting))
            self.waitingUnproven = min(max(1, waitingUnproven), self.waitingPerDestination)
            (self.postponedAtOnce, self.pauses) = (max(1, postponedAtOnce), pauses)
        }
    }

    /// What is to be done now.
    package enum Step: Sendable {
        /// Put it on the wire, then call `finished`.
        case deliver(QueuedMail)
        /// The destination is out of reach: none of these is tried before then. Write it down, then call `postponed`.
        case postpone([QueuedMail], until: Timestamp, because: DeliveryFailure)
    }

    /// What an attempt showed of its destination.
    package enum End: Sendable {
        /// Its server spoke with us about the mail.
        case reached
        /// No server of it could be reached, or none let us in.
        case unreached(DeliveryFailure)
        /// Nothing: there was nothing to do any more.
        case nothing
    }

    /// Deliveries that share a limit, by what is known of their destinations.
    private enum Kind: Int, CaseIterable { case reached, untried, unreached, silent }

    /// Those on the wire, and the destinations that wait until there is room for another.
    private struct Lane {
        let limit: Int
        var active = 0
        var line = Fifo<String>()
    }

    private struct Destination {
        var waiting = Fifo<QueuedMail>()
        var active = 0
        /// Deliveries at a time.
        var window: Int
        var isProven = false
        /// It was there, and nothing came from it since then though mail is on the wire to it.
        var isSilent = false
        /// When it showed last that it is there, or when mail to it began after there was none on the wire.
        var lastSign: Timestamp?
        /// Failures in a row to reach it; those that were on the wire together count once.
        var failures = 0
        var pausedUntil: Timestamp?
        var lastFailure: DeliveryFailure?
        /// The moment from which another delivery may begin.
        var nextStart: Timestamp?
        /// The database has more that is due.
        var hasMore = false
        /// It stands in the line of those that are ready, or in one of those that are not yet.
        var isInLine = false

        var kind: Kind { isProven ? isSilent ? .silent : .reached : lastFailure == nil ? .untried : .unreached }
        var isIdle: Bool { waiting.isEmpty && active == 0 && !hasMore }
    }

    package let limits: Limits
    private var destinations: [String: Destination] = [:]
    private var known: Set<QueuedMail> = []
    /// Those of them that are on the wire.
    private var sent: Set<QueuedMail> = []
    /// Somebody changes them just now.
    private var withheld: Set<QueuedMail> = []
    private var ready = Fifo<String>()
    /// By the number of their kind.
    private var lanes: [Lane]
    /// Waits for its next start.
    private var later: [String: Timestamp] = [:]
    /// Destinations that are there and have mail on the wire, and until when something must come from them.
    private var watched: [String: Timestamp] = [:]
    /// Those of which the database has more.
    private var cut: Set<String> = []
    /// Of these, those of which most is done.
    private var wanting: Set<String> = []

    package init(limits: Limits = Limits()) {
        self.limits = limits
        lanes = [limits.deliveries, limits.untried, limits.unreached, limits.silent].map { Lane(limit: $0) }
    }

    // MARK: What is due

    /// Mails in memory, those on the wire included.
    package var count: Int { known.count }
    /// Whether no further mail can be added.
    package var isFull: Bool { known.count >= limits.waiting }
    /// Whether the mail is here already.
    package func knows(_ mail: QueuedMail) -> Bool { known.contains(mail) }
    /// How many mails to a destination can be added.
    package func room(for destination: String) -> Int {
        let known = destinations[destination]
        return max(0, capacity(of: known) - (known?.waiting.count ?? 0))
    }

    private func capacity(of destination: Destination?) -> Int {
        destination?.isProven == true ? limits.waitingPerDestination : limits.waitingUnproven
    }

    /// A mail is due; one that is here already is left where it is.
    package mutating func add(_ mail: QueuedMail) {
        guard known.insert(mail).inserted else { return }
        var destination = destinations[mail.destination] ?? Destination(window: limits.firstPerDestination)
        destination.waiting.append(mail)
        destinations[mail.destination] = destination
        enter(mail.destination)
    }

    /// The database has more that is due to a destination than there was room for.
    package mutating func leftMore(to destination: String) {
        destinations[destination, default: Destination(window: limits.firstPerDestination)].hasMore = true
        cut.insert(destination)
        noteWanting(destination)
    }

    private mutating func noteWanting(_ name: String) {
        guard cut.contains(name) else { return }
        let destination = destinations[name]
        if (destination?.waiting.count ?? 0) <= capacity(of: destination) / 2 { wanting.insert(name) }
    }

    /// The destinations of which the database should be asked again, since most of what was here is done.
    package mutating func takeWanting() -> [String] {
        defer { wanting = [] }
        for name in wanting {
            cut.remove(name)
            destinations[name]?.hasMore = false
            forgetIfIdle(name)
        }
        return wanting.sorted()
    }

    // MARK: What is next

    /// What to do now; `nil`: nothing before somebody finishes, a mail comes, or `nextMoment`.
    package mutating func next(at now: Timestamp) -> Step? {
        for (name, moment) in later where moment <= now {
            later[name] = nil
            ready.append(name)
        }
        for (name, moment) in watched where moment <= now { fellSilent(name, now) }
        while let name = takeFromLanes() ?? ready.popFirst() {
            guard var destination = destinations[name] else { continue }
            destination.isInLine = false
            if let step = begin(name, &destination, now) {
                destinations[name] = destination
                enter(name)
                noteWanting(name)
                return step
            }
            destinations[name] = destination
        }
        return nil
    }

    /// What is on the wire to it makes room for mail to others; one more may show that it is there after all.
    private mutating func fellSilent(_ name: String, _ now: Timestamp) {
        watched[name] = nil
        guard var destination = destinations[name] else { return }
        let (silent, reached) = (Kind.silent.rawValue, Kind.reached.rawValue)
        guard lanes[silent].active + destination.active <= limits.silent else {
            watched[name] = now + limits.silence
            return
        }
        destination.isSilent = true
        destination.window = destination.active + 1
        lanes[reached].active -= destination.active
        lanes[silent].active += destination.active
        destinations[name] = destination
        enter(name)
    }

    /// A destination that waited for room where there is some.
    private mutating func takeFromLanes() -> String? {
        for index in lanes.indices where lanes[index].active < lanes[index].limit {
            if let name = lanes[index].line.popFirst() { return name }
        }
        return nil
    }

    private mutating func begin(_ name: String, _ destination: inout Destination, _ now: Timestamp) -> Step? {
        guard !destination.waiting.isEmpty else { return nil }
        if let until = destination.pausedUntil, now < until, let failure = destination.lastFailure {
            let mails = destination.waiting.popFirst(limits.postponedAtOnce)
            return .postpone(mails, until: until, because: failure)
        }
        // What was shown long ago shows nothing now.
        if destination.isProven, destination.active == 0, let sign = destination.lastSign, now - sign >= limits.proofLasts {
            (destination.isProven, destination.window) = (false, limits.firstPerDestination)
        }
        guard destination.active < destination.window else { return nil }
        if let start = destination.nextStart, now < start {
            later[name] = start
            destination.isInLine = true
            return nil
        }
        let lane = destination.kind.rawValue
        guard lanes[lane].active < lanes[lane].limit else {
            lanes[lane].line.append(name)
            destination.isInLine = true
            return nil
        }
        while let first = destination.waiting.first, withheld.contains(first) {
            _ = destination.waiting.popFirst()
            known.remove(first)
        }
        guard let mail = destination.waiting.popFirst() else { return nil }
        sent.insert(mail)
        if destination.active == 0 { destination.lastSign = now }
        destination.active += 1
        lanes[lane].active += 1
        if destination.kind == .reached, let sign = destination.lastSign { watched[name] = sign + limits.silence }
        if let perMinute = limits.perMinute {
            destination.nextStart = max(now, destination.nextStart ?? now) + .seconds(60) / perMinute
        }
        return .deliver(mail)
    }

    /// The moment at which `next` may have something that it has not now.
    package var nextMoment: Timestamp? {
        let silence = lanes[Kind.reached.rawValue].line.isEmpty ? nil : watched.values.min()
        return [later.values.min(), silence].compactMap { $0 }.min()
    }

    private mutating func enter(_ name: String) {
        guard let destination = destinations[name], !destination.isInLine, !destination.waiting.isEmpty else { return }
        destinations[name]?.isInLine = true
        ready.append(name)
    }

    // MARK: What came of it

    /// A delivery is over and written down.
    package mutating func finished(_ mail: QueuedMail, _ end: End, at now: Timestamp) {
        known.remove(mail)
        sent.remove(mail)
        guard var destination = destinations[mail.destination] else { return }
        let before = destination.kind.rawValue
        destination.active -= 1
        lanes[before].active -= 1
        switch end {
        case .reached:
            (destination.isProven, destination.isSilent, destination.failures) = (true, false, 0)
            destination.lastSign = now
            (destination.pausedUntil, destination.lastFailure) = (nil, nil)
            destination.window = min(limits.perDestination, max(destination.window * 2, limits.firstPerDestination))
        case .unreached(let failure):
            (destination.isProven, destination.window, destination.lastFailure) = (false, 1, failure)
            destination.isSilent = false
            if destination.active == 0 {
                destination.failures += 1
                if destination.failures > 1 {
                    let pause = limits.pauses[min(destination.failures - 2, limits.pauses.count - 1)]
                    destination.pausedUntil = now + pause
                }
            }
        case .nothing:
            if destination.isSilent, destination.active == 0 {
                (destination.isProven, destination.isSilent) = (false, false)
                destination.window = limits.firstPerDestination
            }
        }
        watched[mail.destination] = destination.kind == .reached && destination.active > 0
            ? destination.lastSign.map { $0 + limits.silence } : nil
        let after = destination.kind.rawValue
        if before != after {
            lanes[before].active -= destination.active
            lanes[after].active += destination.active
        }
        destinations[mail.destination] = destination
        noteWanting(mail.destination)
        forgetIfIdle(mail.destination)
        enter(mail.destination)
    }

    /// These were written down as postponed.
    package mutating func postponed(_ mails: [QueuedMail]) {
        for mail in mails {
            known.remove(mail)
            forgetIfIdle(mail.destination)
            noteWanting(mail.destination)
        }
    }

    /// Takes mails out of the queue, until `release`, for somebody who changes them; those of them that are on the wire already
    /// are left there, and not among the result.
    package mutating func withhold(_ mails: Set<QueuedMail>) -> Set<QueuedMail> {
        let free = mails.subtracting(sent)
        withheld.formUnion(free)
        return free
    }

    /// They were changed: what is due still, the database knows.
    package mutating func release(_ mails: Set<QueuedMail>) { withheld.subtract(mails) }

    /// Whether the mail is on the wire.
    package func isOnTheWire(_ mail: QueuedMail) -> Bool { sent.contains(mail) }

    /// Forgets that these destinations are out of reach, `nil`: any; they are tried again.
    package mutating func forgetPauses(of names: Set<String>?) {
        for name in destinations.keys where names?.contains(name) ?? true {
            destinations[name]?.pausedUntil = nil
            destinations[name]?.failures = 0
        }
    }

    /// Destinations that are left alone for now, and since which failure.
    package var pauses: [(destination: String, until: Timestamp, because: DeliveryFailure)] {
        destinations.compactMap { name, destination in
            guard let until = destination.pausedUntil, let failure = destination.lastFailure else { return nil }
            return (name, until, failure)
        }.sorted { $0.destination < $1.destination }
    }

    private static let rememberedDestinations = 20_000

    private mutating func forgetIfIdle(_ name: String) {
        guard let destination = destinations[name], destination.isIdle, !destination.isInLine else { return }
        if destination.kind == .untried, destination.nextStart == nil || limits.perMinute == nil {
            destinations[name] = nil
        } else if destinations.count > Self.rememberedDestinations {
            destinations = destinations.filter { !$0.value.isIdle || $0.value.isInLine }
        }
    }
}
