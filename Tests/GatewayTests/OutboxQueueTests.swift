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

    @Test func `an operator can have a paused destination tried at once`() {
        var queue = OutboxQueue()
        for number in 1...2 as ClosedRange<Int64> {
            queue.add(Self.mail(number, "a"))
            _ = Self.begin(&queue)
            queue.finished(Self.mail(number, "a"), .unreached(Self.down), at: Self.start)
        }
        #expect(queue.pauses.map(\.destination) == ["a"])
        queue.forgetPauses()
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
