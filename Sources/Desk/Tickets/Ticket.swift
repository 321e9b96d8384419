package import MailTypes

/// A case as rules see it: one conversation with a customer.
package struct Ticket: Sendable, Equatable {
    package let number: TicketNumber
    package var pool: PoolID
    package var status: TicketStatus
    package var assignee: AgentID?
    /// Who works on the case while its assignee is away.
    package var substitute: AgentID?
    /// The group in whose mailbox the case lies until a member takes it.
    package var group: GroupID?
    /// The mailbox that holds the case's messages: its one primary place.
    package var mailbox: MailboxID
    package var customer: CustomerID?
    /// The supervised address that the customer wrote to: answers leave from it.
    package var address: EmailAddress?
    /// The unguessable part of the root Message-ID.
    package var rootToken: String
    package var openedAt: Timestamp
    package var statusSince: Timestamp
    /// The custom folder that it was filed into: a place, whatever the status is.
    package var folder: FolderID?
    package var priority: Priority
    package var category: String?
    /// How the customer came: by mail if nobody says otherwise.
    package var source: TicketSource
    /// The case that took this one in: its number leads there.
    package var mergedInto: TicketNumber?
    /// First answer and solution.
    package var clock: TicketClock

    package init(
        number: TicketNumber, pool: PoolID, status: TicketStatus, assignee: AgentID?, group: GroupID?,
        mailbox: MailboxID, customer: CustomerID?, address: EmailAddress?, rootToken: String, openedAt: Timestamp,
        statusSince: Timestamp, folder: FolderID? = nil, priority: Priority = .normal, category: String? = nil,
        source: TicketSource = .mail, mergedInto: TicketNumber? = nil, clock: TicketClock = TicketClock()
    ) {
        (self.folder, self.priority, self.category, self.source) = (folder, priority, category, source)
        (self.mergedInto, self.clock) = (mergedInto, clock)
        (self.number, self.pool, self.status, self.assignee) = (number, pool, status, assignee)
        (self.group, self.mailbox, self.customer, self.address) = (group, mailbox, customer, address)
        (self.rootToken, self.openedAt, self.statusSince) = (rootToken, openedAt, statusSince)
    }

    /// Whose folders the case is in.
    package var worker: AgentID? { substitute ?? assignee }

    /// The Message-ID of the case's root, which no mail to the outside ever names (DESIGN §3).
    package func rootMessageID(host: DomainName) -> MessageID? {
        MessageID("ticket-\(number).\(rootToken)@\(host.ascii)")
    }

    /// The Message-ID of a card that took the place of another. Clients take a mail with the Message-ID of one that they
    /// moved for that one, and go on showing what it said; the thread holds together by the root, which all name.
    package func cardMessageID(version: String, host: DomainName) -> MessageID? {
        MessageID("ticket-\(number).\(rootToken).\(version)@\(host.ascii)")
    }

    /// Number and token of a root Message-ID of this host, or of a later card's; whether the token is right, only the case
    /// knows.
    package static func rootParts(of messageID: MessageID, host: DomainName) -> (TicketNumber, String)? {
        let text = messageID.text
        guard text.hasPrefix("ticket-"), let at = text.lastIndex(of: "@"),
            text[text.index(after: at)...].lowercased() == host.ascii
        else { return nil }
        let parts = text[..<at].dropFirst("ticket-".count).split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let number = Int64(parts[0]), number > 0 else { return nil }
        return (TicketNumber(rawValue: number), String(parts[1].prefix { $0 != "." }))
    }
}

/// What a mail of a case is (DESIGN §1). The number is what the database stores.
package enum MessageKind: Int64, Sendable, CaseIterable {
    case inbound = 1
    case outbound = 2
    case consultationOut = 3
    case consultationIn = 4
    case note = 5
    case event = 6
    case card = 7
    case automatic = 8
    /// A notice of Stempel into the case: a delivery failed, a mail came back.
    case notice = 9
    /// Mail of one agent outside any case: drafts, sent copies, templates, private mail.
    case personal = 10
    /// A mail that reached the case without proof that its sender takes part (DESIGN §5).
    case unconfirmed = 11
}

/// What happened to a case; events are never edited (DESIGN §2). The number is what the database stores.
package enum EventKind: Int64, Sendable, CaseIterable {
    case opened = 1
    case received = 2
    case statusChanged = 3
    case assigned = 4
    case poolChanged = 5
    case answered = 6
    case delivered = 7
    case deliveryFailed = 8
    case duplicate = 9
    case linked = 10
    case tagged = 11
    case untagged = 12
    case unconfirmed = 13
    case groupAssigned = 14
    case noted = 15
    case trashed = 16
    /// A mail of a colleague to somebody who does not take part.
    case forwarded = 17
    /// Rules held for a mail; the reason names them.
    case ruled = 18
    /// Filed into a custom folder, or taken out of one.
    case filed = 19
    case priorityChanged = 20
    case categoryChanged = 21
    case sourceChanged = 22
    /// An agent follows the case, or does so no more.
    case followed = 23
    case unfollowed = 24
    /// A mail waits to leave; it is held with a doubt; its agent recalled it.
    case held = 25
    case doubted = 26
    case recalled = 27
    /// This case took in another, or went into one; that was undone.
    case merged = 28
    case unmerged = 29
    /// A message became a case of its own.
    case split = 30
    /// A deadline passed.
    case overdue = 31
    case restored = 32
    case purged = 33
    case customerChanged = 34
    case participantAdded = 35
    case answeredAutomatically = 36
    case dueChanged = 37
    /// A mail waits for approval; what became of that, with the author as `from`.
    case approvalAsked = 38
    case approved = 39
    case approvalWithdrawn = 40
    case sentBack = 41
    case takenOver = 42
    case replaced = 43
    /// A department was asked, with its name as `to`; what came of that.
    case consulted = 44
    case consultationAnswered = 45
    case consultationOverdue = 46
    case consultationCancelled = 47
    case reminded = 48
    /// Somebody works on the case for its assignee, who is away, or does so no more.
    case substituted = 49
    /// The first answer left; the case was solved for the first time: the working seconds until then, and `late` or not.
    case firstAnswered = 60
    case solved = 61
    /// A question about the case was answered: its name, and the answer unless that is free text.
    case questionAnswered = 62
    /// The customer rated the case: what it was before, and is.
    case rated = 63
    /// The customer is not told that the case is over; the reason says why.
    case closingMailOmitted = 64
}
