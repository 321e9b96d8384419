import Gateway
import MailTypes
import Testing

/// Which mail is tried next, and how long a destination is left alone.
@Suite struct OutboxQueueTests {
    private static let start = Timestamp(seconds: 1_000_000)
    private static let down = DeliveryFailure(
        stage: .connecting, status: EnhancedStatus(4, 4, 1), diagnostic: "no connection")

    private static func mail(_ number: Int64, _ destination: String) -> QueuedMail {
        QueuedMail(submission: SubmissionID(rawValue: number), destination: destination)
    }

    /// All that may begin now, as `1 a.example`.
    private static func begin(_ queue: inout OutboxQueue, at now: Timestamp = start) -> [String] {
        var result: [String] = []
        while let step = queue.next(at: now) {
            switch step {
            case .deliver(let mail): result.append("\(mail.submission) \(mail.destination)")
            case .postpone(let mails, let until, _):
                result.append("postpone \(mails.count) \((until - now).microseconds / 1_000_000)")
                queue.postponed(mails)
            }
        }
        return result
    }

    @Test func `destinations take turns, and each shows first that it is there`() {
        var queue = OutboxQueue(limits: .init(deliveries: 10, perDestination: 4))
        for number in 1...6 { queue.add(Self.mail(Int64(number), "a")) }
        queue.add(Self.mail(7, "b"))
        #expect(Self.begin(&queue) == ["1 a", "7 b"])
        queue.finished(Self.mail(1, "a"), .reached, at: Self.start)
        #expect(Self.begin(&queue) == ["2 a", "3 a"])
        queue.finished(Self.mail(2, "a"), .reached, at: Self.start)
        #expect(Self.begin(&queue) == ["4 a", "5 a", "6 a"])
        #expect(queue.count == 5)
    }

    @Test func `a mail is taken once, however often it is said to be due`() {
        var queue = OutboxQueue()
        for _ in 0..<3 { queue.add(Self.mail(1, "a")) }
        #expect(Self.begin(&queue) == ["1 a"])
        queue.add(Self.mail(1, "a"))
        #expect(Self.begin(&queue).isEmpty)
        queue.finished(Self.mail(1, "a"), .nothing, at: Self.start)
        #expect(!queue.knows(Self.mail(1, "a")))
    }

    @Test func `the second failure in a row pauses a destination, and each further one for longer`() {
        var queue = OutboxQueue(limits: .init(pauses: [.seconds(10), .seconds(20)]))
        var now = Self.start
        for (pause, number) in zip([0, 10, 20, 20] as [Int64], Int64(1)...) {
            queue.add(Self.mail(number, "a"))
            #expect(Self.begin(&queue, at: now) == ["\(number) a"])
            queue.finished(Self.mail(number, "a"), .unreached(Self.down), at: now)
            queue.add(Self.mail(100 + number, "a"))
            if pause > 0 {
                #expect(Self.begin(&queue, at: now) == ["postpone 1 \(pause)"])
            } else {
                #expect(Self.begin(&queue, at: now) == ["101 a"])
                queue.finished(Self.mail(101, "a"), .nothing, at: now)
            }
            now = now + .seconds(pause)
        }
        queue.add(Self.mail(9, "a"))
        #expect(Self.begin(&queue, at: now) == ["9 a"])
        queue.finished(Self.mail(9, "a"), .reached, at: now)
        #expect(queue.pauses.isEmpty)
    }

    @Test func `what somebody changes does not go on the wire meanwhile, and what is there already is not his to change`() {
        var queue = OutboxQueue()
        queue.add(Self.mail(1, "a"))
        #expect(Self.begin(&queue) == ["1 a"])
        for number in 2...3 as ClosedRange<Int64> { queue.add(Self.mail(number, "a")) }
        let mails = Set([1, 2].map { Self.mail($0, "a") })
        #expect(queue.withhold(mails) == [Self.mail(2, "a")])
        queue.finished(Self.mail(1, "a"), .reached, at: Self.start)
        #expect(Self.begin(&queue) == ["3 a"])
        queue.release([Self.mail(2, "a")])
        // It is not here any more; whether it is due, the database says.
        #expect(!queue.knows(Self.mail(2, "a")))
        queue.add(Self.mail(2, "a"))
        #expect(Self.begin(&queue) == ["2 a"])
    }

    @Test func `an operator can have a paused destination tried at once`() {
        var queue = OutboxQueue()
        for number in 1...2 as ClosedRange<Int64> {
            queue.add(Self.mail(number, "a"))
            _ = Self.begin(&queue)
            queue.finished(Self.mail(number, "a"), .unreached(Self.down), at: Self.start)
        }
        #expect(queue.pauses.map(\.destination) == ["a"])
        queue.forgetPauses(of: nil)
        queue.add(Self.mail(3, "a"))
        #expect(Self.begin(&queue) == ["3 a"])
    }

    @Test func `hundreds of silent destinations hold up neither those that are there nor new ones`() {
        var queue = OutboxQueue(limits: .init(deliveries: 6, perDestination: 6, untried: 300, unreached: 4))
        queue.add(Self.mail(1, "good"))
        #expect(Self.begin(&queue) == ["1 good"])
        queue.finished(Self.mail(1, "good"), .reached, at: Self.start)
        let dead = Int64(1000)..<1250
        for number in dead { queue.add(Self.mail(number, "dead\(number)")) }
        #expect(Self.begin(&queue).count == dead.count)
        // All of them are on the wire still.
        for number in 2...4 as ClosedRange<Int64> { queue.add(Self.mail(number, "good")) }
        queue.add(Self.mail(5, "new"))
        #expect(Self.begin(&queue) == ["2 good", "5 new", "3 good"])
        for number in dead {
            queue.finished(Self.mail(number, "dead\(number)"), .unreached(Self.down), at: Self.start)
            queue.add(Self.mail(number, "dead\(number)"))
        }
        // Those that failed have little room of their own, and one after the other they have their turn.
        #expect(Self.begin(&queue) == (1000..<1004).map { "\($0) dead\($0)" })
        queue.finished(Self.mail(1001, "dead1001"), .unreached(Self.down), at: Self.start)
        #expect(Self.begin(&queue) == ["1004 dead1004"])
        queue.add(Self.mail(6, "newer"))
        queue.finished(Self.mail(2, "good"), .reached, at: Self.start)
        #expect(Self.begin(&queue).sorted() == ["4 good", "6 newer"])
        // One that is there at last leaves their room.
        queue.finished(Self.mail(1004, "dead1004"), .reached, at: Self.start)
        #expect(Self.begin(&queue) == ["1005 dead1005"])
    }

    /// Proves that destinations are there: each takes as many at a time as it may.
    private static func prove(_ names: [String], _ queue: inout OutboxQueue) {
        for (number, name) in zip(Int64(1_000_000)..., names) {
            queue.add(mail(number, name))
            #expect(begin(&queue) == ["\(number) \(name)"])
            queue.finished(mail(number, name), .reached, at: start)
        }
    }

    @Test func `destinations that fall silent together hold up hundreds of others for a moment only`() {
        var queue = OutboxQueue(limits: .init(deliveries: 100, perDestination: 10, firstPerDestination: 10))
        let silent = (0..<10).map { "silent\($0)" }
        let good = (0..<300).map { "good\($0)" }
        Self.prove(silent + good, &queue)
        let begun = Self.start + .seconds(1)
        for (place, name) in silent.enumerated() {
            for number in 0..<12 { queue.add(Self.mail(Int64(place * 100 + number), name)) }
        }
        #expect(Self.begin(&queue, at: begun).count == 100)
        for (number, name) in zip(Int64(5000)..., good) { queue.add(Self.mail(number, name)) }
        #expect(Self.begin(&queue, at: begun).isEmpty)
        #expect(queue.nextMoment == begun + .seconds(20))
        #expect(Self.begin(&queue, at: begun + .milliseconds(19_999)).isEmpty)
        // They leave the room to those that are there, and each may show with one more that it is, too.
        var now = begun + .seconds(20)
        var left = Self.begin(&queue, at: now)
        #expect(left.filter { $0.contains("silent") }.count == 10 && left.filter { $0.contains("good") }.count == 100)
        for round in 0..<2 {
            for number in 0..<100 {
                let number = round * 100 + number
                queue.finished(Self.mail(5000 + Int64(number), good[number]), .reached, at: now)
            }
            left = Self.begin(&queue, at: now)
            #expect(left.count == 100 && left.allSatisfy { $0.contains("good") })
        }
        // One speaks again, one fails, one has nothing to do any more: none of their room is lost.
        now = now + .seconds(60)
        for number in 0..<2 as Range<Int64> { queue.finished(Self.mail(number, silent[0]), .reached, at: now) }
        #expect(Self.begin(&queue, at: now) == ["11 silent0"])
        for number in 0..<11 as Range<Int64> {
            queue.finished(Self.mail(100 + number, silent[1]), .unreached(Self.down), at: now)
            queue.finished(Self.mail(200 + number, silent[2]), .nothing, at: now)
        }
        queue.add(Self.mail(299, silent[2]))
        #expect(Self.begin(&queue, at: now) == ["111 silent1", "211 silent2", "299 silent2"])
    }

    @Test(arguments: [(seconds: 599, begun: 10), (600, 1), (86_400, 1)])
    func `a destination that had nothing to do for long shows anew that it is there`(seconds: Int, begun: Int) {
        var queue = OutboxQueue(limits: .init(perDestination: 10))
        for number in 0..<8 as Range<Int64> {
            queue.add(Self.mail(number, "a"))
            #expect(Self.begin(&queue).count == 1)
            queue.finished(Self.mail(number, "a"), .reached, at: Self.start)
        }
        for number in 100..<120 as Range<Int64> { queue.add(Self.mail(number, "a")) }
        #expect(Self.begin(&queue, at: Self.start + .seconds(seconds)).count == begun)
    }

    @Test func `who was reached needs no proof the next time, and takes more into memory`() {
        var queue = OutboxQueue(limits: .init(deliveries: 2, untried: 1, waitingPerDestination: 10, waitingUnproven: 2))
        #expect(queue.room(for: "a") == 2)
        queue.add(Self.mail(1, "a"))
        #expect(Self.begin(&queue) == ["1 a"])
        queue.finished(Self.mail(1, "a"), .reached, at: Self.start)
        #expect(queue.room(for: "a") == 10)
        for (number, name) in [(2, "dead"), (3, "b"), (4, "a")] { queue.add(Self.mail(Int64(number), name)) }
        #expect(Self.begin(&queue) == ["2 dead", "4 a"])
        queue.finished(Self.mail(2, "dead"), .nothing, at: Self.start)
        #expect(Self.begin(&queue) == ["3 b"])
    }

    @Test func `a rate spreads the deliveries of a destination`() {
        var queue = OutboxQueue(limits: .init(firstPerDestination: 5, perMinute: 60))
        for number in 1...3 as ClosedRange<Int64> { queue.add(Self.mail(number, "a")) }
        #expect(Self.begin(&queue) == ["1 a"])
        #expect(queue.nextMoment == Self.start + .seconds(1))
        #expect(Self.begin(&queue, at: Self.start + .seconds(1)) == ["2 a"])
        #expect(Self.begin(&queue, at: Self.start + .seconds(1)).isEmpty)
        #expect(Self.begin(&queue, at: Self.start + .seconds(2)) == ["3 a"])
    }

    @Test func `of a long line only its head stands in memory`() {
        var queue = OutboxQueue(limits: .init(waitingPerDestination: 4))
        for number in 1...4 as ClosedRange<Int64> { queue.add(Self.mail(number, "a")) }
        #expect(queue.room(for: "a") == 0)
        queue.leftMore(to: "a")
        #expect(queue.takeWanting().isEmpty)
        for number in 1...2 as ClosedRange<Int64> {
            #expect(Self.begin(&queue) == ["\(number) a"])
            queue.finished(Self.mail(number, "a"), .nothing, at: Self.start)
        }
        #expect(queue.takeWanting() == ["a"])
        #expect(queue.takeWanting().isEmpty)
    }
}
