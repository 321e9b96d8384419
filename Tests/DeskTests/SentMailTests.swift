import Desk
import MailTypes
import Testing

/// The table of DESIGN §4, row by row.
@Suite struct SentMailTests {
    private static let roles: [String: SentRecipient.Role] = [
        "customer": .participant, "firm": .participantsFirm, "other": .otherCustomer, "stranger": .stranger,
        "department": .department, "help": .supervised, "note": .note, "desk": .commands,
        "colleague": .agent(AgentID(rawValue: 2)),
    ]

    private static func recipients(_ words: String) -> [SentRecipient] {
        words.split(separator: " ").map { word in
            SentRecipient(address("\(word)@x.example"), roles[String(word)] ?? .stranger)
        }
    }

    private static func address(_ text: String) -> EmailAddress { EmailAddress(text)! }

    static let rows:
        [(to: String, kind: SentMail.Kind, answers: SentMail.Answered, hasCase: Bool, meaning: SentMeaning)] = [
            ("customer", .ordinary, .customersMail, true, .answer),
            ("customer", .ordinary, .nothing, true, .answer),
            ("customer help colleague", .ordinary, .outbound, true, .answer),
            ("customer stranger firm", .ordinary, .customersMail, true, .answer),
            ("customer note", .ordinary, .customersMail, true, .answer),
            ("customer", .ordinary, .internalMessage, true, .answer),
            ("customer", .forward, .nothing, true, .passOn),
            ("stranger", .forward, .nothing, true, .passOn),
            ("stranger", .ordinary, .customersMail, true, .passOn),
            ("other", .ordinary, .customersMail, true, .passOn),
            ("department", .ordinary, .nothing, true, .consult), ("department help", .forward, .nothing, true, .consult),
            ("department", .ordinary, .nothing, false, .refuse(.questionWithoutCase)),
            ("customer department", .ordinary, .customersMail, true, .answer),
            ("stranger", .ordinary, .nothing, false, .newCase),
            ("other stranger", .ordinary, .nothing, false, .newCase),
            ("stranger", .forward, .nothing, false, .newCase),
            ("note", .ordinary, .nothing, true, .note),
            ("note help colleague", .ordinary, .customersMail, true, .note),
            ("note desk", .ordinary, .customersMail, true, .note),
            ("note", .forward, .customersMail, true, .note),
            ("help", .ordinary, .internalMessage, true, .note),
            ("colleague", .ordinary, .internalMessage, true, .note),
            ("note", .ordinary, .nothing, false, .refuse(.noteWithoutCase)),
            ("help", .ordinary, .customersMail, true, .refuse(.nobodyOutside)),
            ("help", .ordinary, .nothing, false, .refuse(.nobodyOutside)),
            ("colleague", .ordinary, .outbound, true, .refuse(.nobodyOutside)),
            ("", .ordinary, .nothing, false, .refuse(.nobodyOutside)),
            ("desk", .ordinary, .nothing, false, .commands), ("desk", .ordinary, .customersMail, true, .commands),
            ("customer", .receipt, .customersMail, true, .nothing),
            ("customer", .calendarReply, .customersMail, true, .refuse(.calendar)),
            ("customer", .automatic, .customersMail, true, .refuse(.automatic)),
            ("customer", .redirected, .customersMail, true, .refuse(.redirected)),
        ]

    @Test(arguments: rows) func `what a mail means follows from its recipients and its kind`(
        to: String, kind: SentMail.Kind, answers: SentMail.Answered, hasCase: Bool, meaning: SentMeaning
    ) {
        let mail = SentMail(kind: kind, answers: answers, recipients: Self.recipients(to), hasCase: hasCase)
        #expect(SentMeaning(mail) == meaning)
    }

    @Test func `a receipt leaves only where the pool lets it`() {
        var mail = SentMail(kind: .receipt, recipients: Self.recipients("customer"), allowsReceipts: true)
        #expect(SentMeaning(mail) == .receipt)
        mail.hasCase = false
        #expect(SentMeaning(mail) == .nothing)
    }

    @Test func `a trainee's mail means what an agent's means, but a receipt, which nobody approves`() {
        for row in Self.rows {
            let mail = SentMail(
                kind: row.kind, answers: row.answers, recipients: Self.recipients(row.to), hasCase: row.hasCase,
                isByTrainee: true)
            #expect(SentMeaning(mail) == row.meaning)
        }
        let receipt = SentMail(
            kind: .receipt, recipients: Self.recipients("customer"), allowsReceipts: true, isByTrainee: true)
        #expect(SentMeaning(receipt) == .nothing)
    }

    @Test func `every refusal says something of its own`() {
        let sentences = Set(SentMeaning.Refusal.allCases.map(\.sentence))
        #expect(sentences.count == SentMeaning.Refusal.allCases.count)
        #expect(sentences.allSatisfy { $0.count > 20 && $0.allSatisfy(\.isASCII) })
    }

    // MARK: - Who somebody is

    @Test(arguments: [
        ("jan@firm.example", false, false, SentRecipient.Role.participant),
        ("JAN@firm.example", false, true, .participant), ("ewa@firm.example", false, false, .participantsFirm),
        ("ewa@firm.example", false, true, .participantsFirm), ("jan@home.example", true, true, .participantsFirm),
        ("eve@else.example", false, false, .stranger), ("eve@else.example", false, true, .otherCustomer),
        // Two people with the same mail provider are no colleagues.
        ("eve@gmail.com", false, false, .stranger), ("eve@gmail.com", false, true, .otherCustomer),
    ])
    func `a firm is a customer, or a domain that is nobody else's`(
        text: String, isSame: Bool, isElsewhere: Bool, role: SentRecipient.Role
    ) {
        let participants: Set = [Self.address("jan@firm.example"), Self.address("ola@gmail.com")]
        #expect(
            SentRecipient.Role(
                Self.address(text), participants: participants, isSameCustomer: isSame,
                isCustomerElsewhere: isElsewhere) == role)
    }

    // MARK: - Doubts

    private static let wrote = CaseChange(.customerWrote, by: "Jan", at: Timestamp(seconds: 500))
    private static let answered = CaseChange(.answered, by: "Bob", at: Timestamp(seconds: 400))

    static let doubts: [(to: String, meaning: SentMeaning, words: [String])] = [
        ("customer", .answer, []), ("customer firm help colleague", .answer, []),
        ("customer stranger", .answer, ["stranger"]), ("customer other", .answer, ["other-customer"]),
        ("customer note", .answer, ["mixed-recipients"]), ("customer desk", .answer, ["mixed-recipients"]),
        ("customer department", .answer, ["mixed-recipients"]),
        ("customer note stranger other", .answer, ["mixed-recipients", "stranger", "other-customer"]),
        ("stranger", .passOn, []), ("department", .passOn, []), ("department help", .passOn, []),
        ("other", .passOn, ["other-customer"]), ("stranger", .newCase, []), ("customer stranger", .newCase, []),
        ("customer other", .newCase, ["other-customer"]), ("note", .note, []), ("desk help", .commands, []),
    ]

    @Test(arguments: doubts) func `recipients raise doubts`(to: String, meaning: SentMeaning, words: [String]) {
        #expect(SendingFacts(meaning: meaning, recipients: Self.recipients(to)).doubts.map(\.word) == words)
    }

    @Test func `what came in between raises a doubt about answers only`() {
        var facts = SendingFacts(
            meaning: .answer, recipients: Self.recipients("customer"), changes: [Self.answered, Self.wrote])
        #expect(facts.doubts == [.caseChanged([Self.answered, Self.wrote])])
        facts.scheduledAt = Timestamp(seconds: 450)
        #expect(facts.doubts == [.customerWroteFirst(Self.wrote)])
        facts.scheduledAt = Timestamp(seconds: 600)
        #expect(facts.doubts == [.caseChanged([Self.answered, Self.wrote])])
        facts.meaning = .passOn
        #expect(facts.doubts == [])
    }

    @Test func `internal text is held back from the outside, not from a department`() {
        for (to, words) in [("customer", ["quotes-internal"]), ("stranger", ["quotes-internal"]), ("department", [])] {
            let facts = SendingFacts(meaning: .passOn, recipients: Self.recipients(to), quotesInternal: true)
            #expect(facts.doubts.map(\.word) == words)
        }
    }

    @Test func `doubts are told in the language of the agent`() {
        let doubts: [SendingDoubt] = [
            .caseChanged([Self.answered, Self.wrote]), .strangers([Self.address("eve@else.example")]),
        ]
        let english = SendingWords(.english, clock: UniversalTime()).line(doubts)
        #expect(
            english
                == "[Stempel] Not sent: since the mail that you answer: Bob answered at 00:06, Jan wrote at 00:08; "
                + "no participant of the case: eve@else.example. Move it to \"To send/Confirmed\" to send it all the same, "
                + "or to \"Drafts\" to mend it.")
        let polish = SendingWords(.polish, clock: UniversalTime())
        #expect(polish.line(doubts).contains("„Do wysłania/Potwierdzone”"))
        #expect(polish.alreadySent(at: Timestamp(seconds: 3661)) == "Juz wyslano o 01:01")
    }

    // MARK: - Quotations

    static let quotations: [(text: String, isQuoted: Bool)] = [
        ("On Monday you wrote:\n> he is a known troublemaker and\n> never pays his bills in time", true),
        ("He is a known TROUBLEMAKER, and never\r\npays", true),
        ("Hello\r\n\r\n-- \r\nAnna\r\n\r\n> he is a known troublemaker and\r\n> never pays", true), ("He is a known customer of ours", false),
        ("My parcel did not arrive and I want my money back", false), ("Call the boss\nfirst", true), ("", false),
    ]

    @Test(arguments: quotations) func `words of internal texts are found whatever lines they stand in`(
        text: String, isQuoted: Bool
    ) {
        let overlap = TextOverlap(
            secrets: [
                "> My parcel did not arrive and I want my money back\n\nHe is a known troublemaker and never pays his "
                    + "bills in time.\n-- \nAnna Nowak of the best customer service in town", "call the boss first",
            ],
            known: ["My parcel did not arrive and I want my money back!"])
        #expect(overlap.isQuoted(in: [text]) == isQuoted)
    }
}
