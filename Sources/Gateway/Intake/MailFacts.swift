import Desk
import MailAuth
import MailFormat
import MailTypes

/// What the intake learns from a mail before it opens a transaction: everything that needs no database. The one writing
/// thread is the narrow place of the whole appliance, so whatever can be made ready is made ready here.
struct MailFacts: Sendable {
    /// A message that the mail names as one it answers.
    struct Reference: Sendable {
        var messageID: MessageID
        /// The case that a Message-ID signed by us names.
        var signed: TicketNumber?
        /// The consultation that a Message-ID signed by us names.
        var consultation: ConsultationMark?
    }

    /// The pools it was sent to, each with the first recipient address that leads there.
    var destinations: [Roster.Destination] = []
    /// Cases of signed reply addresses among the recipients.
    var signed: [TicketNumber] = []
    /// Cases of signed reverse-paths among the recipients: the mail is about one that we sent.
    var returned: [TicketNumber] = []
    /// Consultations of signed addresses among the recipients, and of marks in the subject.
    var consultations: [ConsultationMark] = []
    var marks: [ConsultationMark] = []
    /// Departments that have the author's address.
    var departments: Set<DepartmentID> = []
    /// Who wrote it: the first address of From, else Sender, else the reverse-path.
    var author: NamedAddress?
    /// The author writes from an address of the desk, which gives no rights from outside (DESIGN §5).
    var isAuthorInternal: Bool
    /// Others whom the author wrote to: To and Cc without our own addresses, at most 30.
    var others: [NamedAddress]
    var messageID: MessageID?
    /// In-Reply-To and References, the latest first, at most 30.
    var references: [Reference]
    /// The subject as text, cut to what the case keeps of it, and the case numbers that stand in it.
    var subject: String
    var stamps: [TicketNumber]
    /// For the root Message-ID of a case that the mail opens.
    var rootToken: String
    var sentAt: Timestamp?
    /// Written by a machine: moves nothing, makes nobody a participant.
    var isAutomatic: Bool
    /// What became of a mail of ours, told by a mail server.
    var report: Report?
    /// What it says about each recipient, where that could be read, and about which mails of ours it is.
    var reported: DeliveryReport?
    var returnedMessages: [MessageKey] = []
    /// The envelope of a sender who wants to be told that the mail has arrived.
    var asked: Envelope?
    /// Whom an automatic answer to it goes to; `nil`: to nobody.
    var answersTo: EmailAddress?
    /// The author's domain does not stand behind the mail: a stamp proves nothing (DESIGN §5).
    var failedDMARC = false
    /// Why a case that it opens goes to Spam; `nil`: it does not.
    var quarantine: String?
    /// Where the fields of Authentication-Results begin that claim to be ours and are not (RFC 8601 §5).
    var foreignResults: Set<Int>
    /// What the rules say, by the pool that the mail was sent to; empty where none are asked.
    var rules: [PoolID: RuleChoice] = [:]
    /// Rules may have it sent on: it is no bounce and was not sent on from here before.
    var maySendOn = false
    /// What FETCH commonly asks for, but for the subject, which the case's stamp goes into.
    var envelope: IMAPEnvelope.Frame
    var structure: [UInt8]
    /// What it is sorted and threaded by, but for the subject and the case's root.
    var keys: SortKeys.Frame

    /// What a report about a mail of ours says (RFC 3464 §2.3.3).
    enum Report: Sendable {
        case failed
        /// Delayed, delivered, relayed, expanded: nothing to do.
        case progress
    }

    init(_ content: ReceivedContent, to recipient: Envelope, roster: Roster, stamp: StampPattern, intake: Intake) {
        let header = content.header
        author =
            header.addresses(of: "From").first ?? header.addresses(of: "Sender").first
            ?? recipient.reversePath.map { NamedAddress(address: $0) }
        isAuthorInternal = author.map { Self.isInternal($0.address, roster) } ?? false
        var seen: Set<EmailAddress> = []
        let written = header.addresses(of: "To") + header.addresses(of: "Cc")
        others = Array(
            written.filter { !Self.isInternal($0.address, roster) && seen.insert($0.address).inserted }.prefix(30))
        messageID = header.messageID
        var named: [MessageID] = []
        for id in header.inReplyTo.reversed() + header.references.suffix(30).reversed() where !named.contains(id) {
            named.append(id)
        }
        references = named.filter { !AsideID.isOne($0, host: intake.configuration.hostname) }.prefix(30).map { id in
            let token = intake.keys.token(in: id, host: intake.configuration.hostname)
            return Reference(
                messageID: id, signed: token?.purpose == .reply ? token?.ticket : nil,
                consultation: token.flatMap(ConsultationMark.init))
        }
        let text = header.text("Subject") ?? ""
        subject = text.utf8.count <= 500 ? text : String(text.prefix(500))
        stamps = stamp.stamps(in: text).map { TicketNumber(rawValue: $0.number) }
        marks = ConsultationMark.marks(in: text)
        departments = author.map { roster.departments(with: $0.address) } ?? []
        rootToken = Base32.encode(intake.cryptography.randomOctets(10))
        sentAt = header.date
        let traits = MailTraits(header)
        isAutomatic = recipient.reversePath == nil || traits.isAutomatic
        envelope = IMAPEnvelope.Frame(header)
        structure = content.structure.encoded()
        let claims = AuthenticationResults.claims(of: intake.configuration.hostname.ascii, in: header)
        foreignResults = Set(claims.map(\.range.lowerBound))
        keys = SortKeys.Frame(header)
        for address in recipient.recipients { note(address, roster, intake.keys) }
        report = report(content, traits, recipient)
    }

    /// Whether a machine may answer: for mail from outside.
    mutating func noteAnswer(_ content: ReceivedContent, _ envelope: Envelope, _ roster: Roster) {
        let traits = MailTraits(content.header)
        let isFromDesk = isAuthorInternal || envelope.reversePath.map { Self.isInternal($0, roster) } == true
        answersTo = AutomaticAnswer.recipient(
            for: .init(
                reversePath: envelope.reversePath, author: author?.address,
                isUnanswerable: isAutomatic || report != nil || !traits.isDisjoint(with: [.list, .suppressesAutoResponse]),
                isFromDesk: isFromDesk))
    }

    /// Asks the rules of the desk. The budget is for all pools that the mail was sent to.
    mutating func judge(
        _ content: ReceivedContent, _ envelope: Envelope, _ roster: Roster, verdicts: MailVerdicts? = nil,
        host: HostFacts? = nil, now: Timestamp, within budget: RuleBudget
    ) {
        maySendOn = RuleSending.isAllowed(content.header, envelope, roster)
        let mail = IncomingRuleMail(content, envelope, verdicts: verdicts, host: host, clock: roster.clock, now: now)
        for destination in destinations {
            rules[destination.pool] = RuleChoice(mail, pool: destination.pool, roster: roster, within: budget)
        }
    }

    /// An address of the desk: of a pool, of an agent, or on the desk's own domain.
    static func isInternal(_ address: EmailAddress, _ roster: Roster) -> Bool {
        roster.destination(of: address) != nil || roster.agent(address: address) != nil
            || address.domain == roster.definition.domain
    }

    private mutating func note(_ recipient: EmailAddress, _ roster: Roster, _ keys: KeyRing) {
        if let destination = roster.destination(of: recipient),
            !destinations.contains(where: { $0.pool == destination.pool })
        {
            destinations.append(destination)
        }
        guard let token = keys.token(in: recipient) else { return }
        switch token.purpose {
        case .reply: signed.append(token.ticket)
        case .bounce:
            returned.append(token.ticket)
            returnedMessages.append(MessageKey(rawValue: token.subject))
        case .consultation: if let mark = ConsultationMark(token) { consultations.append(mark) }
        case .card, .rating: break
        }
    }

    /// The signed reverse-path is where autoresponders answer, too (RFC 3834 §4), with the same null reverse-path of their
    /// own: a report must be one by its type, or come from a mail system by its name.
    private mutating func report(_ content: ReceivedContent, _ traits: MailTraits, _ envelope: Envelope) -> Report? {
        // Some mail systems send reports in their own name, against RFC 3464 §2.
        let isOfSystem = envelope.reversePath.map {
            traits.contains(.deliveryStatus) && Self.daemons.contains(foldedName($0.localPart))
        }
        guard isOfSystem ?? true, !returned.isEmpty else { return nil }
        let localPart = author.map { foldedName($0.address.localPart) } ?? ""
        guard
            traits.contains(.deliveryStatus) || Self.daemons.contains(localPart) || localPart.hasPrefix("microsoftexchange")
                || content.header.contains("X-Failed-Recipients")
        else { return nil }
        reported = DeliveryReport.read(content.header, content.structure, content.head)
        // One that does not say what happened is taken for a failure.
        return reported.map { $0.isFailure ? .failed : .progress } ?? .failed
    }

    private static let daemons: Set<String> = ["mailer-daemon", "postmaster"]
}

extension MailFacts {
    /// Whether something in it points to a consultation; else none is looked for.
    var mayAnswerConsultation: Bool {
        !consultations.isEmpty || !departments.isEmpty || references.contains { $0.consultation != nil }
    }
}

extension ConsultationMark {
    /// Of a genuine token.
    fileprivate init?(_ token: SignedToken) {
        guard token.purpose == .consultation else { return nil }
        self.init(ticket: token.ticket, consultation: ConsultationID(rawValue: token.subject))
    }
}
