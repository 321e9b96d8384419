import Desk
import MailTypes
import Testing

@Suite struct AutomaticAnswerTests {
    static let names: [(localPart: String, isMachine: Bool)] = [
        ("jan", false), ("noreply", true), ("no-reply", true), ("No_Reply", true), ("do.not.reply", true),
        ("noreply+42", true), ("noreply-orders", true), ("mailer-daemon", true), ("MAILER-DAEMON", true),
        ("postmaster", true), ("owner-list", true), ("list-request", true), ("list-owner", true), ("bounces+jan=x", true),
        ("bounce-123", true), ("list-bounces", true), ("requests", false), ("owner", false), ("jan.bounce", false),
        ("norbert.reply", false), ("bouncer", false), ("nie-odpowiadaj", true), ("", false),
    ]

    @Test(arguments: names) func `machines are known by their names`(localPart: String, isMachine: Bool) throws {
        let domain = try #require(DomainName("customer.example"))
        #expect(AutomaticAnswer.isMachine(EmailAddress(localPart: localPart, domain: domain)) == isMachine)
    }

    @Test func `an answer goes to the reverse-path, or to nobody`() throws {
        let jan = try #require(EmailAddress("jan@customer.example"))
        let shop = try #require(EmailAddress("no-reply@shop.example"))
        func recipient(
            _ path: EmailAddress?, author: EmailAddress?, isUnanswerable: Bool = false, isFromDesk: Bool = false
        ) -> EmailAddress? {
            AutomaticAnswer.recipient(
                for: .init(
                    reversePath: path, author: author, isUnanswerable: isUnanswerable, isFromDesk: isFromDesk))
        }
        #expect(recipient(jan, author: jan) == jan)
        #expect(recipient(jan, author: EmailAddress("other@elsewhere.example")) == jan)
        #expect(recipient(jan, author: nil) == jan)
        #expect(recipient(nil, author: jan) == nil)
        #expect(recipient(shop, author: jan) == nil)
        #expect(recipient(jan, author: shop) == nil)
        #expect(recipient(jan, author: jan, isUnanswerable: true) == nil)
        #expect(recipient(jan, author: jan, isFromDesk: true) == nil)
    }

    typealias Choices = (pool: String?, poolClosed: String?, own: String?, ownClosed: String?, rule: String?)
    static let choices: [(said: Choices, open: String?, closed: String?)] = [
        ((nil, nil, nil, nil, nil), nil, nil), (("a", nil, nil, nil, nil), "a", "a"),
        (("a", "b", nil, nil, nil), "a", "b"), ((nil, "b", nil, nil, nil), nil, "b"),
        (("a", "b", "c", nil, nil), "c", "c"), (("a", "b", "c", "d", nil), "c", "d"),
        (("a", "b", nil, "d", nil), "a", "d"), (("a", "b", "none", nil, nil), "none", "none"),
        (("a", "b", "c", "d", "e"), "e", "e"), (("a", "b", "c", "d", "none"), "none", "none"),
    ]

    @Test(arguments: choices) func `the rule counts before the address, and the address before the pool`(
        said: Choices, open: String?, closed: String?
    ) throws {
        func choice(_ word: String?) -> AutoReplyChoice? { word.map { $0 == "none" ? .silent : .template($0) } }
        let address = try #require(EmailAddress("info@desk.example"))
        let other = try #require(EmailAddress("help@desk.example"))
        let pool = PoolDefinition(
            name: "Help",
            addresses: [
                PoolAddress(address: other),
                PoolAddress(address: address, autoReply: choice(said.own), autoReplyClosed: choice(said.ownClosed)),
            ],
            autoReply: choice(said.pool), autoReplyClosed: choice(said.poolClosed))
        func chosen(isOpen: Bool) -> AutoReplyChoice? {
            AutomaticAnswer.choice(rule: choice(said.rule), pool: pool, address: address, isOpen: isOpen)
        }
        #expect(chosen(isOpen: true) == choice(open))
        #expect(chosen(isOpen: false) == choice(closed))
        #expect(
            AutomaticAnswer.choice(rule: nil, pool: pool, address: other, isOpen: true) == choice(said.pool))
    }
}
