import MailTypes
import NIOCore

/// One mail of a client session: which commands went out, which replies came, and what they mean for each recipient.
struct ClientTransaction {
    private enum Step: Equatable {
        case reset
        case mail
        case recipient(Int)
        case data
    }

    /// What the next reply asks for.
    enum Next: Equatable {
        case awaitReply
        case send(ByteBuffer)
        case sendContent
        /// Everybody was refused and DATA accepted all the same: an empty content ends it (RFC 2920 §3.1).
        case sendNothing
        case settled
        /// A reply that answers no such command: what comes next would be taken for what it is not.
        case outOfStep
    }

    let mail: SMTPClientSession.Mail
    private let extensions: ServerExtensions
    /// The content goes in chunks (RFC 3030). They are as fast as DATA where commands need not wait for each other, and no
    /// server can take a line in them for a command; DATA is left where the content can be read once only, since a server
    /// that turns out not to know them gets it a second time.
    let usesChunks: Bool
    private let steps: [Step]
    private var replies = 0
    private var outcomes: [RecipientOutcome.Result?]
    /// Whether the server may still hold this transaction when it is settled, so that the next begins with RSET.
    private(set) var needsReset = false

    init(_ mail: SMTPClientSession.Mail, extensions: ServerExtensions, needsReset: Bool) {
        (self.mail, self.extensions) = (mail, extensions)
        usesChunks = extensions.hasChunking && extensions.hasPipelining && mail.extent == .delivery
        steps =
            (needsReset ? [.reset] : []) + [.mail] + mail.envelope.recipients.indices.map(Step.recipient)
            + (mail.extent == .question || usesChunks ? [] : [.data])
        outcomes = mail.envelope.recipients.map { _ in nil }
    }

    /// Why this server cannot get this mail at all.
    static func obstacle(to mail: SMTPClientSession.Mail, at extensions: ServerExtensions) -> DeliveryProblem? {
        let envelope = mail.envelope
        let paths = envelope.recipients + (envelope.reversePath.map { [$0] } ?? [])
        if !paths.allSatisfy({ $0.localPart.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) {
            return DeliveryProblem(
                stage: .sender, status: EnhancedStatus(5, 1, 3), diagnostic: "an address holds a control character")
        }
        // A header that is not ASCII can be said in ASCII, an address cannot.
        if !paths.allSatisfy(\.isASCII), !extensions.hasSMTPUTF8 {
            return DeliveryProblem(
                stage: .sender, status: EnhancedStatus(5, 6, 7), diagnostic: "the next hop does not offer SMTPUTF8")
        }
        if envelope.wishes.requiresTLS, !extensions.hasRequireTLS {
            return DeliveryProblem(
                stage: .sender, status: EnhancedStatus(5, 7, 30), diagnostic: "the next hop does not offer REQUIRETLS")
        }
        if let size = mail.size, let maximum = extensions.maximumSize, size > maximum {
            return DeliveryProblem(
                stage: .sender, status: EnhancedStatus(5, 3, 4),
                diagnostic: "the mail is larger than the \(maximum) octets that the next hop takes")
        }
        return nil
    }

    /// What of the content has to be said anew first. Who takes SMTPUTF8 takes all octets (RFC 6531 §3.1).
    static func downgrade(_ mail: SMTPClientSession.Mail, at extensions: ServerExtensions) -> ContentDowngrade {
        guard !extensions.hasSMTPUTF8 else { return [] }
        var result: ContentDowngrade = mail.envelope.isSMTPUTF8 ? .header : []
        if mail.envelope.is8BitMIME, !extensions.has8BitMIME { result.insert(.body) }
        return result
    }

    /// The first command, or all of them at once (RFC 2920).
    func begin() -> ByteBuffer {
        var buffer = ByteBuffer()
        let ahead = mail.extent == .allOrNobody ? steps.dropLast() : steps[...]
        for step in extensions.hasPipelining ? ahead : steps.prefix(1) { write(step, into: &buffer) }
        return buffer
    }

    /// Where the dialogue stands.
    var stage: DeliveryProblem.Stage {
        guard replies < steps.count else { return .content }
        switch steps[replies] {
        case .reset, .mail: return .sender
        case .recipient: return .recipient
        case .data: return .data
        }
    }

    var isContentDue: Bool { replies == steps.count }

    mutating func receivedReply(_ reply: Reply) -> Next {
        guard replies < steps.count else {
            guard reply.code.severity != 3 else { return .outOfStep }
            contentReplied(reply)
            return .settled
        }
        let step = steps[replies]
        guard reply.code.severity >= 4 || (reply.code.severity == 3) == (step == .data) else { return .outOfStep }
        replies += 1
        let isPositive = reply.code.severity == 2
        switch step {
        case .reset: break
        case .mail:
            needsReset = isPositive
            if !isPositive { conclude(DeliveryProblem(stage: .sender, reply: reply)) }
        case .recipient(let index):
            if !isPositive, outcomes[index] == nil {
                outcomes[index] = result(DeliveryProblem(stage: .recipient, reply: reply))
            }
            if isPositive, mail.extent == .question { outcomes[index] = .delivered(reply) }
        case .data: return dataReplied(reply)
        }
        return advance()
    }

    private mutating func advance() -> Next {
        switch mail.extent {
        case .delivery:
            guard usesChunks, replies == steps.count else { break }
            return outcomes.contains { $0 == nil } ? .sendContent : .settled
        case .question: if replies == steps.count { return .settled }
        case .allOrNobody:
            guard replies == steps.count - 1 else { break }
            if let refused = outcomes.compactMap(\.self).first { return settleAll(refused) }
            var buffer = ByteBuffer()
            write(.data, into: &buffer)
            return .send(buffer)
        }
        if extensions.hasPipelining { return .awaitReply }
        // Nothing was sent ahead, so a hopeless transaction stops here.
        guard !outcomes.allSatisfy({ $0 != nil }) else { return .settled }
        var buffer = ByteBuffer()
        write(steps[replies], into: &buffer)
        return .send(buffer)
    }

    /// Somebody was refused, so nobody gets it.
    private mutating func settleAll(_ refused: RecipientOutcome.Result) -> Next {
        for index in outcomes.indices where outcomes[index] == nil { outcomes[index] = refused }
        return .settled
    }

    private mutating func dataReplied(_ reply: Reply) -> Next {
        let isWanted = outcomes.contains { $0 == nil }
        guard reply.code.number == 354 else {
            conclude(DeliveryProblem(stage: .data, reply: reply))
            return .settled
        }
        return isWanted ? .sendContent : .sendNothing
    }

    private mutating func contentReplied(_ reply: Reply) {
        needsReset = false
        if reply.code.severity == 2 {
            for index in outcomes.indices where outcomes[index] == nil { outcomes[index] = .delivered(reply) }
        } else {
            conclude(DeliveryProblem(stage: .content, reply: reply))
        }
    }

    /// All chunks were answered, and this reply counts. After a refused one the server waits for RSET (RFC 3030 §2).
    mutating func chunksReplied(_ reply: Reply) -> Next {
        contentReplied(reply)
        needsReset = reply.code.severity != 2
        return .settled
    }

    private func result(_ problem: DeliveryProblem) -> RecipientOutcome.Result {
        problem.isTransient ? .deferred(problem) : .failed(problem)
    }

    /// Whoever has no outcome yet gets this one.
    mutating func conclude(_ problem: DeliveryProblem) {
        for index in outcomes.indices where outcomes[index] == nil { outcomes[index] = result(problem) }
    }

    /// The outcomes of a settled transaction, in the order of the recipients.
    var settledOutcomes: [RecipientOutcome] {
        zip(mail.envelope.recipients, outcomes).map { recipient, outcome in
            guard let outcome else { preconditionFailure("a transaction was settled with a recipient left over") }
            var result = RecipientOutcome(recipient: recipient, result: outcome)
            result.passesRequestsOn = extensions.hasDSN
            return result
        }
    }

    private func write(_ step: Step, into buffer: inout ByteBuffer) {
        switch step {
        case .reset: buffer.writeString("RSET\r\n")
        case .mail: writeMail(into: &buffer)
        case .recipient(let index): writeRecipient(mail.envelope.recipients[index], into: &buffer)
        case .data: buffer.writeString("DATA\r\n")
        }
    }

    private func writeMail(into buffer: inout ByteBuffer) {
        let envelope = mail.envelope
        buffer.writeString("MAIL FROM:<\(envelope.reversePath?.description ?? "")>")
        if extensions.hasSize, let size = mail.size { buffer.writeString(" SIZE=\(size)") }
        if extensions.has8BitMIME, envelope.is8BitMIME { buffer.writeString(" BODY=8BITMIME") }
        let isUTF8 =
            envelope.isSMTPUTF8 || envelope.reversePath?.isASCII == false
            || !envelope.recipients.allSatisfy(\.isASCII)
        if isUTF8 { buffer.writeString(" SMTPUTF8") }
        if extensions.hasDSN {
            if let returned = envelope.wishes.returnedContent { buffer.writeString(" RET=\(returned.rawValue)") }
            if let id = envelope.wishes.envelopeID { buffer.writeString(" ENVID=\(id)") }
        }
        if envelope.wishes.requiresTLS { buffer.writeString(" REQUIRETLS") }
        buffer.writeString("\r\n")
    }

    /// With what is to be told about the recipient, where the server passes that on (RFC 3461 §5.2.1).
    private func writeRecipient(_ recipient: EmailAddress, into buffer: inout ByteBuffer) {
        buffer.writeString("RCPT TO:<\(recipient)>")
        if extensions.hasDSN, let request = mail.envelope.wishes.requests[recipient] {
            if let events = request.events { buffer.writeString(" NOTIFY=\(events.text)") }
            // Who is named differently from where it was submitted is known by that name still.
            let own = recipient.isASCII ? "rfc822;\(XText.encode(recipient.description))" : nil
            let original = request.originalRecipient ?? own
            if let original { buffer.writeString(" ORCPT=\(original)") }
        }
        buffer.writeString("\r\n")
    }
}
