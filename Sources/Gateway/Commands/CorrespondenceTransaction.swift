package import Desk
package import MailTypes

/// What passing on a case's mails needs of the database.
package protocol CorrespondenceTransaction {
    /// A message of a case with where its octets are; `nil` where it is gone or is part of no case.
    func filedMail(_ message: MessageKey) throws -> FiledMail?
    /// The messages of a case that are of these kinds, the oldest first.
    func messages(of ticket: TicketNumber, _ kinds: [MessageKind]) throws -> [MessageKey]
}

/// A message of a case, as it is passed on.
package struct FiledMail: Sendable {
    package var kind: MessageKind
    /// The colleague who wrote it.
    package var agent: AgentID?
    package var at: Timestamp
    /// As IMAP serves it.
    package var header: [UInt8]
    package var body: StoredBody

    package init(kind: MessageKind, agent: AgentID?, at moment: Timestamp, header: [UInt8], body: StoredBody) {
        (self.kind, self.agent, self.at, self.header, self.body) = (kind, agent, moment, header, body)
    }
}
