import FuzzKit
import MailTypes
import NIOCore
import SMTPProtocol

/// The dialogue of a client that says what it likes: with a mail server, and with a submission server.
func fuzzSMTPServer(_ input: FuzzInput) {
    for role in [SMTPServerSession.Role.mx, .submission] {
        let configuration = configuration(role, input)
        let isSecured = input.chooses(3)
        var whole = SMTPServerDriver(configuration, isSecured: isSecured, answersLate: false)
        whole.feed([input.octets])
        var cut = SMTPServerDriver(configuration, isSecured: isSecured, answersLate: true)
        cut.feed(input.pieces)
        // What goes with STARTTLS is what was read with it, so that is a matter of the pieces.
        let isSame = whole.said == cut.said && whole.filed == cut.filed
        must(isSame || whole.hasBegunTLS || cut.hasBegunTLS, "pieces change a dialogue: \(whole.said) \(cut.said)")
        if input.chooses(4) { whole.stop() } else { whole.expire() }
        must(whole.isClosed || whole.isSettling, "a session that must end goes on")
    }
}

private func configuration(_ role: SMTPServerSession.Role, _ input: FuzzInput) -> SMTPServerSession.Configuration {
    var result = SMTPServerSession.Configuration(
        role: role, hostname: "mx.acme.example",
        tls: input.chooses(0) ? .unavailable : input.chooses(1) ? .required : .offered,
        allowsPlaintextLogin: input.chooses(2))
    result.limits.lineLength = input.chooses(5) ? 2048 : 60
    result.limits.authenticationLineLength = 120
    result.limits.messageSize = 200
    result.limits.recipients = 3
    result.limits.receivedFields = 2
    return result
}

/// Plays the driver of a session, and holds it against what must never be.
private struct SMTPServerDriver {
    private(set) var said: [String] = []
    private(set) var filed: [String] = []
    private(set) var hasBegunTLS = false
    private(set) var isClosed = false

    private var session: SMTPServerSession
    private let configuration: SMTPServerSession.Configuration
    private let answersLate: Bool
    private var input = ByteBuffer()
    private var kept: [UInt8] = []
    private var question: SMTPServerSession.Action?

    init(_ configuration: SMTPServerSession.Configuration, isSecured: Bool, answersLate: Bool) {
        session = SMTPServerSession(configuration: configuration, isSecured: isSecured)
        (self.configuration, self.answersLate) = (configuration, answersLate)
        perform(session.connected())
    }

    /// Whether a whole mail waits for its reply.
    var isSettling: Bool { if case .contentEnded = question { true } else { false } }

    mutating func feed(_ pieces: [[UInt8]]) {
        for piece in pieces where !isClosed {
            input.writeBytes(piece)
            pump()
            while let open = question, !isClosed {
                question = nil
                answer(open)
                pump()
            }
        }
    }

    mutating func expire() { if !isClosed { perform(session.timedOut()) } }

    mutating func stop() { if !isClosed { perform(session.shutdown()) } }

    private mutating func pump() {
        var steps = 0
        while !isClosed, question == nil {
            let before = input.readableBytes
            let action = session.receive(&input)
            steps = before == input.readableBytes ? steps + 1 : 0
            must(steps < 4, "the session goes round in a circle")
            guard action != .needMoreInput else { break }
            perform(action)
        }
        guard !isClosed else { return }
        if question != nil {
            let before = input.readableBytes
            must(session.receive(&input) == .needMoreInput, "the session did not wait for its answer")
            must(before == input.readableBytes, "the session read on before its answer")
        } else {
            let longest = max(configuration.limits.lineLength, configuration.limits.authenticationLineLength)
            must(input.readableBytes <= longest, "a line of \(input.readableBytes) octets waits for its end")
        }
    }

    private mutating func perform(_ action: SMTPServerSession.Action) {
        must(!isClosed, "an action after the end")
        switch action {
        case .needMoreInput: break
        case .reply(let reply), .refuse(let reply, _): write(reply)
        case .discardContent(let reply):
            kept = []
            write(reply)
        case .content(let octets): kept += octets.readableBytesView
        case .startTLS(let reply):
            must(input.readableBytes == 0, "octets in the clear were kept for TLS")
            must(configuration.tls != .unavailable && !session.isSecured, "TLS where there is none")
            write(reply)
            hasBegunTLS = true
            session.tlsEstablished()
            must(session.isSecured && !session.isAuthenticated && session.clientName == nil, "TLS forgot nothing")
        case .close(let reply):
            if let reply { write(reply) }
            isClosed = true
        case .verifyGreeting, .verifySender, .verifyRecipient, .verifyContent, .authenticate, .exchange, .contentEnded:
            if case .verifyGreeting = action { kept = [] }
            if answersLate { question = action } else { answer(action) }
        }
    }

    private mutating func answer(_ question: SMTPServerSession.Action) {
        switch question {
        case .verifyGreeting(let name):
            perform(session.greetingVerified(name == "banned.example" ? .refused(Self.refusal) : .accepted))
        case .verifyContent(let envelope):
            checkTrust()
            let isBanned = envelope.reversePath?.localPart == "silent"
            if let action = session.contentVerified(isBanned ? .refused(Self.refusal) : .accepted) { perform(action) }
        case .verifySender(let sender, _):
            checkTrust()
            perform(session.senderVerified(sender?.localPart == "banned" ? .refused(Self.refusal) : .accepted))
        case .verifyRecipient(.postmaster):
            perform(
                session.recipientVerified(
                    EmailAddress("postmaster@acme.example").map { .accepted($0) } ?? .refused(Self.refusal)))
        case .verifyRecipient(.address(let address)):
            perform(
                session.recipientVerified(address.localPart == "unknown" ? .refused(Self.refusal) : .accepted(address)))
        case .authenticate(let credentials):
            must(session.isSecured || configuration.allowsPlaintextLogin, "a password was read in the clear")
            must(configuration.role == .submission, "a login where there is none")
            perform(session.authenticationSettled(credentials.password == "secret" ? .accepted : .refused))
        case .exchange(let response):
            must(session.isSecured || configuration.allowsPlaintextLogin, "a login in the clear")
            switch response.octets.count % 4 {
            case 0: perform(session.authenticationSettled(.accepted))
            case 1: perform(session.authenticationSettled(.malformed))
            case 2: perform(session.authenticationSettled(.unavailable))
            default: perform(session.authenticationContinued(response.octets))
            }
        case .contentEnded(let envelope, let facts): file(envelope, facts)
        case .needMoreInput, .reply, .refuse, .content, .discardContent, .startTLS, .close: break
        }
    }

    private static let refusal = Reply(550, EnhancedStatus(5, 1, 1), "No")

    private func checkTrust() {
        must(configuration.role == .mx || session.isAuthenticated, "mail without login")
        must(configuration.tls != .required || session.isSecured, "mail without TLS")
    }

    private mutating func file(_ envelope: Envelope, _ facts: ContentFacts) {
        checkTrust()
        must(
            (1...configuration.limits.recipients).contains(envelope.recipients.count),
            "a mail to nobody, or to too many")
        must(kept.count == facts.octets && facts.octets <= configuration.limits.messageSize, "wrong size")
        must(facts.receivedFields <= configuration.limits.receivedFields, "a loop was let through")
        must(!hasBareLineEnd(kept), "content with a bare line end was let through")
        must(session.isInTransaction, "a mail outside of a transaction")
        filed.append("\(envelope) \(String(decoding: kept, as: UTF8.self))")
        kept = []
        perform(session.contentSettled(Reply(250, EnhancedStatus(2, 0, 0), "Filed")))
    }

    private mutating func write(_ reply: Reply) {
        var buffer = ByteBuffer()
        reply.write(into: &buffer)
        checkReply(Array(buffer.readableBytesView), reply.code)
        said.append(reply.description)
    }

    /// RFC 5321 §4.2.1, §4.5.3.1.5.
    private func checkReply(_ wire: [UInt8], _ code: ReplyCode) {
        must(wire.suffix(2) == [0x0D, 0x0A] && !hasBareLineEnd(wire), "a reply with a wrong line end")
        let lines = String(decoding: wire, as: UTF8.self).split(separator: "\r\n")
        for (index, line) in lines.enumerated() {
            let separator = index == lines.count - 1 ? " " : "-"
            must(line.hasPrefix("\(code)\(separator)"), "a reply out of shape: \(line)")
            must(
                line.utf8.count <= 510 && line.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F },
                "a reply too long, or with \(line)")
        }
    }
}
