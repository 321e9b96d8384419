import Desk
import MailTypes
import Testing

@Suite struct RatingTests {
    @Test func `every rating has its keyword`() {
        #expect(Rating.allCases.map(\.keyword) == ["rating-1", "rating-2", "rating-3", "rating-4", "rating-5"])
        #expect(Rating.allCases.allSatisfy { Rating(keyword: $0.keyword.uppercased()) == $0 })
        #expect(["rating-0", "rating-6", "rating", "rating-44", "xrating-4"].allSatisfy { Rating(keyword: $0) == nil })
    }

    static let rated: [(tags: [String], result: [String])] = [
        ([], ["rating-4"]), (["vip"], ["vip", "rating-4"]), (["rating-1", "vip"], ["vip", "rating-4"]),
        (["Rating-2", "rating-3"], ["rating-4"]),
    ]
    @Test(arguments: rated) func `a case has one rating at a time`(tags: [String], result: [String]) {
        #expect(Rating.tags(tags, ratedAs: .good) == result)
    }

    static let kept: [(old: [String], wanted: [String], result: [String])] = [
        ([], ["vip"], ["vip"]), ([], ["rating-5"], []), (["rating-4"], ["rating-4", "vip"], ["rating-4", "vip"]),
        (["rating-4"], [], ["rating-4"]), (["rating-4"], ["RATING-4"], ["RATING-4"]),
        (["rating-4", "vip"], ["vip", "rating-5"], ["vip", "rating-4"]), (["vip"], [], []),
        (["rating-4", "vip"], ["rating-4", "vip"], ["rating-4", "vip"]),
    ]
    @Test(arguments: kept) func `nobody but the customer changes a rating`(
        old: [String], wanted: [String], result: [String]
    ) {
        #expect(Rating.keeping(old, in: wanted) == result)
    }
}

@Suite struct RatingInvitationTests {
    private static let sent = Timestamp(seconds: 1_800_000_000)
    private static let day = Duration.seconds(86400)

    private static func invitation() -> RatingInvitation {
        RatingInvitation(
            id: RatingID(rawValue: 7), ticket: TicketNumber(rawValue: 1042), address: AddressID(rawValue: 3), sentAt: sent)
    }

    static let rows: [(ratedAfter: Int?, now: Int, isOpen: Bool)] = [
        (nil, 0, true), (nil, 29, true), (nil, 30, false), (0, 6, true), (0, 7, false), (29, 35, true), (29, 36, false),
        // The clock was put back.
        (nil, -10, true), (5, -10, true),
    ]
    @Test(arguments: rows) func `a rating is given within 30 days and changed for 7`(
        ratedAfter: Int?, now: Int, isOpen: Bool
    ) {
        var invitation = Self.invitation()
        if let ratedAfter {
            let isTaken = invitation.rate(.good, at: Self.sent + Self.day * ratedAfter)
            #expect(isTaken)
        }
        #expect(invitation.isOpen(at: Self.sent + Self.day * now) == isOpen)
    }

    @Test func `changing goes on from the first rating, and ends after some forms`() {
        var invitation = Self.invitation()
        for vote in 0..<RatingInvitation.mostVotes {
            let isTaken = invitation.rate(vote % 2 == 0 ? .good : .bad, at: Self.sent + .seconds(vote))
            #expect(isTaken)
        }
        #expect(invitation.firstRatedAt == Self.sent && invitation.rating == .bad)
        let isTaken = invitation.rate(.veryGood, at: Self.sent + .seconds(100))
        #expect(!isTaken && invitation.rating == .bad)
    }

    @Test func `what has not left, and what a later mail took the place of, is open to nobody`() {
        var waiting = Self.invitation()
        waiting.sentAt = nil
        var superseded = Self.invitation()
        superseded.isSuperseded = true
        let taken = [waiting.rate(.good, at: Self.sent), superseded.rate(.good, at: Self.sent)]
        #expect(taken == [false, false])
    }
}

@Suite struct ClosingMailTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    static let cases: [(status: TicketStatus, isElsewhere: Bool, askedDaysAgo: Int?, isDue: Bool)] = [
        (.closed, false, nil, true), (.done, false, nil, true), (.closed, true, nil, false), (.waiting, false, nil, false),
        (.assigned, false, nil, false), (.new, false, nil, false), (.spam, false, nil, false),
        (.closed, false, 0, false), (.closed, false, 6, false), (.closed, false, 7, true), (.done, false, -3, true),
    ]
    @Test(arguments: cases) func `a case that is over is told of once in 7 days`(
        status: TicketStatus, isElsewhere: Bool, askedDaysAgo: Int?, isDue: Bool
    ) {
        let asked = askedDaysAgo.map { Self.now - .seconds($0 * 86400) }
        let facts = ClosingMail.Facts(status: status, isElsewhere: isElsewhere, lastAsked: asked)
        #expect(ClosingMail.isDue(facts, now: Self.now) == isDue)
    }

    static let mails: [(author: String, change: @Sendable (inout ClosingMail.Mail) -> Void, isAsked: Bool)] = [
        ("jan@customer.example", { _ in }, true), ("no-reply@shop.example", { _ in }, false),
        ("mailer-daemon@customer.example", { _ in }, false), ("list-request@lists.example", { _ in }, false),
        ("jan@customer.example", { $0.isUnanswerable = true }, false), ("jan@customer.example", { $0.isInternal = true }, false),
        ("jan@customer.example", { $0.isParticipant = false }, false),
        ("jan@customer.example", { $0.isUndeliverable = true }, false),
    ]
    @Test(arguments: mails.indices) func `only a person who can be reached is asked`(row: Int) throws {
        let (author, change, isAsked) = Self.mails[row]
        var mail = ClosingMail.Mail(
            author: try #require(EmailAddress(author)), isUnanswerable: false, isInternal: false, isParticipant: true,
            isUndeliverable: false)
        change(&mail)
        #expect(mail.isOfCustomer == isAsked)
    }
}
