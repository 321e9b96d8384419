import Desk
import MailTypes
import Testing

/// Where a mail belongs and as what it speaks (DESIGN §5).
@Suite struct MatchingTests {
    /// A mail that points to cases, and what comes of it for pool 1.
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var signed: [Candidate] = []
        var threaded: [Candidate] = []
        var stamped: [Candidate] = []
        var isOnlyPool = true
        var match: Match

        init(
            _ sentence: String, signed: [Candidate] = [], threaded: [Candidate] = [], stamped: [Candidate] = [],
            isOnlyPool: Bool = true, _ match: Match
        ) {
            testDescription = sentence
            (self.signed, self.threaded, self.stamped) = (signed, threaded, stamped)
            (self.isOnlyPool, self.match) = (isOnlyPool, match)
        }
    }

    private static func participant(_ number: Int64, pool: Int64 = 1, _ status: TicketStatus = .new) -> Candidate {
        Candidate(ticket: .sample(number, pool: pool, status: status), isParticipant: true)
    }
    private static func stranger(_ number: Int64, pool: Int64 = 1, _ status: TicketStatus = .new) -> Candidate {
        Candidate(ticket: .sample(number, pool: pool, status: status), isParticipant: false)
    }
    private static func customer(_ number: Int64) -> Match { .customer(TicketNumber(rawValue: number)) }
    private static func unconfirmed(_ number: Int64) -> Match { .unconfirmed(TicketNumber(rawValue: number)) }
    private static func new(linked: Int64? = nil, claimed: Int64? = nil) -> Match {
        .newCase(linked: linked.map(TicketNumber.init(rawValue:)), claimed: claimed.map(TicketNumber.init(rawValue:)))
    }

    static let rows: [Row] = [
        Row("nothing", new()),
        Row("signed by a participant", signed: [participant(1)], customer(1)),
        Row("signed by a stranger", signed: [stranger(1)], unconfirmed(1)),
        Row("threaded by a participant", threaded: [participant(1)], customer(1)),
        Row("threaded by a stranger", threaded: [stranger(1)], unconfirmed(1)),
        Row("stamped by a participant", stamped: [participant(1)], customer(1)),
        Row("stamped by a stranger", stamped: [stranger(1)], new(claimed: 1)),
        Row("the first stamp of two that its author may use", stamped: [stranger(1), participant(2)], customer(2)),
        Row("signed before threaded", signed: [participant(1)], threaded: [participant(2)], customer(1)),
        Row("threaded before stamped", threaded: [stranger(1)], stamped: [participant(2)], unconfirmed(1)),
        Row("the latest reference first", threaded: [participant(2), participant(1)], customer(2)),

        Row("another pool's case, where only that was written to", threaded: [participant(1, pool: 2)], customer(1)),
        Row("this pool's case before another's", threaded: [participant(1, pool: 2), participant(2)], customer(2)),
        Row(
            "another pool's case beside it: a linked case here", threaded: [participant(1, pool: 2)], isOnlyPool: false,
            new(linked: 1)),
        Row(
            "another pool's stamp beside it: a linked case here", stamped: [participant(1, pool: 2)],
            isOnlyPool: false, new(linked: 1)),
        Row(
            "signed for another pool, threaded for this one", signed: [participant(1, pool: 2)],
            threaded: [participant(2)], isOnlyPool: false, customer(2)),

        Row("signed alone into a closed case", signed: [participant(1, .closed)], new(linked: 1)),
        Row("signed alone into a closed case by a stranger", signed: [stranger(1, .closed)], new(linked: 1)),
        Row(
            "signed into a closed case with the thread", signed: [participant(1, .closed)],
            threaded: [participant(1, .closed)], customer(1)),
        Row(
            "signed into a closed case with the stamp", signed: [participant(1, .closed)],
            stamped: [participant(1, .closed)], customer(1)),
        Row(
            "signed into a closed case with a stamp of a stranger's", signed: [stranger(1, .closed)],
            stamped: [stranger(1, .closed)], new(linked: 1)),
        Row(
            "signed into a closed case with another's thread", signed: [participant(1, .closed)],
            threaded: [participant(2)], new(linked: 1)),
        Row("threaded into a closed case", threaded: [participant(1, .closed)], customer(1)),
        Row("stamped into a closed case", stamped: [participant(1, .closed)], customer(1)),
        Row("signed alone into a case that is done", signed: [participant(1, .done)], customer(1)),
        Row("threaded into spam", threaded: [participant(1, .spam)], customer(1)),
    ]

    @Test(arguments: rows) func `a mail belongs where the first good sign says`(row: Row) {
        let facts = MatchingFacts(signed: row.signed, threaded: row.threaded, stamped: row.stamped)
        let match = Matching.match(
            facts, pool: PoolID(rawValue: 1), isOnlyPool: row.isOnlyPool, now: Timestamp(seconds: 100),
            reopenWithin: .seconds(1000))
        #expect(match == row.match)
    }

    @Test(arguments: TicketStatus.allCases, [1000, 1001])
    func `only what was closed too long ago is not reopened`(status: TicketStatus, age: Int64) {
        for candidate in [Self.participant(1, status), Self.stranger(1, status)] {
            let match = Matching.match(
                MatchingFacts(threaded: [candidate]), pool: PoolID(rawValue: 1), isOnlyPool: true,
                now: Timestamp(seconds: age), reopenWithin: .seconds(1000))
            let isFollowed = status == .closed && age > 1000
            #expect(
                match
                    == (isFollowed
                        ? Self.new(linked: 1) : candidate.isParticipant ? Self.customer(1) : Self.unconfirmed(1)))
        }
    }

    @Test func `the root of a case names it and its token`() throws {
        let host = try #require(DomainName("mx.acme.example"))
        let ticket = Ticket.sample(1042)
        let root = try #require(ticket.rootMessageID(host: host))
        #expect(root.text == "ticket-1042.token@mx.acme.example")
        let parts = try #require(Ticket.rootParts(of: root, host: host))
        #expect(parts == (ticket.number, "token"))
        let later = try #require(ticket.cardMessageID(version: "a1", host: host))
        #expect(later != root)
        let laterParts = try #require(Ticket.rootParts(of: later, host: host))
        #expect(laterParts == (ticket.number, "token"))
        let others = [
            "ticket-0.token@mx.acme.example", "ticket-1042@mx.acme.example", "ticket-x.y@mx.acme.example",
            "ticket-1042.token@other.example", "xticket-1042.token@mx.acme.example",
        ]
        for text in others { #expect(MessageID(text).flatMap { Ticket.rootParts(of: $0, host: host) } == nil) }
    }
}
