package import Desk
package import MailTypes

/// A mail of an agent between its acceptance and its leaving: ready to leave, with everything that is to happen then.
/// Until then it is no message of its case.
package struct HeldMail: Sendable {
    /// What the case makes of it once it left. The number is what the database stores.
    package enum Departure: Int64, Sendable {
        case answer = 1
        case passOn = 2
        /// Opens the case whose number was taken for it.
        case newCase = 3
        /// What Stempel tells the customer in the agent's name: no answer, and the case stays where it is.
        case notice = 4
        /// A question to a department.
        case consultation = 5
        /// Tells the customer that the case is over, with links to rate it that nobody else sees.
        case closing = 6
    }

    /// The number is what the database stores.
    package enum State: Int64, Sendable {
        /// Leaves at its time.
        case waiting = 1
        /// Leaves when its agent says so.
        case doubted = 2
        case left = 3
        case recalled = 4
        /// Waits for a supervisor.
        case approval = 5
    }

    /// What supervisors have to do with it. Who was a trainee when sending stays one for that mail.
    package enum Approval: Sendable, Equatable {
        case none
        case needed
        case given(by: AgentID)
    }

    /// Stored octets with what is known of them.
    package struct Content: Sendable, Equatable {
        package var id: ContentID
        /// Octets before the body.
        package var bodyOffset: Int
        package var size: Int
        package var structure: [UInt8]
        package var digest: Int64
        package var isEightBit: Bool

        package init(
            id: ContentID, bodyOffset: Int, size: Int, structure: [UInt8], digest: Int64, isEightBit: Bool
        ) {
            (self.id, self.bodyOffset, self.size) = (id, bodyOffset, size)
            (self.structure, self.digest, self.isEightBit) = (structure, digest, isEightBit)
        }
    }

    package var agent: AgentID
    package var ticket: TicketNumber
    /// Of the case when the mail was accepted.
    package var pool: PoolID
    /// The supervised address that it leaves from.
    package var address: EmailAddress
    package var departure: Departure
    /// As decoded text: the subject of a case that it opens.
    package var subject: String
    package var messageID: MessageID
    /// The header section as it leaves, with its empty line.
    package var header: [UInt8]
    /// What leaves.
    package var leaving: Content
    /// What the agent's client sent: a recalled mail is this again. Of a closing mail: what the desk sees of it.
    package var original: Content
    package var recipients: [EmailAddress]
    /// The mails that it answers and passes on: they are marked so when it leaves.
    package var answered: MessageID?
    package var forwarded: [MessageID]
    /// Colleagues among the recipients: they follow the case.
    package var followers: [AgentID]
    /// The newest message of the case that the sender knew when writing.
    package var baseline: MessageKey
    package var clientMessageID: MessageID?
    package var acceptedAt: Timestamp
    package var releaseAt: Timestamp
    /// The sender chose the time.
    package var isScheduled: Bool
    /// Lines with commands about the case that are carried out when the mail has left.
    package var commands: [String]
    /// What its sender asked beside delivery.
    package var wishes = DeliveryWishes()
    package var approval = Approval.none
    /// The question that it asks.
    package var consultation: ConsultationID?
    /// It reminds a department; no agent wrote it.
    package var isReminder = false

    package init(
        agent: AgentID, ticket: TicketNumber, pool: PoolID, address: EmailAddress, departure: Departure,
        subject: String, messageID: MessageID, header: [UInt8], leaving: Content, original: Content,
        recipients: [EmailAddress], answered: MessageID?, forwarded: [MessageID], followers: [AgentID],
        baseline: MessageKey, clientMessageID: MessageID?, acceptedAt: Timestamp, releaseAt: Timestamp,
        isScheduled: Bool, commands: [String] = []
    ) {
        (self.agent, self.ticket, self.pool, self.address) = (agent, ticket, pool, address)
        (self.departure, self.subject, self.messageID, self.header) = (departure, subject, messageID, header)
        (self.leaving, self.original, self.recipients) = (leaving, original, recipients)
        (self.answered, self.forwarded, self.followers) = (answered, forwarded, followers)
        (self.baseline, self.clientMessageID, self.acceptedAt) = (baseline, clientMessageID, acceptedAt)
        (self.releaseAt, self.isScheduled, self.commands) = (releaseAt, isScheduled, commands)
    }
}

/// Where a held mail stands now.
package struct HeldMailStatus: Sendable, Equatable {
    package var id: HeldMailID
    package var agent: AgentID
    package var state: HeldMail.State
    /// The message that To send or Approval shows; of no meaning once the mail left or was recalled.
    package var message: MessageKey
    /// Its UID in its agent's To send, if it is there.
    package var uid: UID?
    /// Words of the doubts with which it is held.
    package var doubts: [String]
    /// When it left or was recalled.
    package var endedAt: Timestamp?

    package init(
        id: HeldMailID, agent: AgentID, state: HeldMail.State, message: MessageKey, uid: UID?, doubts: [String],
        endedAt: Timestamp?
    ) {
        (self.id, self.agent, self.state, self.message) = (id, agent, state, message)
        (self.uid, self.doubts, self.endedAt) = (uid, doubts, endedAt)
    }
}

extension HeldMail {
    /// What the case records when it leaves.
    var eventKind: EventKind { isReminder ? .reminded : departure.event }

    /// No agent wrote it.
    var isOfMachine: Bool { isReminder || departure == .closing }

    /// What people of the desk see of it.
    var shown: Content { departure == .closing ? original : leaving }

    /// What it is in its case.
    var messageKind: MessageKind {
        switch departure {
        case .answer, .passOn, .newCase: .outbound
        case .notice, .closing: .automatic
        case .consultation: .consultationOut
        }
    }
}
