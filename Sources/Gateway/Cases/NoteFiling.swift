package import Desk
package import MailFormat
package import MailTypes

/// Files an internal note into its case (DESIGN §4): a message that never leaves, answered by another note.
package struct NoteFiling: Sendable {
    /// The stored mail whose body is the note.
    package struct Body: Sendable {
        package var content: ContentID
        package var bodyOffset: Int
        package var size: Int
        package var structure: [UInt8]
        package var digest: Int64
        package init(content: ContentID, bodyOffset: Int, size: Int, structure: [UInt8], digest: Int64) {
            (self.content, self.bodyOffset, self.size) = (content, bodyOffset, size)
            (self.structure, self.digest) = (structure, digest)
        }
    }

    private let keys: KeyRing
    private let cryptography: any Cryptography
    private let host: DomainName
    private let stamp: StampPattern
    private let agent: Roster.Agent

    package init(
        keys: KeyRing, cryptography: any Cryptography, host: DomainName, stamp: StampPattern, agent: Roster.Agent
    ) {
        (self.keys, self.cryptography, self.host) = (keys, cryptography, host)
        (self.stamp, self.agent) = (stamp, agent)
    }

    /// `submitted`: the header section of the agent's mail.
    package func file(_ submitted: HeaderSection, _ body: Body, into ticket: Ticket, _ work: CaseWork) throws
        -> MessageKey
    {
        let transaction = work.transaction
        let ticket = try work.beginWork(on: ticket, by: agent.id, reason: "noted")
        let header = HeaderSection(try compose(submitted, ticket, work))
        let sequence = try work.modSequence()
        let key = try transaction.insert(
            NewMessage(
                ticket: ticket.number, kind: .note, pool: ticket.pool, content: body.content,
                bodyOffset: body.bodyOffset, contentSize: body.size, header: header.octets,
                envelope: IMAPEnvelope.render(header), structure: body.structure, keys: SortKeys(header),
                internalDate: work.now, sentAt: work.now, modSequence: sequence,
                keywords: try transaction.tags(of: ticket.number), messageID: header.messageID,
                contentDigest: body.digest, agent: agent.id))
        try transaction.markSeen(key, by: agent.id, at: sequence)
        try work.place(key, of: ticket)
        try transaction.record(
            TicketEvent(ticket: ticket.number, at: work.now, kind: .noted, agent: agent.id, message: key))
        return key
    }

    /// From the agent by name, with the address that takes notes: whatever a client makes of an answer stays inside.
    private func compose(_ submitted: HeaderSection, _ ticket: Ticket, _ work: CaseWork) throws -> [UInt8] {
        let pool = work.roster.pools[ticket.pool]?.definition
        guard let id = MessageID("note-\(Base32.encode(cryptography.randomOctets(16)))@\(host.ascii)") else {
            preconditionFailure("a host name makes a Message-ID")
        }
        let notes = NamedAddress(displayName: agent.definition.name, address: work.roster.noteAddress)
        var composer = HeaderComposer(from: notes, replyTo: notes, messageID: id)
        composer.stamp = .init(prefix: pool?.prefix ?? "", number: ticket.number.rawValue)
        composer.pattern = stamp
        let written = submitted.addresses(of: "To") + submitted.addresses(of: "Cc")
        composer.removedAddresses = Set(written.map(\.address))
        var added = HeaderWriter()
        try added.structured("X-Stempel-Case", ticket.number.description)
        try added.structured("X-Stempel-Note", "internal")
        if let address = work.roster.address(of: ticket.pool, preferring: ticket.address) {
            try added.addresses("To", [NamedAddress(displayName: pool?.name, address: address)])
        }
        let composed = HeaderSection(try composer.compose(submitted, now: work.now))
        return HeaderRewriter(added: added.octets, root: ticket.rootMessageID(host: host), removedNames: ["To", "Cc"])
            .rewrite(composed)
    }
}

extension CaseWork {
    /// The assignee of a case works on it: a draft was begun, a note made. It is in progress from the first time on.
    package func beginWork(on ticket: Ticket, by agent: AgentID, reason: String) throws -> Ticket {
        guard ticket.status == .assigned, ticket.worker == agent else { return ticket }
        var changed = ticket
        changed.status = .inProgress
        return try move(ticket, to: changed, by: agent, reason: reason).ticket
    }
}
